import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.coverage import BLOCK_OF, BLOCKS, UNSUPPORTED, Covered, coverage, request_of
from stationmaster.ocpp.messages import Sender, messages, sender_of
from stationmaster.ocpp.version import SOAP_VERSIONS, VERSIONS, Version

ROWS = {(row.version, row.action): row for row in coverage()}


def test_every_action_of_every_version_has_one_state_under_its_sender() -> None:
    assert len(ROWS) == len(coverage())
    own = {(version, action, sender_of(version, action)) for version in VERSIONS for action in messages(version)}
    assert {(row.version, row.action, row.sender) for row in coverage() if row.exists} == own


@pytest.mark.parametrize("version", SOAP_VERSIONS)
def test_a_version_in_soap_has_every_action_of_its_generation_or_says_why_not(version: Version) -> None:
    rows = {action: row for (spoken, action), row in ROWS.items() if spoken is version}
    assert set(rows) == set(messages(Version.V16))
    lacking = set(rows) - set(messages(version))
    assert {action for action, row in rows.items() if row.state == "unsupported"} == lacking
    assert all(rows[action].reason and not rows[action].exists for action in lacking)


@pytest.mark.parametrize("version", SOAP_VERSIONS)
def test_what_1_6_does_in_json_is_done_in_soap(version: Version) -> None:
    """As far as the version has the message: there is one dialect for all of them."""
    assert {action: ROWS[version, action].state for action in messages(version)} == {
        action: ROWS[Version.V16, action].state for action in messages(version)
    }


def test_every_action_belongs_to_exactly_one_block_and_every_block_action_exists() -> None:
    listed = [action for actions in BLOCKS.values() for action in actions.split()]
    assert len(listed) == len(set(listed))
    assert set(listed) == {action for version in VERSIONS for action in messages(version)}
    assert all(row.block == BLOCK_OF[row.action] for row in ROWS.values())


@pytest.mark.parametrize("version", VERSIONS)
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
