"""Logs, customer information, the message log."""
