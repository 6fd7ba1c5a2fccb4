import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.coverage import BLOCK_OF, BLOCKS, UNSUPPORTED, Covered, coverage, request_of
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.version import JSON_VERSIONS, Version

ROWS = {(row.version, row.action): row for row in coverage()}


def test_every_action_of_every_version_has_one_state() -> None:
    assert len(ROWS) == len(coverage())
    assert set(ROWS) == {(version, action) for version in JSON_VERSIONS for action in messages(version)}


def test_every_action_belongs_to_exactly_one_block_and_every_block_action_exists() -> None:
    listed = [action for actions in BLOCKS.values() for action in actions.split()]
    assert len(listed) == len(set(listed))
    assert set(listed) == {action for version in JSON_VERSIONS for action in messages(version)}
    assert all(row.block == BLOCK_OF[row.action] for row in ROWS.values())


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_what_a_dialect_reads_it_can_send_too_and_the_other_way_round(version: Version) -> None:
    dialect = dialect_for(version)
    read = set(dialect.incoming) & set(messages(version))
    assert {action for action in read if request_of(dialect, action) not in dialect.outgoing} == set()
    sent = {request.__name__ for request in dialect.outgoing} & set(messages(version))
    assert sent <= read


def test_a_done_action_names_its_sender_and_needs_no_reason() -> None:
    assert ROWS[Version.V16, "StartTransaction"] == Covered(
        version=Version.V16, action="StartTransaction", sender=Sender.STATION, block="transactions", state="done"
    )


def test_what_is_not_built_yet_is_planned_in_its_block() -> None:
    row = ROWS[Version.V21, "AFRRSignal"]
    assert (row.state, row.block, row.sender) == ("planned", "v2x", Sender.CSMS)


def test_what_is_refused_says_why() -> None:
    assert {key for key, row in ROWS.items() if row.state == "unsupported"} == set(UNSUPPORTED)
    assert all(ROWS[key].reason == reason for key, reason in UNSUPPORTED.items())
