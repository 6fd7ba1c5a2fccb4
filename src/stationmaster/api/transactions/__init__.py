"""Transactions, their readings and their meters."""
