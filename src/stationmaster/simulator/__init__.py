"""Simulated vehicles, drivers and electricity for the charging station's hardware port."""
