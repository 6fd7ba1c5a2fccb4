"""Payments on web pages, VAT numbers."""
