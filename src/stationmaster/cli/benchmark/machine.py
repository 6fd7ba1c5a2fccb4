"""What the machine gives: open files, and a directory on a real disk."""

import os
import platform
import resource
import tempfile
from importlib.util import find_spec
from pathlib import Path

import msgspec

from stationmaster.cli.benchmark.figures import Machine
from stationmaster.cli.benchmark.plan import Plan
from stationmaster.cli.benchmark.scripts import MESSAGES
from stationmaster.cli.benchmark.subjects import subjects
from stationmaster.cli.errors import CommandFailed

SPARE_FILES = 200
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


def check() -> None:
    """Raises CommandFailed where the benchmark cannot run."""
    if not Path("/proc/self/statm").exists():
        raise CommandFailed("the benchmark reads the cost of its servers from /proc, which only Linux has")
    if find_spec("ocpp") is None:
        raise CommandFailed("the benchmark compares with MobilityHouse's library: pip install ocpp==2.1.0")


def fitting(plan: Plan) -> Plan:
    """The plan with no more stations than open files allow; raises the limit of this process as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    files = hard - SPARE_FILES if hard != resource.RLIM_INFINITY else plan.crowd + plan.stations * 100
    fleets = len(subjects(Path())) * len(MESSAGES)
    return msgspec.structs.replace(plan, crowd=min(plan.crowd, files), stations=min(plan.stations, files // fleets))


def directory_on_disk() -> Path:
    """Where temporary files are on a disk: many systems keep /tmp in memory, where storing costs nothing."""
    candidates = [Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd()]  # noqa: S108  (made unique below it)
    return next((path for path in candidates if filesystem(path) not in _IN_MEMORY), candidates[0])


def filesystem(path: Path) -> str:
    """The type of the file system that a path is on."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    holding = [(point, kind) for _, point, kind, *_ in mounts if path.resolve().is_relative_to(point)]
    return max(reversed(holding), key=lambda mount: len(mount[0]), default=("", "unknown"))[1]


def described(directory: Path) -> Machine:
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        cores=len(os.sched_getaffinity(0)),
        filesystem=filesystem(directory),
    )
