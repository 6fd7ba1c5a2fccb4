"""How records become rows, by functional block."""
