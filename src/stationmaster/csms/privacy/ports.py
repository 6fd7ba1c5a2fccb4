"""What the erasure of a driver needs of the store."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.driver_data import Erasure, Subject
from stationmaster.domain.identity import IdToken


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
    async def tokens_of(
        self, tenant: str, *, contract_id: str | None = None, group: str | None = None, most: int
    ) -> Sequence[Token]:
        """Tokens of a contract, or of a group, by key."""
        ...


class PersonalData(Protocol):
    """Where persons stand in the store."""

    def is_through(self, erasure: Erasure) -> bool: ...
    async def erase(self, erasure: Erasure, subjects: Sequence[Subject]) -> Erasure:
        """The next portion, and how far it has come then, stored together. Raises StorageFailed."""
        ...

    async def collect(self, tenant: str, subjects: Sequence[Subject]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """All rows that hold one of the tokens, by table, and the tables of which there are more than are told."""
        ...

    async def forget_exports(self, tenant: str, token_keys: Collection[int]) -> int:
        """Exports that were put together before and tell of a token; how many those were. Raises StorageFailed."""
        ...

    async def listed_at(self, tenant: str, id_tokens: Sequence[IdToken]) -> Sequence[int]:
        """The stations that are known to have one of the tokens on their local lists."""
        ...

    async def forget_lists(self, tenant: str, id_tokens: Sequence[IdToken]) -> Sequence[int]:
        """Contents of local lists that name a token and that no station has; the stations that still have one. Raises
        StorageFailed."""
        ...

    async def remove_signed(self, tenant: str, token_keys: Sequence[str]) -> int:
        """Take what meters signed in the transactions of tokens; of how many readings. Raises StorageFailed."""
        ...

    async def count_signed(self, tenant: str, token_keys: Sequence[str]) -> int:
        """Readings of the transactions of tokens that a meter signed."""
        ...
