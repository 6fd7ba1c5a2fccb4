"""Answers to commands, which are one status word in 1.x."""

from typing import Any

from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer


def read_answer(facts: StationFacts, request: Any, answer: Any) -> CommandAnswer:
    """The status of any command's answer; one that is missing did not accept anything."""
    return CommandAnswer(status=answer.status or "Rejected")
