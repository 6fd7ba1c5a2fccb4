"""Write docs/coverage.md, or check that the committed page is up to date.

python tools/coverage.py            writes the page
python tools/coverage.py --check    fails, with a summary, if the committed page differs

The page is printed from the tables that messages are dispatched by (`stationmaster.dialects.coverage`), and from what
each role handles and makes (`halves.py`).
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from halves import handled_by_csms, handled_by_station, made_by_csms, made_by_station
from stationmaster.dialects import dialect_for
from stationmaster.dialects.coverage import BLOCKS, WAITS_FOR, Covered, coverage, request_of
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.version import VERSIONS, Version

_TITLES = {"der": "DER", "v2x": "V2X"}

PAGE = Path(__file__).resolve().parent.parent / "docs" / "coverage.md"

_HEAD = """# Coverage

Every action of every version, by functional block. 1.2, 1.5 and 1.6S are spoken in SOAP, the others in JSON.
**done**: one role makes it, the other handles and answers it. **CSMS**, **station**: that role's half is done, the
other's is not. **planned**: it waits for the work that its block names. **exempt**: refused on purpose; **lacking**:
1.6 has it in JSON, and this version has not; both for the reason below the table. An empty field: the version has no
such action.

This page is written by `python tools/coverage.py` from the tables that messages are dispatched by.
"""

_OTHER_HALF: Mapping[str, str] = {
    "firmware": "the local controller, which is who they go to and come from",
    "smart_charging": "charging profiles in the station",
}
"""What actions of a block wait for that only one role has its half of."""

_SENDERS: Mapping[Sender, str] = {Sender.STATION: "station", Sender.CSMS: "CSMS", Sender.BOTH: "both"}
_ROLES: Mapping[Sender, tuple[str, ...]] = {
    Sender.STATION: ("station",),
    Sender.CSMS: ("CSMS",),
    Sender.BOTH: ("CSMS", "station"),
}
_HANDLED: Mapping[str, frozenset[str]] = {"CSMS": handled_by_csms(), "station": handled_by_station()}
_MADE: Mapping[str, frozenset[str]] = {"CSMS": made_by_csms(), "station": made_by_station()}


class Row(msgspec.Struct, frozen=True):
    """An action of a version, and the roles whose half of it is there."""

    covered: Covered
    roles: frozenset[str]

    @property
    def state(self) -> str:
        if self.covered.state == "unsupported":
            return "exempt" if self.covered.exists else "lacking"
        if len(self.roles) == 1:
            return next(iter(self.roles))
        return "done" if self.roles else "planned"


def rows() -> list[Row]:
    """All that :func:`coverage` has, as the roles use it."""
    return [Row(covered, _roles_of(covered)) for covered in coverage()]


def _roles_of(covered: Covered) -> frozenset[str]:
    if covered.state != "done":
        return frozenset()
    request = request_of(dialect_for(covered.version), covered.action)
    name = "" if request is None else request.__name__
    sides = [(role, "station" if role == "CSMS" else "CSMS") for role in _ROLES[covered.sender]]
    halves = [(sender, name in _MADE[sender]) for sender, _ in sides]
    halves += [(receiver, name in _HANDLED[receiver]) for _, receiver in sides]
    return frozenset(role for role, _ in halves if all(there for whose, there in halves if whose == role))


def page() -> str:
    found = rows()
    blocks = [_block(block, [row for row in found if row.covered.block == block]) for block in BLOCKS]
    return "\n".join([_HEAD, _summary(found), *blocks])


def _summary(found: Iterable[Row]) -> str:
    lines = ["| | actions | done | CSMS | station | planned | exempt | lacking |", "|---|---|---|---|---|---|---|---|"]
    for version in VERSIONS:
        states = [row.state for row in found if row.covered.version == version]
        counts = (states.count(state) for state in ("done", "CSMS", "station", "planned", "exempt", "lacking"))
        own = len(messages(version))
        lines.append(f"| OCPP {version} | " + " | ".join(map(str, (own, *counts))) + " |")
    return "\n".join(lines) + "\n"


def _other_half(block: str) -> str:
    if block not in _OTHER_HALF:
        raise SystemExit(f"one role lacks its half of {block}: build it, or say in _OTHER_HALF what it waits for")
    return _OTHER_HALF[block]


def _block(block: str, found: list[Row]) -> str:
    lines = [f"## {_TITLES.get(block, block.replace('_', ' ').capitalize())}", ""]
    if any(row.state == "planned" for row in found):
        lines += [f"What is planned waits for: {WAITS_FOR[block]}.", ""]
    if any(row.state in _HANDLED for row in found):
        lines += [f"What only one role has its half of waits for: {_other_half(block)}.", ""]
    lines += [
        "| action | sent by | " + " | ".join(str(version) for version in VERSIONS) + " |",
        "|---|---|" + "---|" * len(VERSIONS),
    ]
    by_action: dict[str, dict[Version, Row]] = {}
    for row in found:
        by_action.setdefault(row.covered.action, {})[row.covered.version] = row
    for action in sorted(by_action):
        versions = by_action[action]
        senders = {_SENDERS[row.covered.sender] for row in versions.values()}
        fields = (versions[version].state if version in versions else "" for version in VERSIONS)
        lines.append(f"| {action} | {', '.join(sorted(senders))} | " + " | ".join(fields) + " |")
    reasons = _reasons([row.covered for row in found])
    lines += ["", *reasons] if reasons else []
    return "\n".join(lines) + "\n"


def _reasons(found: Iterable[Covered]) -> list[str]:
    """A line for each reason, with all that it holds of."""
    of_reason: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for each in found:
        if each.reason:
            actions, versions = of_reason.setdefault(each.reason, ({}, {}))
            actions[each.action] = versions[each.version] = None
    return [
        f"- {_listed(actions)} in {_listed(versions)}: {reason}." for reason, (actions, versions) in of_reason.items()
    ]


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page would change")
    if not parser.parse_args().check:
        PAGE.write_text(page(), "utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text("utf-8") != page():
        print("docs/coverage.md is not up to date: run `python tools/coverage.py`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
