"""Tariffs, bills, charge detail records, sites."""
