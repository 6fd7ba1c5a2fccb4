"""How samples of power and the CSMS's own downtimes are written."""

from sqlalchemy.dialects.sqlite import insert

from stationmaster.domain.overview import Downtime, PowerSample
from stationmaster.storage.rows import Values, micros
from stationmaster.storage.schema.overview import downtimes, power_slots
from stationmaster.storage.statements import Write, insert_once, upsert

_SAME = ("tenant", "at", "site")
_p = power_slots.c


def sample_row(sample: PowerSample) -> Values:
    return (sample.tenant, micros(sample.at), sample.site or "", micros(sample.taken_at), 1, sample.power_w)


def downtime_row(downtime: Downtime) -> Values:
    return (micros(downtime.from_at), micros(downtime.to_at))


def _add_sample() -> str:
    """Samples of one slot are added up, of all nodes: each sees the whole."""
    added = insert(power_slots).excluded
    return upsert(
        power_slots,
        _SAME,
        counts={name: _p[name] + added[name] for name in ("samples", "power_w")},
    )


WRITES: dict[type, tuple[Write, ...]] = {
    PowerSample: (Write(_add_sample(), sample_row),),
    Downtime: (Write(insert_once(downtimes), downtime_row),),
}
