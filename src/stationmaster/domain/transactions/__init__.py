"""E Transactions: the life of one, its energy, how far it may go."""
