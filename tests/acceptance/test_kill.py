"""kill -9 at random moments: what a station got an answer to is stored, once, and bills are right: every transaction
that is over has one current bill, and each kWh is on one. In every version, over WebSocket and SOAP."""

from pathlib import Path

import pytest
from crash_bills import add_tariff, check_bills
from crash_campaign import LONG, Campaign, Load, Report, seed

pytestmark = pytest.mark.no_cover  # what this is about runs in another process


async def killed(folder: Path, rounds: int, load: Load) -> Report:
    campaign = Campaign(folder, seed(), load)
    await add_tariff(campaign.server.database)
    async with campaign.under_load():
        for _ in range(rounds):
            await campaign.end_server(campaign.server.kill)
    report = await campaign.report()
    print(report)
    report.verify()
    check_bills(campaign)
    return report


async def test_a_killed_server_has_stored_and_billed_once_whatever_it_answered_and_its_stations_go_on(
    tmp_path: Path,
) -> None:
    report = await killed(tmp_path, 3, Load())
    assert report.answered > 150
    assert report.fleet_wh > 0


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("rounds", [100, 400])
async def test_hundreds_of_kills_lose_double_and_misbill_nothing(tmp_path: Path, rounds: int) -> None:
    report = await killed(tmp_path, rounds, LONG)
    assert report.answered > 100 * rounds
