"""Write docs/conformance.md, or check that the committed page is up to date.

python tools/conformance.py                   writes the page
python tools/conformance.py --check           fails, with a summary, if the committed page differs, or if a test names
                                              a certification case that is not in conformance_ids.csv
python tools/conformance.py --results FILE    also goes by a run of the tests (pytest --junitxml=FILE): a case is
                                              passed if all of its tests were run and passed, else failed or left out

The page is made from the names of the tests in tests/conformance: ``test_TC_B_01_CSMS_...`` is about that case of the
certification programme, ``test_E01_FR_07_...`` about that requirement. The committed page says "passed" of each that
is there; CI holds it against its own run.
"""

import argparse
import ast
import csv
import difflib
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests" / "conformance"
IDS = Path(__file__).resolve().parent / "conformance_ids.csv"
PAGE = ROOT / "docs" / "conformance.md"

BLOCKS = {
    "B": "Provisioning",
    "C": "Authorization",
    "D": "Local authorization list",
    "E": "Transactions",
    "F": "Remote control",
    "G": "Availability",
    "H": "Reservation",
    "I": "Tariff and cost",
    "J": "Meter values",
    "L": "Firmware",
    "M": "Certificates",
    "N": "Diagnostics and monitoring",
    "O": "Display messages",
    "P": "Data transfer",
}
ROLES = {"CSMS": "CSMS", "CS": "Charging station"}
_WORST = ("failed", "left out", "passed")
_CASE = re.compile(r"TC_[A-Z]_\d+_CSMS|TC_[A-Z]_\d+_CS(?![A-Z])")
_REQUIREMENT = re.compile(r"(?<![A-Z])(?P<use_case>[A-Z]\d\d)(?P<numbers>(?:_FR_\d+)+)")
_PART_16 = re.compile(r"(?<=_)(?:errata_\d+_\d+|s\d+(?:_\d+)*)")

_HEAD = """# Conformance

Which cases of the OCPP 2.0.1 certification programme (Core, Advanced Device Management, Local Authorization
List, Reservation, Advanced User Interface; blocks {blocks})
pass here, by name. M: mandatory; C: mandatory if the feature it names is there; O: described, but no profile asks
for it. The tests are in `tests/conformance`; the cases of the CSMS run in 2.0, 2.0.1 and 2.1 wherever the version can
say what they need. They are this project's own reading of the cases, not the certification itself. The tests of 1.x
(`csms_16`, `station_16`) run in 1.6, in 1.6 over SOAP, in 1.5 and in 1.2; a table beside them says what is left out
where, and why.

This page is written by `python tools/conformance.py`.
"""


class Case(NamedTuple):
    """One certification case for one role, e.g. TC_B_01_CSMS. ``waits_for``: the work it needs that is not there."""

    id: str
    flag: str
    waits_for: str

    @property
    def block(self) -> str:
        return self.id.split("_")[1]

    @property
    def role(self) -> str:
        return self.id.rsplit("_", 1)[1]


def known_cases() -> list[Case]:
    with IDS.open(encoding="utf-8", newline="") as lines:
        return [Case(**row) for row in csv.DictReader(lines)]


def test_names() -> list[tuple[str, str]]:
    """(folder, name) of every test function."""
    found = []
    for path in sorted(TESTS.rglob("test_*.py")):
        folder = path.relative_to(TESTS).parts[0]
        tree = ast.parse(path.read_text("utf-8"))
        functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        found += [(folder, node.name) for node in functions if node.name.startswith("test_")]
    return found


def outcomes(results: Path) -> dict[str, str]:
    """By case, the worst that became of its tests in a run: failed, left out or passed."""
    worst: dict[str, str] = {}
    for test in ElementTree.parse(results).iter("testcase"):
        became = {child.tag for child in test}
        outcome = "failed" if became & {"failure", "error"} else "left out" if "skipped" in became else "passed"
        for case in _CASE.findall(test.get("name", "")):
            worst[case] = min(worst.get(case, "passed"), outcome, key=_WORST.index)
    return worst


