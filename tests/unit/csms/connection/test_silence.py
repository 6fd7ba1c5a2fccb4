"""How long a station without a line may be silent."""

from datetime import timedelta

import pytest

from stationmaster.csms.connection.silence import SilenceWatch
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.device_model.variables import HEARTBEAT_INTERVAL
from stationmaster.domain.identity import StationRef
from stationmaster.testing import csms_bench

REF = StationRef("default", "CS-1")


@pytest.mark.parametrize(
    ("told_s", "registration", "learned", "patience_s"),
    [
        (300, "Accepted", {}, 750),
        (10, "Accepted", {}, 120),
        (300, "Accepted", {HEARTBEAT_INTERVAL: "3600"}, 9000),
        (300, "Accepted", {HEARTBEAT_INTERVAL: "60"}, 750),
        (300, "Accepted", {HEARTBEAT_INTERVAL: "soon"}, 750),
        (300, "Pending", {}, 150),
    ],
)
async def test_it_is_the_interval_that_it_goes_by_and_a_half_one_more(
    told_s: int, registration: str, learned: dict[str, str], patience_s: int
) -> None:
    settings = CsmsSettings(heartbeat_interval_s=told_s, boot_retry_interval_s=60)
    async with csms_bench(settings) as bench:
        station = await bench.csms.stations.create(REF, registration=registration)
        desk = bench.csms.directory.get(station.key)
        assert desk is not None
        desk.state = desk.state.with_learned(learned)
        watch = SilenceWatch(bench.csms.directory, bench.clock, settings)
        assert watch.patience(desk) == timedelta(seconds=patience_s)
