"""The base of every command as a client writes it."""

from typing import Annotated

import msgspec
from msgspec import Meta


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """One shape for each command, told apart by ``type``; ``request()`` makes the domain's of it."""

    lifetime_s: (
        Annotated[
            int,
            Meta(ge=1, le=86_400, description="Seconds that the command waits for a station that is not connected."),
        ]
        | None
    ) = None
