"""How certificates are written."""

from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.certificates import CertificateRequest, CertificateRequestMoved, CertificatesSeen
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.certificates import certificate_requests, installed_certificates
from stationmaster.storage.statements import Write, compiled, upsert

_encode = msgspec.json.Encoder().encode


def seen_row(seen: CertificatesSeen) -> tuple[Any, ...]:
    return (seen.station_key, seen.use, micros(seen.seen_at), _encode(seen.certificates).decode())


def request_row(request: CertificateRequest) -> tuple[Any, ...]:
    return (
        request.station_key,
        request.use,
        request.state,
        micros(request.received_at),
        _encode(request).decode(),
    )


def moved_row(moved: CertificateRequestMoved) -> tuple[Any, ...]:
    return (moved.state, moved.station_key, moved.use)


_requests = certificate_requests.c
_MOVE = compiled(
    sa.update(certificate_requests)
    .where(
        _requests.station_key == sa.bindparam("of_station"),
        _requests.use == sa.bindparam("of_use"),
        _requests.state != sa.literal_column("'refused'"),
    )
    .values(state=sa.bindparam("new_state"))
)
assert _MOVE.names == ("new_state", "of_station", "of_use"), _MOVE.names

WRITES: dict[type, tuple[Write, ...]] = {
    CertificatesSeen: (Write(upsert(installed_certificates, ("station_key", "use")), seen_row),),
    CertificateRequest: (Write(upsert(certificate_requests, ("station_key", "use")), request_row),),
    CertificateRequestMoved: (Write(_MOVE.text, moved_row),),
}
