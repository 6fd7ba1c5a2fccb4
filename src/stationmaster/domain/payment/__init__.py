"""C18-C25 Payments at stations and on web pages (2.1)."""
