"""Our station against CSMS made with zeep, in both directions, operation by operation."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from lxml.etree import QName
from zeep.exceptions import Fault
from zeep_central import ZeepCentral, zeep_central
from zeep_contracts import ORIGINAL, OWN, contract
from zeep_ends import ZeepClient
from zeep_messages import A_TRANSACTION, CARD, CENTRAL_SYSTEM, CHARGE_POINT, PROFILES

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import SOAP_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.metering.readings import energy_wh

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY = pytest.mark.parametrize("source", [OWN, pytest.param(ORIGINAL, marks=pytest.mark.originals)])
VERSIONS = pytest.mark.parametrize("version", SOAP_VERSIONS)
Centrals = Callable[[str, Version], Awaitable[ZeepCentral]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def centrals() -> AsyncIterator[Centrals]:
    """One for each WSDL, each with a station that has charged a car there, and then failed to bring and fetch files."""
    made: dict[tuple[str, Version], ZeepCentral] = {}
    async with AsyncExitStack() as stack:

        async def central(source: str, version: Version) -> ZeepCentral:
            if (source, version) not in made:
                made[source, version] = await stack.enter_async_context(zeep_central(source, version))
                await charge_and_fail(made[source, version], version)
            return made[source, version]

        yield central


async def charge_and_fail(central: ZeepCentral, version: Version) -> None:
    central.hardware.plug(1, EV(ev_model("Compact 58"), 0.2))
    central.hardware.present(IdToken(CARD, "ISO14443"), 1)
    await central.server.told("MeterValues", 2)
    central.hardware.present(IdToken(CARD, "ISO14443"), 1)
    await central.server.told("StopTransaction")
    central.hardware.unplug(1)
    if version is not Version.V12:
        await central.station.transfer_data("com.example", "Hello", "<a>&amp;</a>")
    for action in ("GetDiagnostics", "UpdateFirmware"):
        await central.client.ask(action, CHARGE_POINT[version].requests[action])


# What a station starts

TOLD: Mapping[str, Mapping[str, Any]] = {
    "Authorize": {"idTag": CARD},
    "BootNotification": {"chargePointVendor": "Stationmaster", "chargePointModel": "Motorway 2x300"},
    "DataTransfer": {"vendorId": "com.example", "messageId": "Hello", "data": "<a>&amp;</a>"},
    "DiagnosticsStatusNotification": {"status": "UploadFailed"},
    "FirmwareStatusNotification": {"status": "DownloadFailed"},
    "Heartbeat": {},
    "MeterValues": {"connectorId": 1},
    "StartTransaction": {"connectorId": 1, "idTag": CARD, "meterStart": 0},
    "StatusNotification": {"connectorId": 2, "status": "Available", "errorCode": "NoError"},
    "StopTransaction": {"transactionId": A_TRANSACTION, "idTag": CARD},
}
"""Some of what our station must have said."""


@EVERY
@pytest.mark.parametrize(
    ("version", "action"),
    [(version, action) for version in SOAP_VERSIONS for action in CENTRAL_SYSTEM[version].requests],
)
async def test_our_station_speaks_so_that_zeep_reads_it(
    centrals: Centrals, source: str, version: Version, action: str
) -> None:
    central = await centrals(source, version)
    await central.server.told(action, **TOLD[action])
    assert central.server.wrong == []


@EVERY
@VERSIONS
async def test_the_energy_of_a_transaction_is_that_of_the_meter(
    centrals: Centrals, source: str, version: Version
) -> None:
    central = await centrals(source, version)
    (start,) = central.server.heard("StartTransaction")
    (stop,) = central.server.heard("StopTransaction")
    metered_wh = energy_wh(central.hardware, 1)
    assert metered_wh > 100
    assert abs(stop["meterStop"] - start["meterStart"] - metered_wh) <= Decimal("1.5")
    assert stop["timestamp"] > start["timestamp"]


# What the CSMS starts


def there_is_one_key(told: Any) -> bool:
    (known,) = told["configurationKey"]
    return known["key"].lower() == "heartbeatinterval" and told["unknownKey"] == ["NoSuchKey"]


def accepted(told: Any) -> bool:
    return told in ("Accepted", {"status": "Accepted"})  # 1.5's answer to a list may have more in it


ANSWERED: Mapping[str, Callable[[Any], bool]] = {
    "CancelReservation": lambda told: bool(told == "Rejected"),
    "ChangeAvailability": accepted,
    "ChangeConfiguration": accepted,
    "ClearCache": accepted,
    "DataTransfer": lambda told: bool(told == {"status": "UnknownVendorId"}),
    "GetConfiguration": there_is_one_key,
    "GetDiagnostics": lambda told: "DiagnosticsLog" in told,
    "GetLocalListVersion": lambda told: told in (0, 3),
    "RemoteStartTransaction": accepted,
    "RemoteStopTransaction": lambda told: bool(told == "Rejected"),  # it is over
    "ReserveNow": accepted,
    "SendLocalList": accepted,
    "TriggerMessage": accepted,
    "UnlockConnector": lambda told: told in ("Accepted", "Unlocked"),
    "UpdateFirmware": lambda told: told is None,
}
"""Whether an answer of our station is what the request asked for. Reset has a test of its own."""


@EVERY
@pytest.mark.parametrize(
    ("version", "action"),
    [
        (version, action)
        for version in SOAP_VERSIONS
        for action in CHARGE_POINT[version].requests
        if action not in ("Reset", *PROFILES)
    ],
)
async def test_zeep_is_answered_by_our_station(centrals: Centrals, source: str, version: Version, action: str) -> None:
    central = await centrals(source, version)
    answer = await central.client.ask(action, CHARGE_POINT[version].requests[action])
    assert ANSWERED[action](answer), answer


@EVERY
@VERSIONS
async def test_our_station_boots_again_when_zeep_resets_it(source: str, version: Version) -> None:
    async with zeep_central(source, version) as central:
        assert accepted(await central.client.ask("Reset", CHARGE_POINT[version].requests["Reset"]))
        await central.server.told("BootNotification", 2)
        assert central.server.wrong == []


async def refused(client: ZeepClient, version: Version, action: str) -> tuple[str, str]:
    """The code and the sub-code of the fault."""
    with pytest.raises(Fault) as raised:
        await client.ask(action, CHARGE_POINT[version].requests[action])
    subcode = QName(raised.value.subcodes[0])
    assert subcode.namespace == SERVICES[version].subcode_ns
    return raised.value.code.rpartition(":")[2], subcode.localname


@EVERY
@pytest.mark.parametrize("action", PROFILES)
async def test_charging_profiles_are_refused_by_our_station(centrals: Centrals, source: str, action: str) -> None:
    central = await centrals(source, Version.V16S)
    assert await refused(central.client, Version.V16S, action) == ("Receiver", "NotSupported")


@EVERY
@VERSIONS
async def test_our_station_refuses_what_is_said_to_another(centrals: Centrals, source: str, version: Version) -> None:
    central = await centrals(source, version)
    called = contract(source, version, Sender.CSMS)
    client = ZeepClient(called, central.called_at, "ANOTHER", central.server.url)
    try:
        assert await refused(client, version, "ClearCache") == ("Sender", "IdentityMismatch")
    finally:
        client.close()
