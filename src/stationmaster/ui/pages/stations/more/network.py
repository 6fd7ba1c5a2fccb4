"""The ways by which a station reaches us (2.x)."""

from typing import Any
from urllib.parse import quote

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Column, DataTable, Listing
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit

_INTERFACES = {name: name for name in (*(f"Wired{n}" for n in range(4)), *(f"Wireless{n}" for n in range(4)))}
_ANY = {"Any": "whichever there is"}
"""A word of 2.1."""
_PROFILES = {
    0: "0: no password, no encryption",
    1: "1: password",
    2: "2: password and TLS",
    3: "3: TLS with certificates of both sides",
}


def network_profiles(desk: Desk) -> None:
    """The section."""
    with desk.section("Network profiles") as at:
        with tools():
            at.button("Set a network profile", "lan", lambda: ask_profile(at), role="administrator")
        listing = Listing(
            path=at.path("network-profiles"),
            columns=_columns(at.visit),
            label="Network profiles",
            empty="None was set from here.",
            kinds=("NetworkProfileSet",),
            station_key=at.key,
            key="slot",
            paged=False,
        )
        DataTable(at.visit, listing)


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="slot", label="Slot", cell=lambda profile: str(profile["slot"])),
        Column(name="url", label="Address", cell=lambda profile: str(profile["csms_url"])),
        Column(name="security", label="Security profile", cell=lambda profile: text(profile["security_profile"])),
        Column(name="interface", label="Interface", cell=lambda profile: str(profile["interface"]), wide_only=True),
        Column(name="version", label="OCPP", cell=lambda profile: text(profile["ocpp_version"]), wide_only=True),
        Column(name="set", label="Set", cell=lambda profile: moment(profile["set_at"], visit.zone), wide_only=True),
    )


def ask_profile(at: Section) -> None:
    """A profile without a private network of its own; those are set through the API."""
    fields = (
        Field(path="slot", label="Slot", kind="number", value=1),
        Field(path="csms_url", label="Address", hint="Such as wss://ocpp.example.com, without the station's identity"),
        Field(path="security_profile", label="Security profile", kind="choice", options=_PROFILES, value=2),
        Field(
            path="interface",
            label="Interface",
            kind="choice",
            options=_ANY | _INTERFACES if at.station["version"] == "2.1" else _INTERFACES,
            value="Any" if at.station["version"] == "2.1" else "Wired0",
        ),
        Field(path="message_timeout_s", label="Seconds to wait for an answer", kind="number", value=30),
    )

    async def send(body: dict[str, Any]) -> None:
        slot = body.pop("slot", "")
        await at.put(f"network-profiles/{quote(str(slot), safe='')}", body, f"Set network profile {slot}")

    ask(at.visit, "Set a network profile", "Set", fields, send, role="administrator")
