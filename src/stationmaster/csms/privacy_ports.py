"""What the erasure of a driver needs of the store."""

from collections.abc import Sequence
from typing import Any, Protocol

from stationmaster.domain.authorization import Token
from stationmaster.domain.driver_data import Erasure, Subject


class PrivacyRows(Protocol):
    """Reads of what was done for drivers' rights."""

    async def erasures_under_way(self) -> Sequence[Erasure]:
        """Of every tenant, oldest first."""
        ...

    async def open_on(self, tenant: str, token_keys: Sequence[str]) -> Sequence[int]:
        """The keys of transactions that are under way on one of the tokens."""
        ...

    async def stations_that_saw(self, tenant: str, token_keys: Sequence[str]) -> Sequence[int]:
        """The keys of stations where one of the tokens charged, or was refused."""
        ...

    async def kept_of(self, tenant: str, token_keys: Sequence[str]) -> tuple[int, int, int]:
        """How many transactions, readings and bills there are on the tokens."""
        ...

    async def token(self, tenant: str, key: int) -> Token | None: ...


class PersonalData(Protocol):
    """Where persons stand in the store."""

    def is_through(self, erasure: Erasure) -> bool: ...
    async def erase(self, erasure: Erasure, subjects: Sequence[Subject]) -> Erasure:
        """The next portion, and how far it has come then, stored together. Raises StorageFailed."""
        ...

    async def collect(self, tenant: str, subjects: Sequence[Subject]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """All rows that hold one of the tokens, by table, and the tables of which there are more than are told."""
        ...
