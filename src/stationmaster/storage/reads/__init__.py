"""What can be read, by subject. All of it runs on a reader's thread and returns domain structs."""

from stationmaster.storage.reads.commands import CommandReads
from stationmaster.storage.reads.diagnostics import DiagnosticReads
from stationmaster.storage.reads.stations import StationReads
from stationmaster.storage.reads.system import SystemReads
from stationmaster.storage.reads.tokens import TokenReads
from stationmaster.storage.reads.transactions import TransactionReads

__all__ = ["Reads"]


class Reads(StationReads, TokenReads, TransactionReads, CommandReads, DiagnosticReads, SystemReads):
    """All subjects in one."""
