"""What a running node tells whoever started it."""

from pathlib import Path

import msgspec


class NodeInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Where a node listens. ``api_key`` is set where one was made just now: it can be shown this once."""

    ocpp_url: str
    api_url: str
    data_dir: Path
    api_key: str | None = None

    def __repr__(self) -> str:
        return f"NodeInfo(ocpp_url={self.ocpp_url!r}, api_url={self.api_url!r}, data_dir={str(self.data_dir)!r})"
