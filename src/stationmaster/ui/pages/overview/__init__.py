"""The overview: the whole fleet at a glance."""

from stationmaster.ui.pages.overview import glance

__all__ = ["glance"]
