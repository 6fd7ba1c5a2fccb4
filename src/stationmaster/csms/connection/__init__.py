"""A station on this node: the door, its connection, its desk, its message log."""
