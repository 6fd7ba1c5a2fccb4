"""The pages of reservations: all of them, and one with what became of it."""

from stationmaster.ui.pages.reservations import listing, one

__all__ = ["listing", "one"]
