"""Variables, reports, templates, network profiles."""
