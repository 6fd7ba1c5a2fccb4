"""Groups of tokens: those that may stop what another of them began (C09), as far as an operator says more of them."""

import msgspec

from stationmaster.domain.authorization.tokens import TokenStatus


class TokenGroup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What holds for every token of a group. One that nobody described has no limits.

    ``max_concurrent``: transactions that may run on all of its tokens at one time. ``is_master``: its tokens are master
    passes (C16), which stop and never start.
    """

    tenant: str
    name: str
    status: TokenStatus = "Accepted"
    max_concurrent: int | None = None
    is_master: bool = False
    note: str | None = None

    @property
    def key(self) -> str:
        return group_key(self.name)


class TokenGroupRemoved(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    name: str


class GroupUse(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction was begun on a token of the group."""

    tenant: str
    group_key: str
    transaction_key: int


def group_key(name: str) -> str:
    """What two spellings of one group have in common."""
    return name.casefold()
