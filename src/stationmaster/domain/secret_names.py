"""Which members and variables hold secrets, by their names: nothing says so but those."""

import re

MASK = "***"
"""What stands in a secret's place."""

SECRET_NAME = re.compile(
    r"password|secret|passphrase|^authorizationkey$|^(sim_?)?pin$|^vpn_?key$|^private_?key$", re.IGNORECASE
)


def is_secret(name: str) -> bool:
    """Whether what bears this name is never stored, logged or shown."""
    return SECRET_NAME.search(name) is not None
