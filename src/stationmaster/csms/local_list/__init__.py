"""Local authorization lists: compiled, sent, repaired."""
