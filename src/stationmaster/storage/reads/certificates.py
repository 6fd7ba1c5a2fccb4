"""What stations have installed, and what they ask for."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.certificates import CertificateRequest, CertificatesSeen, InstalledCertificate
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, of_tenant, page
from stationmaster.storage.rows import moment
from stationmaster.storage.schema.certificates import certificate_requests, installed_certificates

_installed = msgspec.json.Decoder(tuple[InstalledCertificate, ...]).decode
_request = msgspec.json.Decoder(CertificateRequest).decode


class CertificateReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def installed_certificates(self, tenant: str, station_key: int) -> Sequence[CertificatesSeen]:
        """Of one station, by use."""
        c = installed_certificates.c
        statement = (
            sa.select(*c).where(of_tenant(installed_certificates, tenant), c.station_key == station_key).order_by(c.use)
        )
        return await self._run(lambda connection: [_to_seen(row) for row in fetch(connection, statement)])

    async def certificate_requests(
        self, tenant: str, station_key: int | None = None, request: PageRequest = FIRST_PAGE
    ) -> Page[CertificateRequest]:
        """By station and use."""
        c = certificate_requests.c
        statement = sa.select(c.body, c.state).where(
            of_tenant(certificate_requests, tenant), *matching([(c.station_key, station_key)])
        )
        return await self._run(
            lambda connection: page(connection, statement, (c.station_key, c.use), request, _to_request)
        )


def _to_seen(row: tuple[Any, ...]) -> CertificatesSeen:
    return CertificatesSeen(station_key=row[0], use=row[1], seen_at=moment(row[2]), certificates=_installed(row[3]))


def _to_request(row: tuple[Any, ...]) -> CertificateRequest:
    return msgspec.structs.replace(_request(row[0]), state=row[1])
