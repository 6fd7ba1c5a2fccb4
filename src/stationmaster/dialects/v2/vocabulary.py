"""The words that grew from 2.0 to 2.1 and that a transaction needs: a word too new must not cost the message."""

from collections.abc import Mapping
from typing import Any

import msgspec

from stationmaster.dialects.words import words
from stationmaster.ocpp import v21, v201


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """What one version may say, typed as 2.1's words.

    ``signs_freely``: signed values name their methods as text; 2.0 has lists of its own, which hold none of today's.
    ``limits_evses``: the answer to a transaction's event can say which EVSEs a token is for.
    ``limits_transactions``: a transaction's event and its answer can say how far it may go.
    ``longest_text``: characters of a text for the driver. ``shows_languages``: a display message may come in several
    languages. ``message_states``: those that it can be for.
    """

    measurands: Mapping[str, v21.MeasurandEnumType]
    locations: Mapping[str, v21.LocationEnumType]
    trigger_reasons: Mapping[str, v21.TriggerReasonEnumType]
    reasons: Mapping[str, v21.ReasonEnumType]
    text_formats: Mapping[str, v21.MessageFormatEnumType]
    message_states: Mapping[str, v21.MessageStateEnumType]
    signs_freely: bool = True
    limits_evses: bool = True
    limits_transactions: bool = False
    longest_text: int = 512
    shows_languages: bool = False


def _vocabulary(version: Any, **differs: Any) -> Vocabulary:
    return Vocabulary(
        measurands=words(version.MeasurandEnumType),
        locations=words(version.LocationEnumType),
        trigger_reasons=words(version.TriggerReasonEnumType),
        reasons=words(version.ReasonEnumType),
        text_formats=words(version.MessageFormatEnumType),
        message_states=words(version.MessageStateEnumType),
        **differs,
    )


# 2.0 is written in 2.0.1's words, for which the codec knows 2.0's own.
VOCABULARIES: Mapping[str, Vocabulary] = {
    "2.0": _vocabulary(v201, signs_freely=False, limits_evses=False),
    "2.0.1": _vocabulary(v201),
    "2.1": _vocabulary(v21, limits_transactions=True, longest_text=1024, shows_languages=True),
}
