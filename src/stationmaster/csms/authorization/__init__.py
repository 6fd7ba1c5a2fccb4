"""Who else is asked about tokens, and what is held of their money."""
