"""Firmware: campaigns over many stations, and the images that they send."""

from stationmaster.ui.pages.firmware import campaigns, images, one

__all__ = ["campaigns", "images", "one"]
