"""What is seen to about transactions beside their messages."""
