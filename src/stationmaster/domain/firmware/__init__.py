"""L Firmware: images, updates, campaigns."""
