"""Display messages as a client writes them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from stationmaster.api.commands.diagnostics_drafts import Zoned
from stationmaster.api.commands.draft import Draft
from stationmaster.api.http.parameters import MAX_INT64, EvseId
from stationmaster.api.http.problems import invalid
from stationmaster.domain.device_model.addresses import Component
from stationmaster.domain.display_message import (
    MAX_EXTRA,
    MAX_ID,
    ClearDisplayMessage,
    GetDisplayMessages,
    MessageInfo,
    MessageState,
    Priority,
    SetDisplayMessage,
)
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Request
from stationmaster.domain.texts import Text, TextFormat

MessageId = Annotated[int, Meta(ge=0, le=MAX_ID)]
Language = Annotated[
    str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z", max_length=8, description="RFC 5646", examples=["de"])
]


class DisplayTextDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stations of 2.0 and 2.0.1 take 512 characters, those of 2.1 twice as many. ``language`` as in RFC 5646."""

    content: Annotated[str, Meta(min_length=1, max_length=1024)]
    language: Language | None = None
    format: TextFormat = "UTF8"

    def text(self) -> Text:
        return Text(content=self.content, language=self.language, format=self.format)


class MessageDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``from`` and ``to``: when it is shown; ``state``: while what goes on. ``transaction``: the key of one that is
    under way, with which the message goes. ``extra``: the same in other languages (2.1). ``evse_id``: the display of
    one EVSE, where the station has several."""

    message: DisplayTextDraft
    priority: Priority = "NormalCycle"
    state: MessageState | None = None
    from_at: Zoned | None = msgspec.field(name="from", default=None)
    to_at: Zoned | None = msgspec.field(name="to", default=None)
    transaction: Annotated[int, Meta(ge=1, le=MAX_INT64)] | None = None
    evse_id: EvseId | None = None
    extra: Annotated[tuple[DisplayTextDraft, ...], Meta(max_length=MAX_EXTRA)] = ()
    lifetime_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None

    def info(self, message_id: int, transaction_id: str | None) -> MessageInfo:
        """Raises a ProblemError of 422."""
        if self.from_at is not None and self.to_at is not None and self.from_at >= self.to_at:
            raise invalid("body.to", "it is not after from")
        languages = [text.language for text in (self.message, *self.extra)]
        if self.extra and (None in languages or len({str(each).casefold() for each in languages}) < len(languages)):
            raise invalid("body.extra", "each text needs a language of its own")
        return MessageInfo(
            id=message_id,
            priority=self.priority,
            message=self.message.text(),
            state=self.state,
            from_at=self.from_at,
            to_at=self.to_at,
            transaction_id=transaction_id,
            display=None if self.evse_id is None else Component(name="Display", evse=Evse(self.evse_id)),
            extra=tuple(text.text() for text in self.extra),
        )


class ListDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages the station is asked to tell of; without a filter all of them (O03, O04)."""

    ids: Annotated[tuple[MessageId, ...], Meta(max_length=100)] = ()
    priority: Priority | None = None
    state: MessageState | None = None
    lifetime_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None

    def request(self) -> Request:
        return GetDisplayMessages(ids=self.ids, priority=self.priority, state=self.state)


class SetDisplayMessageCommand(Draft, frozen=True, kw_only=True, tag="SetDisplayMessage"):
    """O01, O06, with an id that the client gives. Better set as a display message, whose id is drawn and which can be
    tied to a transaction."""

    id: MessageId
    message: DisplayTextDraft
    priority: Priority = "NormalCycle"
    state: MessageState | None = None
    from_at: Zoned | None = msgspec.field(name="from", default=None)
    to_at: Zoned | None = msgspec.field(name="to", default=None)
    extra: Annotated[tuple[DisplayTextDraft, ...], Meta(max_length=MAX_EXTRA)] = ()

    def request(self) -> Request:
        """Raises a ProblemError of 422."""
        draft = MessageDraft(
            message=self.message,
            priority=self.priority,
            state=self.state,
            from_at=self.from_at,
            to_at=self.to_at,
            extra=self.extra,
        )
        return SetDisplayMessage(info=draft.info(self.id, None))


class GetDisplayMessagesCommand(Draft, frozen=True, kw_only=True, tag="GetDisplayMessages"):
    """O03; with a filter O04."""

    ids: Annotated[tuple[MessageId, ...], Meta(max_length=100)] = ()
    priority: Priority | None = None
    state: MessageState | None = None

    def request(self) -> Request:
        return GetDisplayMessages(ids=self.ids, priority=self.priority, state=self.state)


class ClearDisplayMessageCommand(Draft, frozen=True, kw_only=True, tag="ClearDisplayMessage"):
    """O05."""

    id: MessageId

    def request(self) -> Request:
        return ClearDisplayMessage(id=self.id)
