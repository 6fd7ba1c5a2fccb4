"""D Local authorization list: sent by the CSMS, kept over restarts (D01.FR.09, .10), and changed by nothing else but,
before 1.6, by what the CSMS says of a token that is on it."""

from collections.abc import Callable

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import (
    NO_LIST,
    UNSUPPORTED,
    GetLocalListVersion,
    ListEntry,
    LocalListVersion,
    SendLocalList,
    duplicates,
)
from stationmaster.domain.messages import CommandAnswer, IdTokenInfo
from stationmaster.station.device_model.variable_table import ITEMS_PER_MESSAGE, MOST_LIST_BYTES, MOST_LIST_ENTRIES
from stationmaster.station.ports import Memory, TooMany
from stationmaster.station.settings import Configuration

_KEY = "local_list"


class Kept(msgspec.Struct, frozen=True):
    version: int = NO_LIST
    entries: tuple[ListEntry, ...] = ()


class LocalList:
    """``on_listed`` is told of each token that is put on the list."""

    def __init__(self, memory: Memory, configuration: Configuration) -> None:
        self._memory = memory
        self._configuration = configuration
        kept = memory.get(_KEY)
        self.on_listed: Callable[[IdToken], None] = lambda _: None
        self._version = NO_LIST
        self._entries: dict[str, ListEntry] = {}
        if kept is not None:
            self._take(msgspec.json.decode(kept, type=Kept))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def version(self) -> int:
        return self._version

    @property
    def entries(self) -> tuple[ListEntry, ...]:
        return tuple(self._entries.values())

    @property
    def size_bytes(self) -> int:
        """What it takes to keep it."""
        return len(self._memory.get(_KEY) or b"")

    def get(self, id_token: IdToken) -> IdTokenInfo | None:
        """What the list says of a token; None where it says nothing, or is switched off (D01.FR.13).

        Where one side has no type, the value alone counts.
        """
        if not self._configuration.now.local_list_enabled:
            return None
        found = self._entry(id_token)
        if found is None or found.info is None:
            return None
        busy = found.info.status == "ConcurrentTx" and self._configuration.conventions.lists_busy_tokens
        return msgspec.structs.replace(found.info, status="Accepted") if busy else found.info

    def learn(self, id_token: IdToken, info: IdTokenInfo) -> None:
        """1.5 §4.8, §4.10: the entry of a token becomes what the CSMS last said of it; the list's version stays."""
        found = self._entry(id_token)
        if found is not None and found.info != info:
            self._entries[found.name] = ListEntry(found.id_token, info)
            self._memory.put(_KEY, msgspec.json.encode(Kept(self._version, self.entries)))

    def _entry(self, id_token: IdToken) -> ListEntry | None:
        if id_token.type is None:
            return next((entry for entry in self._entries.values() if entry.id_token.key in id_token.keys), None)
        untyped = ListEntry(IdToken(id_token.value)).name
        return self._entries.get(ListEntry(id_token).name) or self._entries.get(untyped)

    async def tell_version(self, request: GetLocalListVersion) -> LocalListVersion:
        """D02.FR.01-.03; 1.6 §4.4."""
        if self._configuration.now.local_list_enabled:
            return LocalListVersion(version=self._version)
        return LocalListVersion(version=UNSUPPORTED if self._is_first_generation else NO_LIST)

    async def take(self, request: SendLocalList) -> CommandAnswer:
        """D01: all of it, or nothing."""
        if not self._configuration.now.local_list_enabled:
            status = "NotSupported" if self._is_first_generation else "Failed"
            return CommandAnswer(status=status, reason="NotEnabled", info="the local authorization list is off")
        if len(request.entries) > ITEMS_PER_MESSAGE:
            raise TooMany(f"more than {ITEMS_PER_MESSAGE} entries")
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        new = _with(self._entries if request.update == "Differential" else {}, request.entries)
        kept = Kept(request.version, tuple(new.values()))
        body = msgspec.json.encode(kept)
        if len(new) > MOST_LIST_ENTRIES or len(body) > MOST_LIST_BYTES:
            return CommandAnswer(status="Failed", reason="OutOfStorage", info=f"there is room for {MOST_LIST_ENTRIES}")
        self._memory.put(_KEY, body)
        self._take(kept)
        for entry in request.entries:
            if entry.info is not None:
                self.on_listed(entry.id_token)
        return CommandAnswer(status="Accepted")

    @property
    def _is_first_generation(self) -> bool:
        return self._configuration.conventions.list_may_be_unsupported

    def _refusal(self, request: SendLocalList) -> CommandAnswer | None:
        if request.version <= NO_LIST:  # D01.FR.18, 1.6 errata 3.52
            return CommandAnswer(status="Failed", reason="ValueOutOfRange", info="a version is greater than 0")
        twice = duplicates(request.entries)
        if twice:  # D01.FR.06
            return CommandAnswer(status="Failed", reason="InvalidValue", info=f"{twice[0]} is there twice")
        if request.update == "Full" and any(entry.info is None for entry in request.entries):
            return CommandAnswer(status="Failed", reason="MissingParam", info="a full list says what each token may do")
        if request.update == "Differential" and request.version <= self._version:  # D01.FR.19
            return CommandAnswer(status="VersionMismatch", info=f"the list has version {self._version}")
        return None

    def _take(self, kept: Kept) -> None:
        self._version = kept.version
        self._entries = {entry.name: entry for entry in kept.entries}


def _with(before: dict[str, ListEntry], changes: tuple[ListEntry, ...]) -> dict[str, ListEntry]:
    """D01.FR.15-.17."""
    after = dict(before)
    for entry in changes:
        if entry.info is None:
            after.pop(entry.name, None)
        else:
            after[entry.name] = entry
    return after
