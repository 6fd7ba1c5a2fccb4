"""What the certification cases have in common: the tokens, the states they begin from, and commands that are obeyed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from stationmaster.csms.commands.kinds import RawCall
from stationmaster.domain.command import Command
from stationmaster.domain.messages import Request
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedStation, ScriptedTransaction, StationView
from stationmaster.testing.script import Evse, StatusForm
from stationmaster.testing.wire import Payload

VALID, VALID_2, UNKNOWN, BLOCKED, EXPIRED, MASTER = "04A1B2C3", "04D4E5F6", "04FFFFFF", "04B10C", "04E0", "04AA57E2"
GROUP, MASTER_GROUP = "FLEET-7", "MASTERPASS"


async def seeded(bench: CsmsBench) -> None:
    """The tokens that the cases take as configured."""
    await bench.add_token(VALID, "ISO14443", group=GROUP)
    await bench.add_token(VALID_2, "ISO14443", group=GROUP)
    await bench.add_token(BLOCKED, "ISO14443", status="Blocked")
    await bench.add_token(EXPIRED, "ISO14443", expires_at=bench.clock.now() - timedelta(days=1))
    await bench.add_token(MASTER, "ISO14443", group=MASTER_GROUP)


@dataclass(frozen=True)
class Case:
    """A scripted station on a bench, and the same station as its operator sees it."""

    bench: CsmsBench
    station: ScriptedStation
    view: StationView

    @classmethod
    async def connect(cls, bench: CsmsBench, version: Version, form: StatusForm, identity: str = "CS-1") -> "Case":
        client = await bench.dial(identity, version)
        return cls(bench, ScriptedStation(client, bench.clock.now, form), bench.view(identity))

    async def reconnect(self) -> "Case":
        """Drop the line and dial again, without a new boot."""
        old = self.station
        old.client.connection.cut()
        await old.client.closed
        identity = (await self.view.station()).identity
        client = await self.bench.dial(identity, old.client.version)
        return Case(self.bench, ScriptedStation(client, old.now, old.form), self.view)

    async def booted(self, reason: str = "PowerUp", status: str = "Available") -> Payload:
        answer = await self.station.boot(reason)
        assert answer["status"] == "Accepted"
        await self.reported(status)
        return answer

    async def reported(self, status: str, evse: Evse = (1, 1)) -> None:
        """The status is reported, answered with nothing, and stored."""
        assert await self.station.report(status, evse) == {}
        assert await self.view.status(evse[0], evse[1] or 0) == status

    async def pre_session(self, tx: ScriptedTransaction, evse: Evse = (1, 1), **more: Any) -> None:
        """EVConnectedPreSession."""
        await self.reported("Occupied", evse)
        said = await tx.event(_next(tx), "CablePluggedIn", chargingState="EVConnected", evse=evse, **more)
        assert "idTokenInfo" not in said
        stored = await self.view.transaction(tx.id)
        assert stored.evse is not None and stored.evse.id == evse[0]
        assert stored.charging_state == "EVConnected"

    async def authorized(self, tx: ScriptedTransaction, token: str = VALID) -> None:
        """Authorized, locally."""
        assert (await self.station.authorize(token))["status"] == "Accepted"
        accepted(await tx.event(_next(tx), "Authorized", token=token))
        stored = await self.view.transaction(tx.id)
        assert stored.authorization == "Accepted"
        assert stored.id_token is not None and stored.id_token.value == token

    async def charging(self, tx: ScriptedTransaction, token: str = VALID, evse: Evse = (1, 1)) -> None:
        """EnergyTransferStarted, by way of what has not happened yet."""
        stored = {known.wire_id: known for known in await self.view.transactions()}.get(tx.id)
        if stored is None or stored.authorization is None:
            await self.authorized(tx, token)
        if stored is None or stored.evse is None:
            await self.pre_session(tx, evse)
        await tx.updated("ChargingStateChanged", chargingState="Charging")
        assert (await self.view.transaction(tx.id)).charging_state == "Charging"

    async def suspended(self, tx: ScriptedTransaction) -> None:
        """EnergyTransferSuspended."""
        await self.charging(tx)
        await tx.updated("ChargingStateChanged", chargingState="SuspendedEV")
        assert (await self.view.transaction(tx.id)).charging_state == "SuspendedEV"

    async def stop_authorized(self, tx: ScriptedTransaction, token: str = VALID) -> Payload:
        """StopAuthorized, from EnergyTransferStarted."""
        return accepted(await tx.updated("StopAuthorized", token=token))

    async def post_session(self, tx: ScriptedTransaction) -> None:
        """EVConnectedPostSession, from StopAuthorized."""
        await tx.updated("ChargingStateChanged", chargingState="EVConnected")

    async def disconnected(self, tx: ScriptedTransaction, evse: Evse = (1, 1), **more: Any) -> None:
        """EVDisconnected, with the end of the transaction."""
        await self.reported("Available", evse)
        await tx.ended("EVCommunicationLost", chargingState="Idle", stoppedReason="EVDisconnected", **more)
        await self.ended(tx, "EVDisconnected")

    async def ended(self, tx: ScriptedTransaction, reason: str) -> None:
        """The transaction is over for this reason, whole and without an oddity."""
        stored = await self.view.transaction(tx.id)
        assert stored.ended_at is not None
        assert stored.stopped_reason == reason
        assert stored.seq_seen == ((0, tx.seq_no - 1),)
        assert len(await self.view.events(stored)) == tx.seq_no
        assert tx.id not in self.bench.csms.directory.get(self.view.key).state.open  # type: ignore[union-attr]

    async def still_open(self, tx: ScriptedTransaction, state: str) -> None:
        stored = await self.view.transaction(tx.id)
        assert (stored.is_open, stored.charging_state) == (True, state)
        assert stored.seq_seen == ((0, tx.seq_no - 1),)

    async def commanded(
        self, request: Request | RawCall, action: str, status: str = "Accepted", **answer: Any
    ) -> tuple[Payload, Command]:
        """A command that the station answers so: what was asked of it, and what the operator then sees."""
        self.station.answer(action, {"status": status, **answer})
        command = await self.view.ask(request)
        asked = await self.station.asked(action)
        return asked, await self.view.outcome(command)

    async def took_effect(self, command: Command) -> None:
        assert (await self.view.command(command)).state == "effect_seen"


def accepted(answer: Payload) -> Payload:
    """The idTokenInfo of an answer, which must be Accepted."""
    info: Payload = answer["idTokenInfo"]
    assert info["status"] == "Accepted"
    return info


def _next(tx: ScriptedTransaction) -> str:
    return "Updated" if tx.seq_no else "Started"