def page(cases: list[Case], names: list[tuple[str, str]], ran: Mapping[str, str] | None = None) -> str:
    """The whole page. ``ran``: what became of the tests of each case, None: taken to have passed."""
    named = {case for _, name in names for case in _CASE.findall(name)}
    tested = {case: "passed" if ran is None else ran.get(case, "left out") for case in named}
    lines = [_HEAD.format(blocks=", ".join(BLOCKS)), *_summary(cases, tested)]
    for role, title in ROLES.items():
        lines += ["", f"## {title}"]
        for block, name in BLOCKS.items():
            lines += _table(f"{block} {name}", [c for c in cases if (c.role, c.block) == (role, block)], tested)
    lines += _requirements(names)
    return "\n".join(lines) + "\n"


def _summary(cases: list[Case], tested: Mapping[str, str]) -> list[str]:
    lines = ["| | mandatory | conditional |", "|---|---|---|"]
    for role, title in ROLES.items():
        counts = [
            (sum(tested.get(case.id) == "passed" for case in of_flag), len(of_flag))
            for of_flag in ([c for c in cases if (c.role, c.flag) == (role, flag)] for flag in "MC")
        ]
        lines.append(f"| {title} | " + " | ".join(f"{done} of {all_} passed" for done, all_ in counts) + " |")
    return lines


def _table(title: str, cases: list[Case], tested: Mapping[str, str]) -> list[str]:
    lines = ["", f"### {title}", "", "| case | | state |", "|---|---|---|"]
    return lines + [f"| {case.id} | {case.flag} | {_state(case, tested)} |" for case in cases]


def _state(case: Case, tested: Mapping[str, str]) -> str:
    if case.id in tested:
        return tested[case.id]
    return f"not yet: waits for {case.waits_for}" if case.waits_for else "not yet"


def _requirements(names: list[tuple[str, str]]) -> list[str]:
    """What the tests name beside the cases, by folder."""
    lines = ["", "## Requirements named by tests beyond the cases"]
    for folder in sorted({folder for folder, _ in names}):
        found: Counter[str] = Counter()
        for where, name in names:
            if where == folder:
                found.update(_named(name))
        if found:
            lines += ["", f"`{folder}`: " + ", ".join(sorted(found)) + "."]
    return lines


def _named(name: str) -> list[str]:
    """The requirements in a test's name, as the specification writes them."""
    if name.startswith("test_1_6_"):
        document = "1.6 J" if name.startswith("test_1_6_J_") else "1.6"
        return [f"{document} {_spelled(part)}" for part in _PART_16.findall(name)]
    return [
        f"{match['use_case']}.FR.{number}"
        for match in _REQUIREMENT.finditer(name)
        for number in re.findall(r"\d+", match["numbers"])
    ]


def _spelled(part: str) -> str:
    kind, *numbers = part.split("_")
    return f"§{'.'.join((kind[1:], *numbers))}" if kind != "errata" else f"errata {'.'.join(numbers)}"


def main() -> int:
    """Write or check; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something would change")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="a run of the tests, as pytest --junitxml writes it"
    )
    arguments = parser.parse_args()
    check, results = arguments.check, arguments.results
    cases, names = known_cases(), test_names()
    strangers = {case for _, name in names for case in _CASE.findall(name)} - {case.id for case in cases}
    for stranger in sorted(strangers):
        print(f"{stranger} is tested, but not in {IDS.name}", file=sys.stderr)
    text = page(cases, names, None if results is None else outcomes(results))
    if not check:
        PAGE.write_text(text, "utf-8")
        return 1 if strangers else 0
    if not PAGE.exists() or PAGE.read_text("utf-8") != text:
        told = "is not what this run showed" if results else "is out of date: run python tools/conformance.py"
        print(f"{PAGE.relative_to(ROOT)} {told}", file=sys.stderr)
        sys.stderr.writelines(
            difflib.unified_diff(PAGE.read_text("utf-8").splitlines(True), text.splitlines(True), n=0)
        )
        return 1
    return 1 if strangers else 0


if __name__ == "__main__":
    sys.exit(main())
