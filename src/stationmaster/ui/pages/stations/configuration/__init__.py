"""The tab "Configuration": what a station is set to, and setting it."""

from stationmaster.ui.pages.stations.configuration.tab import build

__all__ = ["build"]
