"""The pages, one module for each job of the operator."""

from importlib import import_module

_PAGES = (
    "overview",
    "messages",
    "firmware",
    "display_messages",
    "alarms",
    "smart_charging",
    "stations",
    "transactions",
    "tariffs",
    "reservations",
    "sites",
    "tokens",
    "settings",
    "people",
    "api_keys",
    "audit",
)
"""A module each; importing one makes its pages known."""


def register() -> None:
    """Make all pages known to the framework; once in a process is enough, and more does no harm."""
    for name in _PAGES:
        import_module(f"{__name__}.{name}")
