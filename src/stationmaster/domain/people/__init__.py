"""Who works with the system, and what they did."""
