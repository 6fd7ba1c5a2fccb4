"""The charging station: blocks decide, ports are its hardware and its memory, app.py puts them together."""
