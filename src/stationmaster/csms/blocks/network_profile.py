"""B09 as the CSMS sees it: what a station took into its slots is kept, without the secrets."""

from datetime import datetime

from stationmaster.csms.commands.hooks import CommandHook, Hooks
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.network_profile import NetworkProfileSet, SetNetworkProfile, without_secrets
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.records import Event
from stationmaster.domain.station import StationState


def taken(
    state: StationState, at: datetime, *, request: SetNetworkProfile, answer: CommandAnswer, command: Command
) -> Decision | None:
    """An accepted profile replaces what was known of its slot; one that was not, changes nothing (TC_B_44)."""
    if answer.status != "Accepted":
        return None
    profile = without_secrets(request.profile)
    record = NetworkProfileSet(station_key=state.key, slot=request.slot, profile=profile, set_at=at)
    told = {"slot": request.slot, "csms_url": profile.csms_url, "security_profile": profile.security_profile}
    event = Event(kind="NetworkProfileSet", tenant=state.tenant, station_key=state.key, at=at, data=told)
    return Decision(records=(record,), events=(event,))


NETWORK_PROFILE_HOOKS: Hooks = {SetNetworkProfile: CommandHook(after=taken)}
