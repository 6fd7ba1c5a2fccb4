"""What the messages of a version can carry: the one place where code that decides learns anything of versions.

What a single station can beyond its version stands in what it has told of itself (``StationState.learned``).
"""

import msgspec


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """Each is something that a decision hangs on; a version that is not known has none."""

    speaks_only_of_connectors: bool = False
    """How a session goes is told by the status of its Connector, and so is the end of a reservation."""
    carries_costs: bool = False
    """Answers to transaction events have room for costs, and those to Authorize for texts."""
    carries_costs_in_transfers: bool = False
    """Costs and prices go in DataTransfer, as the California Pricing paper has it."""
    has_settings_of_price: bool = False
    """Prices for everybody are variables of the device model."""
    tells_of_its_transactions: bool = False
    """It can be asked how a transaction stands (GetTransactionStatus)."""
    forgets_people: bool = False
    """It can be asked to erase what it knows of somebody (CustomerInformation)."""
    keeps_limits: bool = False
    """It takes limits of a transaction and keeps them by itself (2.1, E16)."""
    reckons_costs: bool = False
    """It takes tariffs and reckons with them by itself (2.1, I07)."""
    shows_web_payments: bool = False
    """It can be told that somebody pays on a web page (2.1, C24)."""
    takes_triggers: bool = True
    """It can be asked to send a message (TriggerMessage)."""
    tells_its_configuration: bool = True
    """It can be asked for its variables, and told others."""
    has_local_lists: bool = True
    """There are messages for a local authorization list."""
    has_security_messages: bool = True
    """For certificates, security events and the like; to 1.6 they came later, and in JSON only."""
    knows_direct_payments: bool = True
    """There is a word for a token that stands for a payment."""
    file_scheme: str | None = None
    """What its texts have files come and go by, where they name one; others may be understood all the same."""
    names_transactions_of_values: bool = True
    """Meter values say to which transaction they belong, if to any."""


_FIRST = Abilities(speaks_only_of_connectors=True)
_SECOND = Abilities(carries_costs=True, has_settings_of_price=True, tells_of_its_transactions=True, forgets_people=True)
_replace = msgspec.structs.replace
_OLDER = _replace(_FIRST, takes_triggers=False, has_security_messages=False, file_scheme="ftp")
_ABILITIES = {
    "1.2": _replace(_OLDER, tells_its_configuration=False, has_local_lists=False, names_transactions_of_values=False),
    "1.5": _OLDER,
    "1.6S": _replace(_FIRST, carries_costs_in_transfers=True, has_security_messages=False),
    "1.6": _replace(_FIRST, carries_costs_in_transfers=True),
    "2.0": _replace(_SECOND, knows_direct_payments=False),
    "2.0.1": _replace(_SECOND, knows_direct_payments=False),
    "2.1": _replace(_SECOND, keeps_limits=True, reckons_costs=True, shows_web_payments=True),
}
_NONE = Abilities()


def abilities_of(version: str | None) -> Abilities:
    return _ABILITIES.get(version or "", _NONE)
