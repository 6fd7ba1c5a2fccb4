"""Tokens that nobody stored, and that are good for one session all the same (C05, C18, C24, C25).

A CSMS makes tokens of its own for sessions that it starts (Central), and payments have the reference of their provider
for a token (DirectPayment). Whoever had the session started, by a command of ours, vouches for either; for a payment
at a station's own terminal that station does.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from stationmaster.csms.ports import Commands
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.authorization.judging import VouchedBy
from stationmaster.domain.authorization.verdict import Question
from stationmaster.domain.command import Command
from stationmaster.domain.payment.payments import DIRECT_PAYMENT

AD_HOC = frozenset({"Central", DIRECT_PAYMENT})
SINCE = timedelta(hours=24)
"""How long after the command a station may tell of the session that it was asked for, as it may be offline."""


@dataclass(frozen=True, slots=True)
class Vouching:
    """Is asked about tokens that are not known."""

    commands: Commands
    settings: CsmsSettings

    async def __call__(self, question: Question) -> VouchedBy | None:
        """Who vouches for a token, as far as a station asks; None: nobody."""
        kind = question.id_token.type
        if question.station_key is None or kind not in (None, *AD_HOC):
            return None
        commands = await self.commands.commands_in_hand(question.station_key, question.at - SINCE)
        if any(_started_with(command, question) for command in commands):
            return "command"
        accepts = self.settings.policy(question.tenant).direct_payments == "accept"
        return "station" if kind == DIRECT_PAYMENT and accepts else None


def _started_with(command: Command, question: Question) -> bool:
    """1.x has no types of tokens; the command always has one."""
    if command.kind != "RequestStartTransaction":
        return False
    token: dict[str, Any] = command.request.get("id_token") or {}
    same_type = token.get("type") in AD_HOC and question.id_token.type in (None, token["type"])
    return same_type and str(token.get("value", "")).casefold() == question.id_token.value.casefold()
