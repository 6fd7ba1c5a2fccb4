"""What a running node tells whoever started it."""

from collections.abc import Mapping
from pathlib import Path

import msgspec


class NodeInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Where a node listens, and for whom.

    ``ocpp_url``: what a station of the default tenant adds its identity to; ``soap_url``: what one that speaks SOAP
    posts to, None: SOAP is off. ``api_key`` is set where one was made just now: it can be shown this once; likewise
    ``password``, of the person admin. ``tenants``: the others by name, each with its key likewise; ``passwords``:
    likewise.
    """

    ocpp_url: str
    api_url: str
    soap_url: str | None = None
    data_dir: Path
    files_url: str = ""
    api_key: str | None = None
    password: str | None = None
    tenants: Mapping[str, str | None] = {}
    passwords: Mapping[str, str | None] = {}

    def __repr__(self) -> str:
        return f"NodeInfo(ocpp_url={self.ocpp_url!r}, api_url={self.api_url!r}, data_dir={str(self.data_dir)!r})"
