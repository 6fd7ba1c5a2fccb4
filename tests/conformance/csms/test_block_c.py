"""C Authorization."""

import pytest
from csms_case import BLOCKED, EXPIRED, GROUP, MASTER, MASTER_GROUP, UNKNOWN, VALID, VALID_2, Case, accepted

from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.ocpp.version import Version
from stationmaster.testing import ScriptedTransaction, csms_bench


async def test_TC_C_02_CSMS_an_unknown_token_is_not_accepted(case: Case) -> None:
    assert (await case.station.authorize(UNKNOWN))["status"] == "Unknown"


async def test_TC_C_06_CSMS_a_blocked_token_is_not_accepted(case: Case) -> None:
    assert (await case.station.authorize(BLOCKED))["status"] == "Blocked"


async def test_TC_C_07_CSMS_an_expired_token_is_not_accepted(case: Case) -> None:
    assert (await case.station.authorize(EXPIRED))["status"] == "Expired"


async def test_TC_C_39_CSMS_another_token_of_the_group_stops_the_transaction(case: Case) -> None:
    tx = case.station.transaction()
    await case.pre_session(tx)

    assert (await case.station.authorize(VALID_2))["groupIdToken"]["idToken"] == GROUP
    assert accepted(await tx.updated("Authorized", token=VALID))["groupIdToken"]["idToken"] == GROUP
    await case.charging(tx)
    assert (await case.station.authorize(VALID_2))["groupIdToken"]["idToken"] == GROUP
    assert (await case.stop_authorized(tx, VALID_2))["groupIdToken"]["idToken"] == GROUP
    await case.post_session(tx)
    await case.disconnected(tx)

    stored = await case.view.transaction(tx.id)
    assert stored.id_token is not None and stored.id_token.value == VALID  # who stops it does not pay for it


async def _two_running(case: Case) -> list[tuple[str, ScriptedTransaction]]:
    running = [(VALID, case.station.transaction()), (VALID_2, case.station.transaction())]
    for evse_id, (token, tx) in enumerate(running, 1):
        await case.charging(tx, token, (evse_id, 1))
    return running


async def test_TC_C_47_CSMS_the_master_pass_ends_every_transaction(case: Case) -> None:
    running = await _two_running(case)

    info = await case.station.authorize(MASTER)
    assert (info["status"], info["groupIdToken"]["idToken"]) == ("Accepted", MASTER_GROUP)
    for token, tx in running:
        said = await tx.ended("StopAuthorized", stoppedReason="MasterPass", token=MASTER)
        assert accepted(said)["groupIdToken"]["idToken"] == MASTER_GROUP
        await case.ended(tx, "MasterPass")
        stored = await case.view.transaction(tx.id)
        assert stored.id_token is not None and stored.id_token.value == token
        assert stored.stop_token is not None and stored.stop_token.value == MASTER


async def test_TC_C_48_CSMS_the_master_pass_ends_one_transaction_and_leaves_the_other(case: Case) -> None:
    (_, first), (_, second) = await _two_running(case)

    assert (await case.station.authorize(MASTER))["groupIdToken"]["idToken"] == MASTER_GROUP
    said = await first.ended("StopAuthorized", stoppedReason="MasterPass", token=MASTER)

    assert accepted(said)["groupIdToken"]["idToken"] == MASTER_GROUP
    await case.ended(first, "MasterPass")
    await case.still_open(second, "Charging")


async def test_TC_C_49_CSMS_the_master_pass_without_a_user_interface_ends_every_transaction(case: Case) -> None:
    running = await _two_running(case)

    assert (await case.station.authorize(MASTER))["status"] == "Accepted"
    for token, tx in running:
        accepted(await tx.ended("StopAuthorized", stoppedReason="MasterPass", token=token))
        await case.ended(tx, "MasterPass")


async def test_TC_C_08_CSMS_a_token_from_the_stations_cache_is_checked_and_accepted(case: Case) -> None:
    tx = case.station.transaction()
    await case.pre_session(tx)

    accepted(await tx.updated("Authorized", token=VALID))

    assert (await case.view.transaction(tx.id)).authorization == "Accepted"


