"""C Authorization: tokens, and what is said of them."""
