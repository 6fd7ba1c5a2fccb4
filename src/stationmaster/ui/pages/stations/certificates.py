"""The tab "Certificates": those in the station, and the requests for new ones that wait for an answer."""

from typing import Any

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.parts.raw import raw_text
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of, word_of

CHANGES = ("CertificatesSeen", "CertificatesChanged", "CommandChanged")
REQUESTS: dict[str, Look] = {
    "open": Look("waits for an answer", "warn", "pending_actions"),
    "refused": Look("refused at once", "bad", "thumb_down"),
    "sent": Look("answer on its way", "busy", "send"),
    "installed": Look("installed", "good", "done_all"),
    "declined": Look("declined by the station", "bad", "thumb_down"),
}
_ROOTS = {
    "CSMSRootCertificate": "to know us by (CSMS root)",
    "ManufacturerRootCertificate": "to know firmware by (manufacturer root)",
    "V2GRootCertificate": "to know cars by (V2G root)",
    "MORootCertificate": "to know contracts by (mobility operator root)",
    "OEMRootCertificate": "to know car makers by (OEM root)",
}
_PEM = "-----BEGIN CERTIFICATE----- and what follows"


def build(visit: Visit, station: dict[str, Any]) -> None:
    desk = Desk(visit, station)
    _installed(desk)
    _requests(desk)


def _installed(desk: Desk) -> None:
    with desk.section("In the station") as at:
        with tools():
            at.button("Ask the station", "refresh", lambda: _refresh(at))
            at.button("Install a root certificate", "add_moderator", lambda: _install(at), role="administrator")
        listing = Listing(
            path=at.path("certificates"),
            columns=_columns(at.visit),
            label="Certificates in the station",
            empty="None is known: ask the station for them.",
            kinds=CHANGES,
            station_key=at.key,
            paged=False,
        )
        DataTable(at.visit, listing, on_select=lambda certificate: _open(at, certificate))


def _requests(desk: Desk) -> None:
    with desk.section("Requests for certificates") as at:
        listing = Listing(
            path=at.path("certificate-requests"),
            columns=_request_columns(at.visit),
            label="Requests for certificates",
            empty="The station has asked for none.",
            kinds=("CertificateRequested", "CertificateRequestChanged"),
            station_key=at.key,
            key="use",
            rows_per_page=10,
        )
        DataTable(at.visit, listing, on_select=lambda request: _answer(at, request))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="use", label="What for", cell=lambda item: word_of(_ROOTS, item["use"])),
        Column(name="serial", label="Serial number", cell=lambda item: str(item["hash"]["serial_number"])),
        Column(name="issuer", label="Issuer's name (hash)", cell=_issuer, wide_only=True),
        Column(name="chain", label="Below it", align="right", cell=lambda item: text(len(item["children"]) or None)),
        Column(name="seen", label="Known from", cell=lambda item: moment(item["seen_at"], visit.zone)),
    )


def _issuer(certificate: Row) -> str:
    hashed = certificate["hash"]
    return f"{hashed['algorithm']} {hashed['issuer_name_hash'][:16]}…"


def _request_columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="use", label="What for", cell=lambda request: str(request["use"])),
        Column(name="state", label="State", cell=lambda request: badge_cell(look_of(REQUESTS, request["state"]))),
        Column(name="at", label="Asked", cell=lambda request: moment(request["received_at"], visit.zone)),
    )


async def _refresh(at: Section) -> None:
    await at.visit.trying(at.post("certificates/refresh", None, "Ask for the certificates"))


def _install(at: Section) -> None:
    fields = (
        Field(path="use", label="What for", kind="choice", options=_ROOTS, value="CSMSRootCertificate"),
        Field(path="certificate", label="Certificate (PEM)", kind="area", hint=_PEM),
    )

    async def send(body: dict[str, Any]) -> None:
        await at.post("certificates", body, "Install a root certificate")

    ask(at.visit, "Install a root certificate", "Install", fields, send, role="administrator")


def _open(at: Section, certificate: Row) -> None:
    hashed = certificate["hash"]
    form = FormDialog(at.visit, f"Certificate {hashed['serial_number']}", "Delete it in the station", danger=True)
    with form:
        raw_text("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in hashed.items()))

    async def delete() -> None:
        await at.delete(f"certificates/{certificate['key']}", "Delete a certificate")

    form.on_send(delete)
    allow(at.visit, form.button, "administrator")
    form.open(once=True)


def _answer(at: Section, request: Row) -> None:
    fields = (
        Field(
            path="chain",
            label="Certificate chain (PEM)",
            kind="area",
            hint="The station's own first, its issuers after",
        ),
    )

    async def send(body: dict[str, Any]) -> None:
        await at.post(f"certificate-requests/{request['use']}", body, f"Send a certificate: {request['use']}")

    form = ask(at.visit, f"Request for {request['use']}", "Send the certificate", fields, send, role="administrator")
    with form:
        raw_text(request["csr"])
