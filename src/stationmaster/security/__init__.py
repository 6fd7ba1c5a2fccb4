"""Secrets: how they are made, kept and compared."""
