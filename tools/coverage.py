"""Write docs/coverage.md, or check that the committed page is up to date.

python tools/coverage.py            writes the page
python tools/coverage.py --check    fails, with a summary, if the committed page differs

The page is printed from the tables that messages are dispatched by (`stationmaster.dialects.coverage`).
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from stationmaster.dialects.coverage import BLOCKS, WAITS_FOR, Covered, coverage
from stationmaster.ocpp.messages import Sender
from stationmaster.ocpp.version import JSON_VERSIONS, Version

PAGE = Path(__file__).resolve().parent.parent / "docs" / "coverage.md"

_HEAD = """# Coverage

Every action of every version that is spoken in JSON, by functional block. **done**: both roles send, receive and answer
it. **planned**: it waits for the work that its block names. **exempt**: refused on purpose, for the reason below the
table. An empty field: the version has no such action.

This page is written by `python tools/coverage.py` from the tables that messages are dispatched by.
"""

_SENDERS: Mapping[Sender, str] = {Sender.STATION: "station", Sender.CSMS: "CSMS", Sender.BOTH: "both"}


def page() -> str:
    rows = coverage()
    blocks = [_block(block, [row for row in rows if row.block == block]) for block in BLOCKS]
    return "\n".join([_HEAD, _summary(rows), *blocks])


def _summary(rows: Iterable[Covered]) -> str:
    lines = ["| | done | planned | exempt | actions |", "|---|---|---|---|---|"]
    for version in JSON_VERSIONS:
        states = [row.state for row in rows if row.version == version]
        counts = (states.count(state) for state in ("done", "planned", "unsupported"))
        lines.append(f"| OCPP {version} | " + " | ".join(map(str, (*counts, len(states)))) + " |")
    return "\n".join(lines) + "\n"


def _block(block: str, rows: list[Covered]) -> str:
    lines = [f"## {block.replace('_', ' ').capitalize()}", ""]
    if any(row.state == "planned" for row in rows):
        lines += [f"What is planned waits for: {WAITS_FOR[block]}.", ""]
    lines += [
        "| action | sent by | " + " | ".join(str(version) for version in JSON_VERSIONS) + " |",
        "|---|---|" + "---|" * len(JSON_VERSIONS),
    ]
    by_action: dict[str, dict[Version, Covered]] = {}
    for row in rows:
        by_action.setdefault(row.action, {})[row.version] = row
    for action in sorted(by_action):
        found = by_action[action]
        senders = {_SENDERS[row.sender] for row in found.values()}
        fields = (_state(found.get(version)) for version in JSON_VERSIONS)
        lines.append(f"| {action} | {', '.join(sorted(senders))} | " + " | ".join(fields) + " |")
    reasons = sorted({(row.action, str(row.version), row.reason) for row in rows if row.reason is not None})
    lines += ["", *(f"- {action} in {version}: {reason}." for action, version, reason in reasons)] if reasons else []
    return "\n".join(lines) + "\n"


def _state(row: Covered | None) -> str:
    if row is None:
        return ""
    return "exempt" if row.state == "unsupported" else row.state


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
