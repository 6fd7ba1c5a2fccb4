"""What a station of 1.x can beyond the core of its version."""

from collections.abc import Mapping

from stationmaster.domain.cost.telling import CAPABILITY as COSTS
from stationmaster.station.settings import Settings

_EXTENSIONS: Mapping[str, tuple[str, frozenset[str]]] = {
    "SecurityExtension": ("security_extension", frozenset({"1.6"})),  # there is none in SOAP (whitepaper, 1)
    COSTS: ("display_cost_and_price", frozenset({"1.6", "1.6S"})),
}
"""By name, the setting that switches it on, and the versions that have it."""


def has(extension: str, version: str) -> bool:
    """Whether a version has it."""
    return version in _EXTENSIONS[extension][1]


def capabilities(settings: Settings, version: str) -> frozenset[str]:
    """Those that are switched on."""
    return frozenset(
        name for name, (field, versions) in _EXTENSIONS.items() if version in versions and getattr(settings, field)
    )
