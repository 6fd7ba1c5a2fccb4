"""Tokens, groups, accounts, refusals, local lists."""
