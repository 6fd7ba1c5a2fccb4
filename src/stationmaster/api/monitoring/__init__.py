"""Monitors, alarms, events and streams."""
