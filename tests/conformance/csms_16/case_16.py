"""What a 1.6 station says in nearly every test."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stationmaster.csms.commands.kinds import RawCall
from stationmaster.domain.command import Command
from stationmaster.domain.messages import Request
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, StationView, WireClient
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload

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
    client: WireClient
    view: StationView

    @classmethod
    async def booted(cls, bench: CsmsBench, identity: str = "CP-1") -> "Case16":
        client = await bench.boot(identity, Version.V16)
        return cls(bench, client, bench.view(identity))

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

    async def commanded(
        self, request: Request | RawCall, action: str, status: str = "Accepted"
    ) -> tuple[Payload, Command]:
        """What a command that the station answers so asked of it, and what the operator then sees."""
        self.client.on(action, {"status": status})
        command = await self.view.ask(request)
        asked = await self.client.expect(action)
        return asked, await self.view.outcome(command)
