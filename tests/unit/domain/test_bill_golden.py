"""Bills that were made once are made the same for ever: to the byte, on any machine, in any process.

``golden/bill_v1_<case>.inputs.json`` are frozen inputs, ``….content.json`` what algorithm 1 made of them. These files
are never written anew: a change that breaks one needs an algorithm of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from stationmaster.domain.cost.bill import Content
from stationmaster.domain.cost.billing import content, digest_of, frozen, thawed

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name.removesuffix(".inputs.json") for path in GOLDEN.glob("bill_v1_*.inputs.json"))

SCRIPT = """
import sys
from pathlib import Path
import msgspec
from stationmaster.domain.cost.billing import content, digest_of, thawed
for name in sys.argv[2:]:
    inputs = thawed((Path(sys.argv[1]) / f"{name}.inputs.json").read_bytes())
    sys.stdout.write(digest_of(inputs) + msgspec.json.encode(content(inputs)).decode())
"""


def shown(bill: Content) -> bytes:
    return msgspec.json.format(msgspec.json.encode(bill), indent=1) + b"\n"


@pytest.mark.parametrize("case", CASES)
def test_a_bill_of_the_past_is_recomputed_to_the_byte(case: str):
    inputs = thawed((GOLDEN / f"{case}.inputs.json").read_bytes())
    assert inputs.algorithm == 1
    assert shown(content(inputs)) == (GOLDEN / f"{case}.content.json").read_bytes()
    assert msgspec.json.format(frozen(inputs), indent=1) + b"\n" == (GOLDEN / f"{case}.inputs.json").read_bytes()


def test_there_are_such_bills():
    assert len(CASES) >= 6


def test_neither_time_zone_nor_hash_seed_nor_order_of_files_changes_a_bill():
    outputs = set()
    for zone, seed, cases in (("Pacific/Chatham", "1", CASES), ("America/New_York", "2", CASES)):
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, str(GOLDEN), *cases]
        outputs.add(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    here = ""
    for case in CASES:
        inputs = thawed((GOLDEN / f"{case}.inputs.json").read_bytes())
        here += digest_of(inputs) + msgspec.json.encode(content(inputs)).decode()
    assert outputs == {here.encode()}
