"""N01, N09, N10, A04: logs, what stations know of people, security events."""
