"""What is done about firmware commands beside sending them: see ``csms.commands.hooks``."""

from typing import Protocol

import msgspec

from stationmaster.csms.blocks.firmware import after_update, before_update
from stationmaster.csms.blocks.publishing import after_publish, after_unpublish, asked, before_publish
from stationmaster.csms.commands.hooks import CommandHook, Hooks
from stationmaster.domain.command import Command
from stationmaster.domain.firmware.campaign import Member, begun
from stationmaster.domain.firmware.updates import ImageRef, PublishFirmware, UnpublishFirmware, UpdateFirmware, opened
from stationmaster.domain.records import Record
from stationmaster.domain.station import StationState
from stationmaster.domain.transfer import Purpose


def _queued(request: UpdateFirmware, command: Command) -> tuple[Record, ...]:
    """The update, and the station's part in a campaign with it: a crash leaves both or none."""
    at = command.created_at
    update = opened(request, key=command.key, tenant=command.tenant, station_key=command.station_key, at=at)
    if request.campaign is None:
        return (update,)
    place = request.campaign
    member = Member(
        campaign_key=place.key,
        station_key=command.station_key,
        wave=place.wave,
        place=place.place,
        attempts=place.attempts,
        updated_at=at,
    )
    return (update, begun(member, command.key, at))


def _to_publish(request: PublishFirmware, command: Command) -> tuple[Record, ...]:
    return (asked(request, command),)


class Addresses(Protocol):
    """Where images can be fetched: the transfer desk."""

    @property
    def addresses(self) -> dict[str, str]: ...
    def url(self, transfer_key: int, purpose: Purpose, name: str = "", *, preferred: str | None = None) -> str: ...


def firmware_hooks(files: Addresses) -> Hooks:
    """By request type. An image's address holds credentials, so it is made when the request is sent."""

    def objection(_state: StationState, request: UpdateFirmware | PublishFirmware) -> str | None:
        if request.image is not None and not files.addresses:
            return "no file server for stations is running here"
        return None

    def address(state: StationState, image: ImageRef, command: Command) -> str:
        return files.url(command.key, "firmware", image.file_name, preferred=state.abilities.file_scheme)

    def update(state: StationState, request: UpdateFirmware, command: Command) -> UpdateFirmware:
        if request.image is None:
            return request
        firmware = msgspec.structs.replace(request.firmware, location=address(state, request.image, command))
        return msgspec.structs.replace(request, firmware=firmware)

    def publish(state: StationState, request: PublishFirmware, command: Command) -> PublishFirmware:
        if request.image is None:
            return request
        return msgspec.structs.replace(request, location=address(state, request.image, command))

    return {
        UpdateFirmware: CommandHook(
            objection=objection, opens=_queued, before=before_update, after=after_update, complete=update
        ),
        PublishFirmware: CommandHook(
            objection=objection, opens=_to_publish, before=before_publish, after=after_publish, complete=publish
        ),
        UnpublishFirmware: CommandHook(after=after_unpublish),
    }
