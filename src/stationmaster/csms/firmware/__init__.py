"""Firmware images, updates, campaigns, and the files that go with them."""
