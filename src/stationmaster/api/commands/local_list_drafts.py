"""Commands about local authorization lists as a client writes them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from stationmaster.api.authorization.tokens import Expiry, Group, TokenType, Value
from stationmaster.api.commands.draft import Draft
from stationmaster.api.http.parameters import MAX_INT32
from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import GetLocalListVersion, ListEntry, SendLocalList, Update
from stationmaster.domain.messages import AuthorizationStatus, IdTokenInfo, Request

MOST_ENTRIES = 1000


class ListEntryDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token of the list. ``remove``: it is to be taken off (Differential only)."""

    value: Value
    type: TokenType | None = None
    status: AuthorizationStatus = "Accepted"
    group: Group | None = None
    expires_at: Expiry | None = None
    remove: bool = False

    def entry(self) -> ListEntry:
        id_token = IdToken(self.value, self.type)
        return ListEntry(id_token) if self.remove else ListEntry(id_token, self._info())

    def _info(self) -> IdTokenInfo:
        expiry: datetime | None = self.expires_at
        group = None if self.group is None else IdToken(self.group, "Central")
        return IdTokenInfo(status=self.status, cache_expiry=expiry, group=group)


class SendLocalListCommand(Draft, frozen=True, kw_only=True, tag="SendLocalList"):
    """D01, a list written by hand. ``version``: null draws one that is higher than any that the station was sent.
    Where lists are kept by the CSMS, it puts the station's right again before long."""

    update: Update
    version: Annotated[int, Meta(ge=1, le=MAX_INT32)] | None = None
    entries: Annotated[tuple[ListEntryDraft, ...], Meta(max_length=MOST_ENTRIES)] = ()

    def with_version(self, version: int) -> SendLocalList:
        entries = tuple([entry.entry() for entry in self.entries])
        return SendLocalList(update=self.update, version=version, entries=entries)


class GetLocalListVersionCommand(Draft, frozen=True, kw_only=True, tag="GetLocalListVersion"):
    """D02."""

    def request(self) -> Request:
        return GetLocalListVersion()
