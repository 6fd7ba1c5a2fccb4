"""What a 1.x station says in nearly every test, in the words of 1.6."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from soap_station import SoapStation

from stationmaster.csms.commands.kinds import RawCall
from stationmaster.domain.command import Command
from stationmaster.domain.messages import Request
from stationmaster.ocpp.upgrade import Untold
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, StationView, WireClient
from stationmaster.testing.bench import BOOTS
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Answer, Payload

TAG, TAG_2, BLOCKED, EXPIRED, UNKNOWN = "04A1B2C3", "04D4E5F6", "04B10C", "04E0", "04FFFFFF"
GROUP = "FLEET-7"


async def seeded(bench: CsmsBench) -> None:
    await bench.add_token(TAG, group=GROUP)
    await bench.add_token(TAG_2, group=GROUP)
    await bench.add_token(BLOCKED, status="Blocked")
    await bench.add_token(EXPIRED, expires_at=bench.clock.now() - timedelta(days=1))


@dataclass(frozen=True)
class Case16:
    bench: CsmsBench
    client: WireClient | SoapStation
    view: StationView

    @classmethod
    async def booted(cls, bench: CsmsBench, version: Version, **answers: Answer) -> "Case16":
        """A station that has booted in 1.6, or in SOAP. ``answers``: how it answers calls, from the first one on."""
        client = SoapStation(bench.soap("CP-1", version)) if version.is_soap else await bench.dial("CP-1", version)
        for action, answer in answers.items():
            client.on(action, answer)
        await client.call("BootNotification", BOOTS[1])
        return cls(bench, client, bench.view("CP-1"))

    @property
    def version(self) -> Version:
        return self.client.version

    def now(self) -> datetime:
        return self.bench.clock.now()

    async def start(self, tag: str = TAG, connector: int = 1, meter: int = 1000, at: datetime | None = None) -> Payload:
        """StartTransaction's answer."""
        return await self.client.call(
            "StartTransaction",
            {"connectorId": connector, "idTag": tag, "meterStart": meter, "timestamp": moment(at or self.now())},
        )

    async def stop(self, transaction_id: int, meter: int = 8400, at: datetime | None = None, **more: Any) -> Payload:
        """StopTransaction's answer."""
        told = {"transactionId": transaction_id, "meterStop": meter, "timestamp": moment(at or self.now()), **more}
        return await self.client.call("StopTransaction", told)

    async def meter_values(self, value: str, *, connector: int = 1, at: datetime | None = None, **more: Any) -> Payload:
        values = [{"timestamp": moment(at or self.now()), "sampledValue": [{"value": value}]}]
        return await self.client.call("MeterValues", {"connectorId": connector, "meterValue": values, **more})

    async def status(self, status: str, connector: int = 1, **more: Any) -> Payload:
        told = {"connectorId": connector, "errorCode": "NoError", "status": status, **more}
        return await self.client.call("StatusNotification", told)

    async def tell(self, action: str, **payload: Any) -> None:
        """Say what is answered with nothing, or nothing where the version has no word for it."""
        with suppress(Untold):
            assert await self.client.call(action, payload) == {}

    async def commanded(
        self, request: Request | RawCall, action: str, status: str = "Accepted"
    ) -> tuple[Payload, Command]:
        """What a command that the station answers so asked of it, and what the operator then sees."""
        self.client.on(action, {"status": status})
        command = await self.view.ask(request)
        asked = await self.client.expect(action)
        return asked, await self.view.outcome(command)
