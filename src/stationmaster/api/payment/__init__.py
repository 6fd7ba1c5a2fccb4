"""Payments and what was settled of them."""