async def test_TC_C_20_CSMS_a_token_that_the_stations_cache_took_for_valid_is_not_accepted(case: Case) -> None:
    tx = case.station.transaction()
    await case.pre_session(tx)

    said = await tx.updated("Authorized", token=UNKNOWN)

    assert said["idTokenInfo"]["status"] == "Unknown"
    stored = await case.view.transaction(tx.id)
    assert (stored.authorization, stored.is_open) == ("Unknown", True)


async def test_TC_C_37_CSMS_the_stations_cache_is_cleared(case: Case) -> None:
    asked, command = await case.commanded(ClearCache(), "ClearCache")

    assert asked == {}
    assert (command.state, command.status) == ("accepted", "Accepted")


async def test_TC_C_38_CSMS_the_station_does_not_clear_its_cache(case: Case) -> None:
    _, command = await case.commanded(ClearCache(), "ClearCache", "Rejected")

    assert (command.state, command.status) == ("rejected", "Rejected")


# Requirements that the cases do not reach


async def test_C01_FR_06_a_token_without_a_group_is_answered_without_one(case: Case) -> None:
    await case.bench.add_token("04500106", "ISO14443")

    assert await case.station.authorize("04500106") == {"status": "Accepted"}


async def test_C01_FR_07_a_token_is_found_in_any_case(case: Case) -> None:
    assert (await case.station.authorize(VALID.lower()))["status"] == "Accepted"


async def test_C01_FR_25_additional_info_does_not_make_another_token(case_201: Case) -> None:
    more = {"additionalInfo": [{"additionalIdToken": "visual", "type": "printed"}]}

    answer = await case_201.station.say("Authorize", {"idToken": {"idToken": VALID, "type": "ISO14443", **more}})

    accepted(answer)


async def test_C02_FR_02_charging_without_authorization_is_accepted(case: Case) -> None:
    tx = case.station.transaction()
    await case.pre_session(tx)

    accepted(await tx.updated("Authorized", token={"idToken": "", "type": "NoAuthorization"}))

    assert (await case.view.transaction(tx.id)).authorization == "Accepted"


async def test_C02_FR_02_the_operator_may_refuse_charging_without_authorization() -> None:
    closed = TenantPolicy(registration="open", accept_no_authorization=False)
    async with csms_bench(CsmsSettings(default_policy=closed)) as bench:
        case = await Case.connect(bench, Version.V201, "StatusNotification")
        await case.booted()

        said = await case.station.transaction().started("Authorized", token={"idToken": "", "type": "NoAuthorization"})

        assert said["idTokenInfo"]["status"] == "Invalid"


@pytest.mark.parametrize("token", [VALID, VALID_2])
async def test_C09_FR_13_a_group_is_a_token_of_type_Central(case_201: Case, token: str) -> None:
    assert (await case_201.station.authorize(token))["groupIdToken"] == {"idToken": GROUP, "type": "Central"}


async def test_C09_FR_12_the_group_is_told_in_the_answer_to_a_transaction_event(case_201: Case) -> None:
    said = await case_201.station.transaction().started("Authorized", token=VALID)

    assert accepted(said)["groupIdToken"]["idToken"] == GROUP


async def test_C12_FR_03_until_when_a_token_may_be_cached_is_told(case: Case) -> None:
    soon = case.bench.clock.now().replace(year=2090, microsecond=0)
    await case.bench.add_token("04CAC4E", "ISO14443", expires_at=soon)

    info = await case.station.authorize("04CAC4E")

    assert info["cacheExpiryDateTime"].startswith(soon.isoformat()[:19])


@pytest.mark.parametrize("sent", ["certificate", "hashes"])
async def test_C07_FR_17_a_contract_certificate_that_cannot_be_verified_is_refused(case_201: Case, sent: str) -> None:
    hashes = {"hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "1"}
    parts = {
        "certificate": {"certificate": "-----BEGIN CERTIFICATE-----"},
        "hashes": {"iso15118CertificateHashData": [{**hashes, "responderURL": "http://ocsp.test"}]},
    }
    token = {"idToken": VALID, "type": "ISO14443"}
    answer = await case_201.station.say("Authorize", {"idToken": token, **parts[sent]})
    assert (answer["idTokenInfo"]["status"], answer["certificateStatus"]) == ("Invalid", "CertChainError")
