"""Commands as resources, and their shapes."""
