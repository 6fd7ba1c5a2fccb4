"""How firmware's records are written and read back."""

import msgspec
import sqlalchemy as sa

from stationmaster.domain.firmware.campaign import Campaign, CampaignRemoved, Member
from stationmaster.domain.firmware.images import FirmwareImage, FirmwareImageRemoved
from stationmaster.domain.firmware.updates import FirmwareStatusRecord, FirmwareUpdate, Publication
from stationmaster.domain.messages import StationInfo
from stationmaster.storage.rows import Row, Values, micros, moment
from stationmaster.storage.schema.firmware import (
    campaign_members,
    firmware_campaigns,
    firmware_images,
    firmware_statuses,
    firmware_updates,
    publications,
)
from stationmaster.storage.statements import Write, compiled, plain_insert, upsert

_encode = msgspec.json.encode


def image_row(image: FirmwareImage) -> Values:
    return (image.key, image.tenant, image.state, _encode(image).decode())


def removed_row(removed: FirmwareImageRemoved | CampaignRemoved) -> Values:
    return (removed.tenant, removed.key)


def update_row(update: FirmwareUpdate) -> Values:
    return (
        update.key,
        update.tenant,
        update.station_key,
        update.campaign_key,
        update.image_key,
        update.state,
        int(update.is_open),
        micros(update.created_at),
        _encode(update).decode(),
    )


def status_row(record: FirmwareStatusRecord) -> Values:
    return (
        record.station_key,
        record.update_key,
        record.status,
        record.request_id,
        micros(record.at),
        int(record.in_order),
        record.info,
    )


def publication_row(publication: Publication) -> Values:
    return (
        publication.key,
        publication.tenant,
        publication.station_key,
        publication.state,
        micros(publication.created_at),
        _encode(publication).decode(),
    )


def campaign_row(campaign: Campaign) -> Values:
    return (campaign.key, campaign.tenant, campaign.image.key, campaign.state, _encode(campaign).decode())


def member_row(member: Member) -> Values:
    body = _encode(member).decode()
    return (member.campaign_key, member.place, member.station_key, member.update_key, member.state, body)


to_image = msgspec.json.Decoder(FirmwareImage).decode
to_update = msgspec.json.Decoder(FirmwareUpdate).decode
to_publication = msgspec.json.Decoder(Publication).decode
to_campaign = msgspec.json.Decoder(Campaign).decode
to_info = msgspec.json.Decoder(StationInfo).decode
to_member = msgspec.json.Decoder(Member).decode


def to_status(row: Row) -> FirmwareStatusRecord:
    """From the columns in the order of :func:`status_row`."""
    return FirmwareStatusRecord(
        station_key=row[0],
        update_key=row[1],
        status=row[2],
        request_id=row[3],
        at=moment(row[4]),
        in_order=bool(row[5]),
        info=row[6],
    )


def _delete(table: sa.Table) -> str:
    sql = compiled(sa.delete(table).where(table.c.tenant == sa.bindparam("tenant"), table.c.key == sa.bindparam("key")))
    assert sql.names == ("tenant", "key"), sql.names
    return sql.text


_FIXED = ("tenant", "station_key", "campaign_key", "image_key", "created_at")

WRITES: dict[type, tuple[Write, ...]] = {
    FirmwareImage: (Write(upsert(firmware_images, ("key",), keep=("tenant",)), image_row),),
    FirmwareImageRemoved: (Write(_delete(firmware_images), removed_row),),
    FirmwareUpdate: (Write(upsert(firmware_updates, ("key",), keep=_FIXED), update_row),),
    FirmwareStatusRecord: (Write(plain_insert(firmware_statuses), status_row),),
    Publication: (
        Write(upsert(publications, ("key",), keep=("tenant", "station_key", "created_at")), publication_row),
    ),
    Campaign: (Write(upsert(firmware_campaigns, ("key",), keep=("tenant",)), campaign_row),),
    CampaignRemoved: (Write(_delete(firmware_campaigns), removed_row),),
    Member: (Write(upsert(campaign_members, ("campaign_key", "place"), keep=("station_key",)), member_row),),
}
