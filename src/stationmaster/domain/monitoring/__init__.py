"""N02-N15 Monitors, alarms, event streams."""
