"""What charging means, with no version and no I/O: frozen structs and pure functions for all three roles."""
