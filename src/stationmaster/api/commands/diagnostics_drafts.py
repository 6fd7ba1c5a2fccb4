"""Requests for logs and for customers' data as a client writes them."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stationmaster.api.authorization.tokens import TokenType, Value
from stationmaster.api.commands.draft import Draft
from stationmaster.api.http.problems import invalid
from stationmaster.domain.certificates import CertificateHash, HashAlgorithm
from stationmaster.domain.diagnostics.customer_information import CustomerInformation
from stationmaster.domain.diagnostics.log_upload import GetLog, LogType
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Request

Location = Annotated[
    str,
    Meta(
        pattern=r"^(https?|ftps?|sftp)://[^\s?#]{1,1980}\Z",
        description="Where to, instead of our own file server. Query and fragment are not allowed (N01.FR.27, .28).",
    ),
]
Retries = Annotated[int, Meta(ge=0, le=100)]
RetryInterval = Annotated[int, Meta(ge=0, le=86_400)]
Hex = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{1,128}\Z", description="1 to 128 of 0-9 and A-F.")]
Zoned = Annotated[datetime, Meta(tz=True)]


class LogDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``from`` and ``to``: the span that is asked for. ``retries``: attempts after the first one."""

    log_type: LogType = "DiagnosticsLog"
    location: Location | None = None
    protocol: Literal["http", "https", "ftp", "ftps"] | None = None
    from_at: Zoned | None = msgspec.field(name="from", default=None)
    to_at: Zoned | None = msgspec.field(name="to", default=None)
    retries: Retries | None = None
    retry_interval_s: RetryInterval | None = None
    lifetime_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None

    def request(self) -> Request:
        """Raises a ProblemError of 422."""
        return _log(self)


class GetLogCommand(Draft, frozen=True, kw_only=True, tag="GetLog"):
    """N01, and 1.6's GetDiagnostics. Better asked for as a log upload, which is followed to its end."""

    log_type: LogType = "DiagnosticsLog"
    location: Location | None = None
    protocol: Literal["http", "https", "ftp", "ftps"] | None = None
    from_at: Zoned | None = msgspec.field(name="from", default=None)
    to_at: Zoned | None = msgspec.field(name="to", default=None)
    retries: Retries | None = None
    retry_interval_s: RetryInterval | None = None

    def request(self) -> Request:
        return _log(self)


def _log(draft: LogDraft | GetLogCommand) -> GetLog:
    if draft.location is not None and draft.protocol is not None:
        raise invalid("body.protocol", "it is for our own file server; a location has its own")
    if draft.from_at is not None and draft.to_at is not None and draft.from_at > draft.to_at:
        raise invalid("body.to", "it is before from")
    return GetLog(
        log_type=draft.log_type,
        location=draft.location or "",
        protocol=draft.protocol,
        oldest_at=draft.from_at,
        latest_at=draft.to_at,
        retries=draft.retries,
        retry_interval_s=draft.retry_interval_s,
    )


class CustomerTokenDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    value: Value
    type: TokenType | None = None


class CertificateHashDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The digests must be by the algorithm that the certificate was installed with (N09.FR.08)."""

    algorithm: HashAlgorithm
    issuer_name_hash: Hex
    issuer_key_hash: Hex
    serial_number: Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{1,40}\Z", description="1 to 40 of 0-9 and A-F.")]


class CustomerDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of ``id_token``, ``certificate`` and ``identifier`` names the customer. ``clear`` erases what the
    station knows, ``report`` has it told (both: told, then erased)."""

    report: bool = False
    clear: bool = False
    id_token: CustomerTokenDraft | None = None
    certificate: CertificateHashDraft | None = None
    identifier: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    lifetime_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None

    def request(self) -> Request:
        """Raises a ProblemError of 422."""
        token, named = self.id_token, self.certificate
        asked = CustomerInformation(
            report=self.report,
            clear=self.clear,
            id_token=None if token is None else IdToken(token.value, token.type),
            certificate=None if named is None else CertificateHash(*msgspec.structs.astuple(named)),
            identifier=self.identifier,
        )
        if asked.named != 1:
            raise invalid("body", "exactly one of id_token, certificate and identifier is needed (N09.FR.04)")
        if not (asked.report or asked.clear):
            raise invalid("body.report", "report, clear or both must be true (N09.FR.07)")
        return asked
