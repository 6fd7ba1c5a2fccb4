"""Every flag that a bill may have is one that a tenant can name."""

import re
from pathlib import Path
from typing import get_args

import stationmaster.domain.cost.billing
import stationmaster.domain.cost.reckoning
from stationmaster.domain.cost.bill import HOLDING_FLAGS
from stationmaster.domain.cost.bill_flags import FLAGS
from stationmaster.domain.cost.register import RegisterFlag
from stationmaster.domain.cost.register_gaps import GAP_KINDS


def test_every_flag_of_a_bill_has_a_meaning() -> None:
    named: set[str] = {*get_args(RegisterFlag), *GAP_KINDS}
    for module in (stationmaster.domain.cost.billing, stationmaster.domain.cost.reckoning):
        source = Path(str(module.__file__)).read_text("utf-8")
        named |= set(re.findall(r'flags\.add\("(\w+)"\)', source))
        if "found = {" in source:
            named |= set(re.findall(r'^        "(\w+)": ', source, re.MULTILINE))
    assert named == set(FLAGS)
    assert set(HOLDING_FLAGS) <= named
