"""J Meter values: what was measured and what was signed."""
