"""The tables, by functional block."""
