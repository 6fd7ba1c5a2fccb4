"""``python -m stationmaster``."""

from stationmaster.cli.main import run

run()
