"""Older messages in the shape of the head of their family, 1.6 or 2.1, and back.

2.0.1: types that are ``readable_as`` those of 2.1. The others that differ have a table: ``lift`` after reading,
``lower`` before writing.
"""

from collections.abc import Mapping

from stationmaster.ocpp.upgrade import v12, v15, v16s, v20
from stationmaster.ocpp.upgrade.rows import Refused, Tree, Untold
from stationmaster.ocpp.upgrade.table import Table
from stationmaster.ocpp.upgrade.v201 import readable_as
from stationmaster.ocpp.version import Version

__all__ = ["TABLES", "Refused", "Untold", "lift", "lower", "readable_as"]

TABLES: Mapping[Version, Table] = {
    Version.V12: v12.TABLE,
    Version.V15: v15.TABLE,
    Version.V16S: v16s.TABLE,
    Version.V20: v20.TABLE,
}


def lift(version: Version, action: str, response: bool, tree: Tree) -> Tree:
    """A payload of the version in the shape of its head; changes the tree and returns it."""
    return TABLES[version].lift(action, response, tree)


def lower(version: Version, action: str, response: bool, tree: Tree) -> Tree:
    """A payload in the head's shape as the version writes it; changes the tree and returns it.

    Raises ``Refused`` for what the version cannot say, and ``Untold`` where nothing is left to tell.
    """
    return TABLES[version].lower(action, response, tree)
