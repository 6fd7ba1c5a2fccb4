"""From measurements to the figures that are told: ratios to the references, and whether the targets are met."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from stationmaster.cli.benchmark.crowd import Crowd
from stationmaster.cli.benchmark.pages import Pages
from stationmaster.cli.benchmark.plan import Plan
from stationmaster.cli.benchmark.soap import Soap
from stationmaster.cli.benchmark.soap_scripts import READINGS_16S
from stationmaster.cli.benchmark.subjects import CSMS, CSMS_WITHOUT_LOG, ECHO, MOBILITYHOUSE
from stationmaster.cli.benchmark.throughput import Throughput


class Target(msgspec.Struct, frozen=True):
    """A bound that a figure is meant to keep."""

    bound: Literal["at most", "at least"]
    value: float

    def met_by(self, figure: float) -> bool:
        return figure <= self.value if self.bound == "at most" else figure >= self.value


TARGETS: Mapping[str, Target] = {
    "durable_over_echo": Target("at most", 5),
    "rate_over_mobilityhouse": Target("at least", 6),
    "soap_over_echo": Target("at most", 8),
    "kib_per_station": Target("at most", 80),
    "pages_p99_ratio": Target("at most", 1.1),
}
"""By the name of the figure in :class:`Figures`."""


class Machine(msgspec.Struct, frozen=True):
    """Where it was measured. ``filesystem``: of the databases."""

    system: str
    python: str
    cores: int
    filesystem: str


class Raw(msgspec.Struct, frozen=True):
    """Everything behind the figures."""

    machine: Machine
    plan: Plan
    throughput: Throughput
    soap: Soap
    crowd: Mapping[str, Crowd]
    pages: Pages


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a run, as it is written as JSON.

    ``durable_over_echo``: CPU for each CALL that is durable before it is answered, as a multiple of an echo server's;
    ``rate_over_mobilityhouse``: CALLs for each second of a core, as a multiple of MobilityHouse's. Of both the worse
    message counts, the message log is on, and ``*_by_message`` and ``*_without_log`` tell the rest.
    ``soap_over_echo``: the same for a MeterValues of 1.6 in SOAP, over an HTTP server that echoes it.
    ``pages_p99_ratio``: how long the slowest hundredth of answers takes with pages open, over that without.
    """

    durable_over_echo: float
    durable_over_echo_by_message: Mapping[str, float]
    durable_over_echo_without_log: Mapping[str, float]
    rate_over_mobilityhouse: float
    rate_over_mobilityhouse_by_message: Mapping[str, float]
    soap_over_echo: float
    soap_over_echo_by_message: Mapping[str, float]
    kib_per_station: float
    reconnect_seconds: float
    pages_p99_ratio: float
    targets_met: Mapping[str, bool]
    raw: Raw


def figures(raw: Raw) -> Figures:
    """The figures of one run."""
    throughput, crowd = raw.throughput, raw.crowd
    over_echo = _cost_ratio(throughput, CSMS, ECHO)
    over_mobilityhouse = _cost_ratio(throughput, MOBILITYHOUSE, CSMS)  # CPU per CALL is the inverse of the rate
    headlines = {
        "durable_over_echo": max(over_echo.values()),
        "rate_over_mobilityhouse": min(over_mobilityhouse.values()),
        "soap_over_echo": raw.soap.over_echo[READINGS_16S],
        "kib_per_station": crowd[CSMS].kib_per_station,
        "pages_p99_ratio": raw.pages.p99_ratio,
    }
    return Figures(
        **headlines,
        durable_over_echo_by_message=over_echo,
        durable_over_echo_without_log=_cost_ratio(throughput, CSMS_WITHOUT_LOG, ECHO),
        rate_over_mobilityhouse_by_message=over_mobilityhouse,
        soap_over_echo_by_message=raw.soap.over_echo,
        reconnect_seconds=crowd[CSMS].reconnect_s,
        targets_met={name: target.met_by(headlines[name]) for name, target in TARGETS.items()},
        raw=raw,
    )


def _cost_ratio(throughput: Throughput, server: str, reference: str) -> dict[str, float]:
    costs, references = throughput.costs[server], throughput.costs[reference]
    return {message: costs[message].cpu_us_per_call / references[message].cpu_us_per_call for message in costs}
