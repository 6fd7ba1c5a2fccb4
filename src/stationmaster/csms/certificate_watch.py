"""A station whose certificates have changed is asked which ones it has, so that the list stays true by itself."""

import msgspec

from stationmaster.csms import subjects
from stationmaster.csms.blocks.certificates import CHANGED
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.ports import Bus
from stationmaster.domain.certificates import GetInstalledCertificateIds
from stationmaster.domain.queries import CommittedEvent

ASKED_BY = "certificates"


async def refresh_certificates(bus: Bus, directory: Directory, commands: CommandDesk) -> None:
    """Asked by the node where the station is. Runs until it is cancelled."""
    async for message in bus.subscribe(subjects.events(CHANGED)):
        event = msgspec.json.decode(message.body, type=CommittedEvent).event
        desk = directory.get(event.station_key or 0)
        if desk is not None and desk.session is not None and desk.state.abilities.has_security_messages:
            await commands.submit(event.tenant, desk.key, GetInstalledCertificateIds(), requested_by=ASKED_BY)
