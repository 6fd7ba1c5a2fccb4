"""States of campaigns, of stations in them and of images, in words; and what can be done with a campaign in each."""

from collections.abc import Mapping
from typing import Any

import msgspec

from stationmaster.ui.formats import count
from stationmaster.ui.words import Look

CHANGES = ("CampaignChanged", "FirmwareStatusChanged", "StationBooted")
TABS = (("Campaigns", "/firmware"), ("Images", "/firmware/images"))

CAMPAIGNS: dict[str, Look] = {
    "draft": Look("draft", "quiet", "edit_note"),
    "running": Look("running", "busy", "play_circle"),
    "paused": Look("paused", "warn", "pause_circle"),
    "aborted": Look("aborted", "bad", "cancel"),
    "finished": Look("finished", "good", "check_circle"),
}
MEMBERS: dict[str, Look] = {
    "waiting": Look("waiting", "quiet", "schedule"),
    "under_way": Look("under way", "busy", "downloading"),
    "done": Look("done", "good", "done_all"),
    "failed": Look("failed", "bad", "error"),
    "offline": Look("was not there", "warn", "cloud_off"),
    "skipped": Look("skipped", "quiet", "skip_next"),
    "withdrawn": Look("not begun", "quiet", "block"),
}
IMAGES: dict[str, Look] = {
    "empty": Look("no content yet", "warn", "upload_file"),
    "ready": Look("ready", "good", "check_circle"),
    "retired": Look("retired", "quiet", "inventory_2"),
}
VERDICTS: dict[str, Look] = {
    "unsigned": Look("not signed", "warn", "no_encryption"),
    "verified": Look("signature fits", "good", "verified"),
    "wrong": Look("signature is wrong", "bad", "gpp_bad"),
    "not verifiable": Look("signature cannot be checked", "warn", "help"),
}


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What can be done with a campaign. ``states``: in which it is offered; ``question``: asked before, unless it only
    makes it wait."""

    word: str
    label: str
    icon: str
    states: frozenset[str]
    question: str = ""


DEEDS = (
    Deed(
        word="start",
        label="Start",
        icon="play_arrow",
        states=frozenset({"draft"}),
        question="Start it? Updates begin on the stations, wave by wave.",
    ),
    Deed(word="pause", label="Pause", icon="pause", states=frozenset({"running"})),
    Deed(
        word="resume",
        label="Go on",
        icon="play_arrow",
        states=frozenset({"paused"}),
        question="Go on with it? Updates begin again on the stations that wait.",
    ),
    Deed(
        word="retry",
        label="Try the failed ones again",
        icon="replay",
        states=frozenset({"paused", "finished"}),
        question="Try the failed ones again? Updates begin anew on the stations where they failed.",
    ),
    Deed(
        word="abort",
        label="Abort",
        icon="cancel",
        states=frozenset({"draft", "running", "paused"}),
        question="Abort it? No more updates begin, ever; what was sent goes on.",
    ),
)

_TOLD = ("done", "under_way", "waiting", "failed", "offline", "skipped", "withdrawn")


def progress_in_words(progress: Mapping[str, Any]) -> str:
    """``12 of 40 done, 3 under way, 1 failed``."""
    rest = [f"{count(progress[state])} {MEMBERS[state].label}" for state in _TOLD[1:] if progress[state]]
    return ", ".join([f"{count(progress['done'])} of {count(progress['stations'])} done", *rest])


def share_of(progress: Mapping[str, Any], *states: str) -> float:
    """How much of a bar these states fill, 0 to 1."""
    stations = progress["stations"]
    return sum(progress[state] for state in states) / stations if stations else 0.0
