"""M, A02, A03 Certificates: requests are kept for an operator to answer, and what a station says it has is remembered.

Nothing is signed here: a CSMS should not be its own CA (A02.FR.04).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

import msgspec

from stationmaster.csms.commands.hooks import CommandHook, Hooks
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.certificates import (
    OWN,
    CertificateRequest,
    CertificateRequestMoved,
    CertificateSigned,
    CertificatesSeen,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstalledCertificates,
    InstalledUse,
    RequestState,
    SignCertificate,
    SigningUse,
)
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.records import Event
from stationmaster.domain.station import StationState
from stationmaster.security.certificates import BadCertificate, check_request

CHANGED = "CertificatesChanged"
_SIGNING: frozenset[str] = frozenset(get_args(SigningUse))
_INSTALLED: tuple[str, ...] = get_args(InstalledUse)
_ACCEPTED = CommandAnswer(status="Accepted")


@dataclass(frozen=True, slots=True)
class SignCertificateBlock:
    """A02.FR.11, .12: what can be read is kept and Accepted, unless the tenant wants no requests."""

    settings: CsmsSettings

    def __call__(self, state: StationState, request: SignCertificate, at: datetime) -> Decision:
        if request.use not in _SIGNING:
            return Decision(answer=CommandAnswer(status="Rejected", reason="UnsupportedParam"))
        try:
            subject = check_request(request.csr)
        except BadCertificate as bad:
            return Decision(answer=CommandAnswer(status="Rejected", reason="InvalidCSR", info=str(bad)))
        wanted = self.settings.policy(state.tenant).certificate_requests == "keep"
        kept = CertificateRequest(
            station_key=state.key,
            use=request.use,
            csr=request.csr,
            received_at=at,
            state="open" if wanted else "refused",
            root=request.root,
            request_id=request.request_id,
        )
        told = {"use": kept.use, "subject": subject, "state": kept.state}
        return Decision(
            answer=_ACCEPTED if wanted else CommandAnswer(status="Rejected"),
            records=(kept,),
            events=(_event(state, "CertificateRequested", told, at),),
        )


def chain_is_sent(state: StationState, at: datetime, *, request: CertificateSigned, command: Command) -> Decision:
    """The request is not open any more."""
    return _moved(state, request, "sent", at)


def chain_is_answered(
    state: StationState, at: datetime, *, request: CertificateSigned, answer: CommandAnswer, command: Command
) -> Decision:
    moved = _moved(state, request, "installed" if answer.status == "Accepted" else "declined", at)
    if answer.status != "Accepted" or (request.use or OWN) == OWN:
        return moved  # a station's own certificate is not in its list
    return msgspec.structs.replace(moved, events=(*moved.events, _changed(state, at)))


def chain_is_not_answered(
    state: StationState, at: datetime, *, request: CertificateSigned, command: Command, outcome: str
) -> Decision:
    """The operator may send it again."""
    return _moved(state, request, "open", at)


def installed_are_told(
    state: StationState,
    at: datetime,
    *,
    request: GetInstalledCertificateIds,
    answer: InstalledCertificates,
    command: Command,
) -> Decision:
    """What was asked for is replaced, also by nothing (M03.FR.02), but not where the station did not say."""
    if answer.status == "Rejected":
        return Decision()
    told = answer.certificates
    asked = request.uses or _INSTALLED
    uses = dict.fromkeys((*asked, *(each.use for each in told if each.use in _INSTALLED)))
    records = tuple(
        CertificatesSeen(
            station_key=state.key,
            use=use,
            seen_at=at,
            certificates=tuple(each for each in told if each.use == use),
        )
        for use in uses
    )
    event = _event(state, "CertificatesSeen", {"certificates": msgspec.to_builtins(told)}, at)
    return Decision(records=records, events=(event,))


def certificates_change(
    state: StationState,
    at: datetime,
    *,
    request: InstallCertificate | DeleteCertificate,
    answer: CommandAnswer,
    command: Command,
) -> Decision | None:
    """What it has now, only the station can tell: it is asked (see ``certificate_watch``)."""
    return Decision(events=(_changed(state, at),)) if answer.status == "Accepted" else None


_CHANGES = CommandHook(after=certificates_change)
HOOKS: Hooks = {
    InstallCertificate: _CHANGES,
    DeleteCertificate: _CHANGES,
    CertificateSigned: CommandHook(before=chain_is_sent, after=chain_is_answered, unanswered=chain_is_not_answered),
    GetInstalledCertificateIds: CommandHook(after=installed_are_told),
}


def _moved(state: StationState, request: CertificateSigned, to: RequestState, at: datetime) -> Decision:
    use = request.use or OWN
    return Decision(
        records=(CertificateRequestMoved(station_key=state.key, use=use, state=to),),
        events=(_event(state, "CertificateRequestChanged", {"use": use, "state": to}, at),),
    )


def _changed(state: StationState, at: datetime) -> Event:
    return _event(state, CHANGED, {}, at)


def _event(state: StationState, kind: str, data: Mapping[str, object], at: datetime) -> Event:
    return Event(kind=kind, tenant=state.tenant, station_key=state.key, at=at, data=dict(data))
