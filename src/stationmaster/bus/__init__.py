"""Between the parts of one node, and between nodes."""
