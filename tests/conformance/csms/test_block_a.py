"""A01: the CSMS gives a station another password."""

import pytest

from stationmaster.csms.commands.kinds import RawCall
from stationmaster.domain.device_model.addresses import Component, SetVariables, Variable, VariableRef, VariableSetting
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench
from stationmaster.transport.errors import ConnectRefused

OLD, NEW = b"the-old-password-of-it", b"the-new-password-of-it"
PASSWORD = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}


def setting(component: str, variable: str, password: bytes) -> SetVariables:
    ref = VariableRef(component=Component(name=component), variable=Variable(name=variable))
    return SetVariables(settings=(VariableSetting(ref=ref, value=password.decode()),))


async def known_with_password(bench: CsmsBench, version: Version, password: bytes) -> None:
    """A station that has booted, and must show this password the next time."""
    client = await bench.dial("CS-1", version)
    client.connection.cut()
    await client.closed
    await bench.csms.stations.change(bench.station("CS-1"), password.decode())


async def refused(bench: CsmsBench, version: Version, password: bytes) -> bool:
    try:
        client = await bench.dial("CS-1", version, password=password)
    except ConnectRefused:
        return True
    client.connection.cut()
    await client.closed
    return False


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("version", [Version.V20, Version.V201, Version.V21])
async def test_A01_FR_02_03_an_accepted_password_counts_and_the_old_one_no_longer(
    bench: CsmsBench, version: Version, raw: bool
) -> None:
    await known_with_password(bench, version, OLD)
    client = await bench.dial("CS-1", version, password=OLD)
    await client.call("BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}})
    client.on("SetVariables", {"setVariableResult": [{**PASSWORD, "attributeStatus": "Accepted"}]})
    item = {**PASSWORD, "attributeValue": NEW.decode()}
    asked = RawCall(action="SetVariables", payload={"setVariableData": [item]})
    view = bench.view("CS-1")

    command = await view.outcome(await view.ask(asked if raw else setting("SecurityCtrlr", "BasicAuthPassword", NEW)))

    assert command.state == "accepted"
    assert NEW.decode() not in str(command)  # A01.FR.09
    client.connection.cut()
    await client.closed
    assert await refused(bench, version, OLD)
    assert not await refused(bench, version, NEW)


@pytest.mark.parametrize("status", ["Rejected", "UnknownVariable", "RebootRequired"])
async def test_A01_FR_04_the_old_password_stays_when_the_new_one_is_not_accepted(bench: CsmsBench, status: str) -> None:
    version = Version.V201
    await known_with_password(bench, version, OLD)
    client = await bench.dial("CS-1", version, password=OLD)
    await client.call("BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}})
    client.on("SetVariables", {"setVariableResult": [{**PASSWORD, "attributeStatus": status}]})

    view = bench.view("CS-1")
    await view.outcome(await view.ask(setting("SecurityCtrlr", "BasicAuthPassword", NEW)))

    client.connection.cut()
    await client.closed
    assert await refused(bench, version, NEW)
    assert not await refused(bench, version, OLD)
