"""O Display messages in 2.x. What a version cannot say of one is refused: a driver must not read half of it."""

from collections.abc import Mapping

from stationmaster.dialects.moments import utc
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.components import read_component, write_component
from stationmaster.dialects.v2.parts import read_answer, write_status_info
from stationmaster.dialects.v2.texts import read_text
from stationmaster.dialects.v2.vocabulary import VOCABULARIES
from stationmaster.dialects.words import words
from stationmaster.domain.display_message import (
    ClearDisplayMessage,
    GetDisplayMessages,
    MessageInfo,
    MessageState,
    NotifyDisplayMessages,
    Priority,
    SetDisplayMessage,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.domain.texts import Text
from stationmaster.ocpp import v21, v201
from stationmaster.ocpp.v21 import lenient as wire

_PRIORITIES: Mapping[str | None, Priority] = words(Priority)
_STATES: Mapping[str | None, MessageState] = words(MessageState)
_OLD_WORDS = (words(v201.DisplayMessageStatusEnumType), words(v201.ClearMessageStatusEnumType))
_WORDS = {
    "2.0": _OLD_WORDS,
    "2.0.1": _OLD_WORDS,
    "2.1": (words(v21.DisplayMessageStatusEnumType), words(v21.ClearMessageStatusEnumType)),
}
"""By version, the words that answer a setting and a clearing."""
_GOT: Mapping[str, v21.GetDisplayMessagesStatusEnumType] = words(v21.GetDisplayMessagesStatusEnumType)


# ── One message ─────────────────────────────────────────────────────────────────────────────────────────────────


def _read_info(info: wire.MessageInfoType | None) -> MessageInfo:
    """As a station must read it: when and where a message is shown cannot be guessed."""
    if info is not None and info.priority not in _PRIORITIES:
        raise Unattributable("message.priority")
    if info is not None and info.state is not None and info.state not in _STATES:
        raise Unattributable("message.state")
    return _as_told(info)


def _as_told(info: wire.MessageInfoType | None) -> MessageInfo:
    """As a CSMS reads what is there; a word that nobody knows is the mildest one."""
    text = None if info is None else read_text(info.message)
    if info is None or info.id is None or text is None:
        raise Unattributable("message.id" if info is None or info.id is None else "message.message")
    extra = [read_text(each) for each in info.message_extra]
    return MessageInfo(
        id=info.id,
        priority=_PRIORITIES.get(info.priority, "NormalCycle"),
        message=text,
        state=_STATES.get(info.state),
        from_at=utc(info.start_date_time),
        to_at=utc(info.end_date_time),
        transaction_id=info.transaction_id,
        display=None if info.display is None else read_component(info.display),
        extra=tuple(each for each in extra if each is not None),
    )


def _write_info(facts: StationFacts, info: MessageInfo) -> v21.MessageInfoType:
    """Raises Unsupported for what the version has no words for."""
    vocabulary = VOCABULARIES[facts.version]
    if info.extra and not vocabulary.shows_languages:
        raise Unsupported(f"OCPP {facts.version} has a display message in one language only")
    if info.state is not None and info.state not in vocabulary.message_states:
        raise Unsupported(f"OCPP {facts.version} has no display messages for the state {info.state}")
    return v21.MessageInfoType(
        id=info.id,
        priority=info.priority,
        state=info.state,
        start_date_time=info.from_at,
        end_date_time=info.to_at,
        transaction_id=info.transaction_id,
        display=None if info.display is None else write_component(info.display),
        message=_write_text(facts, info.message),
        message_extra=tuple(_write_text(facts, text) for text in info.extra),
    )


def _write_text(facts: StationFacts, text: Text) -> v21.MessageContentType:
    vocabulary = VOCABULARIES[facts.version]
    if text.format not in vocabulary.text_formats:
        raise Unsupported(f"OCPP {facts.version} has no texts of the format {text.format}")
    if len(text.content) > vocabulary.longest_text:
        raise Unsupported(f"OCPP {facts.version} carries at most {vocabulary.longest_text} characters of a text")
    return v21.MessageContentType(
        format=vocabulary.text_formats[text.format], language=text.language, content=text.content
    )


# ── The messages about them ─────────────────────────────────────────────────────────────────────────────────────


def read_set(facts: StationFacts, message: wire.SetDisplayMessageRequest) -> SetDisplayMessage:
    return SetDisplayMessage(info=_read_info(message.message))


def write_set(facts: StationFacts, request: SetDisplayMessage) -> v21.SetDisplayMessageRequest:
    return v21.SetDisplayMessageRequest(message=_write_info(facts, request.info))


def write_set_answer(
    facts: StationFacts, request: SetDisplayMessage, answer: CommandAnswer
) -> v21.SetDisplayMessageResponse:
    return v21.SetDisplayMessageResponse(
        status=_WORDS[facts.version][0].get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def read_get(facts: StationFacts, message: wire.GetDisplayMessagesRequest) -> GetDisplayMessages:
    """2.0 may leave out the number, and knows no other way to tell lists apart."""
    return GetDisplayMessages(
        request_id=message.request_id or 0,
        ids=message.id,
        priority=_PRIORITIES.get(message.priority),
        state=_STATES.get(message.state),
    )


def write_get(facts: StationFacts, request: GetDisplayMessages) -> v21.GetDisplayMessagesRequest:
    if request.state is not None and request.state not in VOCABULARIES[facts.version].message_states:
        raise Unsupported(f"OCPP {facts.version} has no display messages for the state {request.state}")
    return v21.GetDisplayMessagesRequest(
        request_id=request.request_id, id=request.ids, priority=request.priority, state=request.state
    )


def write_get_answer(
    facts: StationFacts, request: GetDisplayMessages, answer: CommandAnswer
) -> v21.GetDisplayMessagesResponse:
    return v21.GetDisplayMessagesResponse(
        status=_GOT.get(answer.status, "Unknown"), status_info=write_status_info(answer)
    )


def read_clear(facts: StationFacts, message: wire.ClearDisplayMessageRequest) -> ClearDisplayMessage:
    if message.id is None:
        raise Unattributable("id")
    return ClearDisplayMessage(id=message.id)


def write_clear(facts: StationFacts, request: ClearDisplayMessage) -> v21.ClearDisplayMessageRequest:
    return v21.ClearDisplayMessageRequest(id=request.id)


def write_clear_answer(
    facts: StationFacts, request: ClearDisplayMessage, answer: CommandAnswer
) -> v21.ClearDisplayMessageResponse:
    return v21.ClearDisplayMessageResponse(
        status=_WORDS[facts.version][1].get(answer.status, "Unknown"), status_info=write_status_info(answer)
    )


def read_list(facts: StationFacts, message: wire.NotifyDisplayMessagesRequest) -> NotifyDisplayMessages:
    """A message that cannot be told from others is left out of the list."""
    readable = [info for info in message.message_info if info.id is not None and read_text(info.message) is not None]
    return NotifyDisplayMessages(
        request_id=message.request_id,
        messages=tuple(map(_as_told, readable)),
        to_be_continued=bool(message.tbc),
    )


def write_list(facts: StationFacts, request: NotifyDisplayMessages) -> v21.NotifyDisplayMessagesRequest:
    return v21.NotifyDisplayMessagesRequest(
        request_id=request.request_id or 0,
        message_info=tuple(_write_info(facts, info) for info in request.messages),
        tbc=request.to_be_continued,
    )


def write_list_answer(
    facts: StationFacts, request: NotifyDisplayMessages, answer: Acknowledged
) -> v21.NotifyDisplayMessagesResponse:
    return v21.NotifyDisplayMessagesResponse()


def _read_list_answer(facts: StationFacts, request: NotifyDisplayMessages, answer: object) -> Acknowledged:
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {
    "SetDisplayMessage": Incoming(read_set, write_set_answer),
    "GetDisplayMessages": Incoming(read_get, write_get_answer),
    "ClearDisplayMessage": Incoming(read_clear, write_clear_answer),
    "NotifyDisplayMessages": Incoming(read_list, write_list_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    SetDisplayMessage: one_call("SetDisplayMessage", write_set, read_answer),
    GetDisplayMessages: one_call("GetDisplayMessages", write_get, read_answer),
    ClearDisplayMessage: one_call("ClearDisplayMessage", write_clear, read_answer),
    NotifyDisplayMessages: one_call("NotifyDisplayMessages", write_list, _read_list_answer),
}
