"""kill -9 at random moments: what a station got an answer to is stored, once, and bills stay right."""

from pathlib import Path

import pytest
from crash_campaign import LONG, Campaign, Load, Report, seed


async def killed(folder: Path, rounds: int, load: Load) -> Report:
    campaign = Campaign(folder, seed(), load)
    async with campaign.under_load():
        for _ in range(rounds):
            await campaign.end_server(campaign.server.kill)
    report = await campaign.report()
    print(report)
    return report


async def test_a_killed_server_has_stored_once_whatever_it_answered_and_its_stations_go_on(tmp_path: Path) -> None:
    report = await killed(tmp_path, 4, Load())
    report.verify()
    assert report.answered > 200
    assert report.fleet_wh > 0


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("rounds", [100, 400])
async def test_hundreds_of_kills_lose_and_double_nothing(tmp_path: Path, rounds: int) -> None:
    report = await killed(tmp_path, rounds, LONG)
    report.verify()
    assert report.answered > 100 * rounds
