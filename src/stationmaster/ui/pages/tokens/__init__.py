"""Tokens: who may charge, their groups, their money, and who was refused."""

from importlib import import_module

# a path that is spelled out comes before one with a key in it
for _name in ("accounts", "groups", "importing", "listing", "refusals", "one", "one_account"):
    import_module(f"{__name__}.{_name}")
