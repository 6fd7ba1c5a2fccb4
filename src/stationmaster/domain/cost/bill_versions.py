"""The versions of a transaction's bill: a new one only where something changed, and none is ever lost."""

from datetime import datetime

import msgspec

from stationmaster.domain.cost.bill import Bill, BillState, Cause, Content
from stationmaster.domain.cost.money import EXACT


def first_version(  # noqa: PLR0913 - what a bill is
    *,
    key: int,
    tenant: str,
    transaction_key: int,
    station_key: int,
    content: Content,
    inputs_digest: str,
    at: datetime,
    cdr_id: str,
    payer: str | None = None,
    seller: str | None = None,
) -> Bill:
    """The bill of a transaction that has none yet."""
    return Bill(
        key=key,
        tenant=tenant,
        transaction_key=transaction_key,
        station_key=station_key,
        version=1,
        state=_state(content),
        content=content,
        inputs_digest=inputs_digest,
        issued_at=at,
        cause="ended",
        cdr_id=cdr_id,
        payer=payer,
        seller=seller,
    )


def next_version(
    previous: Bill,
    *,
    key: int,
    content: Content,
    inputs_digest: str,
    at: datetime,
    cause: Cause,
    payer: str | None = None,
) -> tuple[Bill, Bill] | None:
    """The previous version, superseded, and the new one; None where it would say the same.

    More evidence that changes nothing makes no version. A correction always does, as somebody asked for it. What an
    operator released stays released unless the sum changes.
    """
    changed = content != previous.content or (payer is not None and payer != previous.payer)
    if not changed and cause == "evidence":
        return None
    difference = EXACT.subtract(content.total, previous.content.total)
    was_released = previous.state == "issued" and previous.content.held
    bill = msgspec.structs.replace(
        previous,
        key=key,
        version=previous.version + 1,
        state="issued" if was_released and not difference else _state(content),
        content=content,
        inputs_digest=inputs_digest,
        issued_at=at,
        cause=cause,
        corrects=previous.key,
        difference=difference,
        payer=payer or previous.payer,
        settlement_key=None,
    )
    return msgspec.structs.replace(previous, state="superseded"), bill


def released(previous: Bill, *, key: int, at: datetime) -> tuple[Bill, Bill]:
    """A held bill that somebody has looked at and lets go: the same content as a version of its own.

    Raises ValueError for one that is not held.
    """
    if previous.state != "held":
        raise ValueError(f"the bill is {previous.state}, not held")
    bill = msgspec.structs.replace(
        previous,
        key=key,
        version=previous.version + 1,
        state="issued",
        issued_at=at,
        cause="released",
        corrects=previous.key,
        difference=EXACT.subtract(previous.content.total, previous.content.total),
    )
    return msgspec.structs.replace(previous, state="superseded"), bill


def _state(content: Content) -> BillState:
    return "held" if content.held else "issued"
