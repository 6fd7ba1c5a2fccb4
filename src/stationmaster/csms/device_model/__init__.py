"""Inventories of stations, and settings that many of them are to have."""
