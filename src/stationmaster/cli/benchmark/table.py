"""The figures for people: one table. Pure: figures in, something that Rich can draw out."""

from collections.abc import Callable, Iterator, Mapping

from rich.table import Table
from rich.text import Text

from stationmaster.cli.benchmark.crowd import Crowd
from stationmaster.cli.benchmark.figures import TARGETS, Figures
from stationmaster.cli.benchmark.pages import Pages
from stationmaster.cli.benchmark.soap import Soap
from stationmaster.cli.benchmark.subjects import CSMS, CSMS_WITHOUT_LOG, ECHO, HTTP_ECHO, MOBILITYHOUSE
from stationmaster.cli.benchmark.throughput import Cost, Durability

SERVERS = {CSMS: "Stationmaster", CSMS_WITHOUT_LOG: "its log off", ECHO: "echo", MOBILITYHOUSE: "MobilityHouse"}

_CPU = "µs of CPU a CALL"
_OF_COST: Mapping[str, Callable[[Cost], str]] = {
    _CPU: lambda cost: f"{cost.cpu_us_per_call:.1f}",
    "CALLs/s of a core": lambda cost: f"{cost.calls_per_core_second:,.0f}",
    "CALLs/s by clock": lambda cost: f"{cost.calls_per_second:,.0f}",
}
_OF_CROWD: Mapping[str, Callable[[Crowd], str]] = {
    "KiB for each": lambda crowd: f"{crowd.kib_per_station:.1f}",
    "all back, s": lambda crowd: f"{crowd.reconnect_s:.1f}",
    "all at first, s": lambda crowd: f"{crowd.first_boot_s:.1f}",
}


def table(result: Figures) -> Table:
    """A row for each figure, a column for each server, and below what the targets make of it."""
    machine, plan = result.raw.machine, result.raw.plan
    drawn = Table(
        title=f"{plan.stations} stations, one CALL outstanding each; {machine.cores} cores, Python {machine.python}, "
        f"SQLite on {machine.filesystem}",
        title_justify="left",
    )
    drawn.add_column("")
    for title in SERVERS.values():
        drawn.add_column(title, justify="right")
    for message in result.durable_over_echo_by_message:
        _section(
            drawn, message, _OF_COST, {name: costs[message] for name, costs in result.raw.throughput.costs.items()}
        )
    _section(drawn, f"{plan.crowd} idle stations", _OF_CROWD, result.raw.crowd)
    return drawn


def soap_table(soap: Soap) -> Table:
    """What a message costs that comes in SOAP."""
    drawn = Table(title="SOAP, over HTTP connections that are kept", title_justify="left")
    for title in ("", SERVERS[CSMS], "bare HTTP echo", "ratio"):
        drawn.add_column(title, justify="right" if title else "left")
    for message, ratio in soap.over_echo.items():
        drawn.add_row(Text(message, style="bold"))
        for name, text in _OF_COST.items():
            ours, echoed = (text(soap.costs[server][message]) for server in (CSMS, HTTP_ECHO))
            drawn.add_row(f"  {name}", ours, echoed, f"{ratio:.1f}" if name == _CPU else "")
        drawn.add_section()
    return drawn


def pages_table(pages: Pages) -> Table:
    """How long stations wait, without pages open and with."""
    drawn = Table(
        title=f"{pages.stations} charging stations, {pages.calls_per_second:g} CALLs/s together; {pages.viewers} pages "
        f"that get {pages.messages_per_second:.0f} messages/s, {pages.kib_per_second:.0f} KiB/s",
        title_justify="left",
    )
    for title in ("", "no page open", "pages open", "ratio"):
        drawn.add_column(title, justify="right" if title else "left")
    without, looked = pages.without, pages.with_pages
    drawn.add_row("answer, ms: half within", f"{without.p50_ms:.2f}", f"{looked.p50_ms:.2f}", f"{pages.p50_ratio:.2f}")
    drawn.add_row("99 % within", f"{without.p99_ms:.2f}", f"{looked.p99_ms:.2f}", f"{pages.p99_ratio:.2f}")
    drawn.add_row("of a core, %", f"{100 * without.cpu_share:.0f}", f"{100 * looked.cpu_share:.0f}", "")
    return drawn


def verdicts(result: Figures) -> Iterator[Text]:
    """One line for each headline: the figure, its target, and whether it is met."""
    for name, (title, digits) in _HEADLINES.items():
        figure, target = getattr(result, name), TARGETS[name]
        met = result.targets_met[name]
        yield Text.assemble(
            f"{title}: {figure:.{digits}f}, target {target.bound} {target.value:g}: ",
            ("met", "green") if met else ("not met", "bold red"),
        )
    for name, durability in result.raw.throughput.durability.items():
        yield _survived(SERVERS[name], durability)
    yield _survived(f"{SERVERS[CSMS]} with SOAP", result.raw.soap.durability)


def _survived(name: str, durability: Durability) -> Text:
    return Text(
        f"{name} was killed at the end: all {durability.answered:,} messages that it had answered are in its database, "
        f"and {durability.stored.frames:,} of {durability.frames_exchanged:,} frames in its message log",
        style="dim",
    )


_HEADLINES = {
    "durable_over_echo": ("CPU for a durable CALL over an echoed one (the worse message, log on)", 1),
    "rate_over_mobilityhouse": ("CALLs/s of one core over MobilityHouse's (the worse message, log on)", 1),
    "soap_over_echo": ("CPU for a durable MeterValues of 1.6 in SOAP over an HTTP echo (log on)", 1),
    "kib_per_station": ("KiB for each connected station", 1),
    "pages_p99_ratio": ("99th percentile of answers, with pages open over without", 2),
}
"""Each with its decimals."""


def _section(
    drawn: Table, title: str, rows: Mapping[str, Callable[..., str]], found: Mapping[str, Cost] | Mapping[str, Crowd]
) -> None:
    drawn.add_row(Text(title, style="bold"))
    for name, text in rows.items():
        cells = (text(found[server]) if server in found else "" for server in SERVERS)
        drawn.add_row(f"  {name}", *cells)
    drawn.add_section()
