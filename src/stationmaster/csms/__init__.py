"""The CSMS: blocks decide, ports are what they need, app.py puts them together."""
