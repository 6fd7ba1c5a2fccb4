"""What the local lists read."""

from collections.abc import Sequence
from typing import Protocol

from stationmaster.domain.authorization.token_groups import TokenGroup
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.local_list.entries import ListContent
from stationmaster.domain.queries import Page, PageRequest


class ListRows(Protocol):
    async def all_tokens(self, tenant: str) -> Sequence[Token]: ...
    async def token_groups(self, tenant: str, request: PageRequest = ...) -> Page[TokenGroup]: ...
    async def list_content(self, tenant: str, digest: str) -> ListContent | None: ...
    async def local_list_wish(self, station_key: int) -> bool | None:
        """Whether an operator wants a station's list kept; None: as the tenant's policy has it."""
        ...
