"""What a station tells and notes: transactions, security events, its diary, and why it starts."""

from collections.abc import Callable
from functools import partial
from random import Random
from uuid import UUID

from stationmaster.station.blocks.battery_swap import TOLD as SWAP_TOLD
from stationmaster.station.blocks.cost_messages import TOLD as COST_TOLD
from stationmaster.station.blocks.der import TOLD as DER_TOLD
from stationmaster.station.blocks.payment import TOLD as PAYMENT_TOLD
from stationmaster.station.blocks.provisioning import Provisioning
from stationmaster.station.blocks.reservation import TOLD as RESERVATION_TOLD
from stationmaster.station.blocks.security_log import SecurityLog
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.connection.alive import Alive
from stationmaster.station.connection.boot_reason import take_boot_reason
from stationmaster.station.diagnostics.diary import Diary
from stationmaster.station.parts import Parts
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.told_later import ToldLater

_TOLD_LATER = (*RESERVATION_TOLD, *DER_TOLD, *SWAP_TOLD, *PAYMENT_TOLD, *COST_TOLD)
"""What blocks put into the one ToldLater that is for all."""
_RESETS = frozenset({"RemoteReset", "ScheduledReset", "ApplicationReset", "LocalReset", "Watchdog"})


def _queue(parts: Parts) -> TransactionQueue:
    made = TransactionQueue(parts.memory, parts.link, parts.clock, parts.configuration)
    parts.keep_running(made.run)
    parts.resumes.append(made.resume)
    parts.losses.append(made.went_offline)
    return made


def _transactions(parts: Parts) -> Transactions:
    made = Transactions(
        parts.hardware,
        parts.memory,
        parts.clock,
        parts.configuration,
        parts[TransactionQueue],
        partial(_transaction_id, parts.random),
        parts.spawn,
    )
    made.delay_s = lambda most_s: parts.random.uniform(0.0, most_s)
    alive = Alive(parts.memory, parts.clock, parts.configuration, made.running)
    parts.add(alive)
    made.observers.append(alive)
    parts.starts += [partial(parts.hardware.set_contactor, evse_id, False) for evse_id in made.evse_ids]
    parts.starts.append(lambda: made.recover(alive.seen_at(), powered=parts[Provisioning].reason != "PowerUp"))
    parts.keep_running(alive.run)
    return made


def _transaction_id(random: Random) -> str:
    """E01.FR.08."""
    return str(UUID(int=random.getrandbits(128), version=4))


def _security_log(parts: Parts) -> SecurityLog:
    made = SecurityLog(parts.memory, parts.link, parts.clock, parts.configuration)
    parts.clock.on_set = lambda difference_s: made.note("SettingSystemTime", f"by {difference_s:.0f} s")
    parts.keep_running(made.run)
    parts.resumes.append(made.resume)
    return made


def _diary(parts: Parts) -> Diary:
    made = Diary(parts.memory, parts.clock, parts[Transactions].state)
    parts[Transactions].observers.append(made)
    parts.losses.append(lambda: made.note("connection lost"))
    return made


def _provisioning(parts: Parts) -> Provisioning:
    reason = take_boot_reason(parts.memory)
    parts.starts.append(lambda: _note_start(parts, reason))
    return Provisioning(parts.description.info, reason, parts.link, parts.clock, parts.configuration)


def _note_start(parts: Parts, reason: str) -> None:
    """A reset is an event of its own beside the start that follows it."""
    parts[Diary].note("start", reason)
    if reason in _RESETS:
        parts[SecurityLog].note("ResetOrReboot", reason)
    parts[SecurityLog].note("StartupOfTheDevice", reason)


def _told_later(parts: Parts) -> ToldLater:
    made = ToldLater("told_later", _TOLD_LATER, parts.memory, parts.link, parts.clock, parts.configuration)
    parts.keep_running(made.run)
    parts.resumes.append(made.resume)
    return made


BLOCKS: tuple[Callable[[Parts], object], ...] = (
    _queue,
    _transactions,
    _security_log,
    _diary,
    _provisioning,
    _told_later,
)
