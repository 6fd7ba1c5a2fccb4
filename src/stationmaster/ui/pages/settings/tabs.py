"""The pages of the settings."""

from stationmaster.ui.visit import Visit


def tabs(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Those that a person may open."""
    node = (("The node", "/settings/node"),) if visit.may("administrator") else ()
    return (
        ("Your account", "/settings"),
        ("How long things are kept", "/settings/retention"),
        ("Which bills wait", "/settings/bills"),
        *node,
    )
