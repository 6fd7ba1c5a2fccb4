"""H Reservation: places kept for a token."""
