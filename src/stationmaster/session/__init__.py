"""One live connection of either side: bytes, peer, decode, dialect, handler, and back."""
