"""Transactions and their bills: looked through, and one of each."""

from importlib import import_module

# a path that is spelled out comes before one with a key in it
for _name in ("bills", "listing", "one"):
    import_module(f"{__name__}.{_name}")
