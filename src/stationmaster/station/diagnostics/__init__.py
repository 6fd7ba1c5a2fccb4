"""What a station writes down of itself."""
