"""What a station reckons and shows of money."""
