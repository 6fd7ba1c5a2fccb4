"""Texts for a driver in 2.x: MessageContentType."""

from collections.abc import Mapping

from stationmaster.dialects.v2.vocabulary import Vocabulary
from stationmaster.dialects.words import clip, words
from stationmaster.domain.texts import Text, TextFormat
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_FORMATS: Mapping[str | None, TextFormat] = words(TextFormat)
_CUT_ANYWHERE = frozenset({"ASCII", "UTF8"})


def read_text(message: wire.MessageContentType | None) -> Text | None:
    """The text; of a format that nobody knows it is plain."""
    if message is None or message.content is None:
        return None
    return Text(content=message.content, language=message.language, format=_FORMATS.get(message.format, "UTF8"))


def write_text(vocabulary: Vocabulary, text: Text | None) -> v21.MessageContentType | None:
    """The text, cut to what the version holds; None where half of it would be worth nothing, or the version has no
    such format: the message that it comes with must not fail for it."""
    if text is None or text.format not in vocabulary.text_formats:
        return None
    content = text.content[: vocabulary.longest_text]
    if content != text.content and text.format not in _CUT_ANYWHERE:
        return None
    return v21.MessageContentType(
        format=vocabulary.text_formats[text.format], language=clip(text.language, 8), content=content
    )
