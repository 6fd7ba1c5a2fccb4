"""Tariffs, bills and running costs."""
