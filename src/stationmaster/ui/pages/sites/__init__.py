"""The pages of sites: all of them, and one with what stands there."""

from stationmaster.ui.pages.sites import listing, one

__all__ = ["listing", "one"]
