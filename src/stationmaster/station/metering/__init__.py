"""Which values go into which message, and their signatures."""
