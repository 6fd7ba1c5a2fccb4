"""zeep as it comes: given the address of a WSDL and nothing else, it calls our CSMS and our station."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from node_rest import NodeRest, new_identity
from zeep import Client, Transport
from zeep_central import IDENTITY, zeep_central
from zeep_contracts import OWN

from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.ocpp.version import SOAP_VERSIONS, Version

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY = pytest.mark.parametrize("version", SOAP_VERSIONS)


@contextmanager
def bare(address: str) -> Iterator[Any]:
    """A client by the WSDL at an address. It waits, and so belongs into a thread."""
    with requests.Session() as session:
        session.trust_env = False
        yield Client(f"{address}?wsdl", transport=Transport(session=session)).service


@EVERY
async def test_our_csms_takes_a_boot_without_a_word_on_where_the_station_listens(
    soap_rest: NodeRest, version: Version
) -> None:
    identity = new_identity()

    def boot() -> Any:
        with bare(f"{soap_rest.node.info.soap_url}/v{version.removesuffix('S')}") as service:
            headers = {"ChargeBoxIdentity": identity}
            return service.BootNotification(chargePointVendor="V", chargePointModel="M", _soapheaders=headers)

    assert (await asyncio.to_thread(boot)).status == "Accepted"
    known = await soap_rest.node.storage.reads.find_station(DEFAULT_TENANT, identity)
    assert known is not None
    shown = await soap_rest.get(f"/stations/{known.key}")
    assert (shown["version"], shown["callback"]["told"]) == (version, None)


@EVERY
async def test_our_station_is_called_by_the_wsdl_that_it_serves(version: Version) -> None:
    async with zeep_central(OWN, version) as central:

        def clear() -> Any:
            with bare(central.called_at) as service:
                return service.ClearCache(_soapheaders={"ChargeBoxIdentity": IDENTITY})

        assert await asyncio.to_thread(clear) == "Accepted"


@pytest.mark.parametrize("version", [Version.V15, Version.V16S])
async def test_zeep_reads_every_key_of_our_station(version: Version) -> None:
    async with zeep_central(OWN, version) as central:
        told = await central.client.ask("GetConfiguration", {})
        keys = {each["key"]: each["readonly"] for each in told["configurationKey"]}
        assert len(keys) > 10
        assert set(keys.values()) == {False, True}
