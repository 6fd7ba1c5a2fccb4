"""What people and programs may do."""

from typing import Literal, get_args

Role = Literal["viewer", "operator", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the least to the most that somebody may do; each may do what those before it may."""


def may(role: str, needed: Role) -> bool:
    """Whether a role is enough; one that nobody knows is not."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)
