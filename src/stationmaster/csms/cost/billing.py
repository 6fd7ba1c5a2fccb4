"""Bills made from what is stored and what is about to be: inputs gathered, content calculated, a version if it differs.

Whoever calls is in the station's lane, so that no other evidence of the transaction is under way; across nodes the
store itself lets no two versions of one number be (``bills_version``).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from stationmaster.csms.cost.billing_ports import BillingRows
from stationmaster.csms.cost.tariff_book import TariffBook
from stationmaster.csms.ports import Keys
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.cost.bill import Bill, Cause, Content, Inputs, Policy
from stationmaster.domain.cost.bill_versions import first_version, next_version
from stationmaster.domain.cost.billing import content, digest_of, frozen
from stationmaster.domain.cost.billing_records import BillingFacts, BookContent, FrozenInputs, Unplugged
from stationmaster.domain.cost.corrections import Correction, PayerChange, changes_of, corrected_evidence
from stationmaster.domain.cost.evidence import Evidence, StateAt, merged, of_readings, told
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.register import best_energy
from stationmaster.domain.cost.register_gaps import GAP_KINDS
from stationmaster.domain.cost.sites import PlaceState, selected_states
from stationmaster.domain.cost.tariff_choice import Audience, Choice, Place, in_force
from stationmaster.domain.cost.transaction_energy import weighed
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.records import Event, Reading, Record, TransactionEventRecord
from stationmaster.domain.transactions.transaction import Transaction

_decode = msgspec.json.Decoder(TransactionEvent).decode


class Reads(BillingRows, Protocol):
    async def find_token(self, tenant: str, id_token: IdToken) -> Token | None: ...


class Draft(NamedTuple):
    """What a bill would say, and what it would be made from."""

    facts: BillingFacts
    inputs: Inputs
    content: Content


class Billed(NamedTuple):
    """``bill`` is the current one, with what is to be stored for it; nothing where it was there already."""

    bill: Bill
    records: tuple[Record, ...] = ()
    events: tuple[Event, ...] = ()


class Billing:
    def __init__(self, book: TariffBook, reads: Reads, keys: Keys) -> None:
        self.book = book
        self._reads = reads
        self._keys = keys

    def bills(self, tenant: str) -> bool:
        """Whether a tenant's transactions have bills."""
        return self.book.bills(tenant)

    def content(self, tenant: str) -> BookContent:
        """What a tenant's prices are chosen by; another one once something in it has changed."""
        return self.book.content(tenant)

    async def ended_around(self, state: PlaceState) -> Sequence[int]:
        """The transactions, over by now, whose evidence a place's state belongs to."""
        return await self._reads.ended_around(state)

    async def billed(
        self,
        transaction_key: int,
        at: datetime,
        records: Iterable[Record] = (),
        *,
        cause: Cause = "evidence",
        correction: Correction | None = None,
    ) -> Billed | None:
        """The bill of a transaction that is over, counting in what is about to be stored. None: it is not over."""
        draft = await self._draft(transaction_key, tuple(records), correction)
        if draft is None or draft.facts.transaction.is_open:
            return None
        billed, transaction = self._version(draft, at, cause), _weighed(draft)
        return billed if transaction is None else billed._replace(records=(*billed.records, transaction))

    async def running(
        self, transaction_key: int, records: Iterable[Record] = (), until: datetime | None = None
    ) -> Content | None:
        """What an open transaction costs so far, of all that is known of it: an estimate, stored nowhere.

        None: no tariff applies, or there is no such transaction.
        """
        draft = await self.so_far(transaction_key, records, until)
        return None if draft is None else draft.content

    async def so_far(
        self, transaction_key: int, records: Iterable[Record] = (), until: datetime | None = None
    ) -> Draft | None:
        """As ``running``, with what it is made from."""
        draft = await self._draft(transaction_key, tuple(records), None, until=until, closed=False)
        return None if draft is None or not draft.inputs.tariffs else draft

    async def _draft(
        self,
        transaction_key: int,
        records: tuple[Record, ...],
        correction: Correction | None,
        *,
        until: datetime | None = None,
        closed: bool = True,
    ) -> Draft | None:
        seen = [each for each in records if type(each) is Transaction and each.key == transaction_key]
        facts = await self._reads.billing_facts(transaction_key, seen[-1] if seen else None)
        if facts is None:
            return None
        if correction is not None:
            facts = msgspec.structs.replace(facts, corrections=(*facts.corrections, correction))
        events = [each for each in records if type(each) is TransactionEventRecord]
        inputs = await self._inputs(facts, _with_states(facts, _evidence(facts, events, records), records), events)
        return Draft(facts, inputs, content(inputs, closed=closed, until=until))

    async def _inputs(
        self, facts: BillingFacts, evidence: Evidence, events: Sequence[TransactionEventRecord]
    ) -> Inputs:
        transaction, before = facts.transaction, facts.inputs
        tenant, evse = transaction.tenant, transaction.evse
        started_at = _start(evidence) or transaction.first_event_at
        place, max_w = self.book.place(
            tenant, transaction.station_key, evse.id if evse else 0, evse.connector_id if evse else None
        )
        retold = any(_decode(each.body).id_token is not None for each in events)
        if before is not None and not retold and _same_start(before, place, started_at):
            place, max_w, choice = before.place, before.max_w, before.choice
        else:
            choice = self.book.choose(tenant, place, await self._audience(transaction), started_at)
        tariffs, _ = in_force(
            self.book.tariff(tenant, choice.tariff_key), evidence.tariffs, self.book.by_wire_id(tenant)
        )
        return Inputs(
            evidence=evidence,
            place=place,
            tariffs=tariffs,
            choice=choice,
            offsets=self._offsets(tenant, place, _span(evidence, facts.corrections), before),
            max_w=max_w,
            policy=Policy(hold=self.book.holds(tenant), currency=self._currency(tenant)),
            corrections=facts.corrections,
        )

    def _offsets(
        self, tenant: str, place: Place, span: tuple[datetime | None, datetime | None], before: Inputs | None
    ) -> tuple[Offset, ...]:
        first, last = span
        if first is None or last is None:
            return ()
        is_known = before is not None and _span(before.evidence, before.corrections) == span
        if is_known and before is not None and before.place.zone == place.zone:
            return before.offsets  # a newer time-zone database does not change a bill
        return self.book.offsets(tenant, place.zone, first, last)

    def _currency(self, tenant: str) -> str:
        """Of bills without a tariff."""
        tariffs = self.book.content(tenant).tariffs
        return tariffs[0].currency if tariffs else Policy().currency

    async def _audience(self, transaction: Transaction) -> Audience:
        """What the accepted token is."""
        id_token = transaction.id_token
        if id_token is None or transaction.authorization != "Accepted":
            return Audience()
        return audience_of(id_token, await self._reads.find_token(transaction.tenant, id_token))

    def _version(self, draft: Draft, at: datetime, cause: Cause) -> Billed:
        facts, inputs = draft.facts, draft.inputs
        digest, previous = digest_of(inputs), facts.bill
        if previous is not None and previous.inputs_digest == digest:
            return Billed(previous)
        payer = _payer(facts.corrections)
        if previous is None:
            bill = self._first(facts.transaction, draft.content, digest, at, payer)
            made: tuple[Bill, ...] = (bill,)
        else:
            changed = next_version(
                previous,
                key=self._keys.take(),
                content=draft.content,
                inputs_digest=digest,
                at=at,
                cause=cause,
                payer=payer,
            )
            if changed is None:
                return Billed(previous)
            made, bill = changed, changed[1]
        return Billed(bill, (FrozenInputs(digest=digest, body=frozen(inputs)), *made), (bill_event(bill),))

    def _first(self, transaction: Transaction, content: Content, digest: str, at: datetime, payer: str | None) -> Bill:
        return first_version(
            key=self._keys.take(),
            tenant=transaction.tenant,
            transaction_key=transaction.key,
            station_key=transaction.station_key,
            content=content,
            inputs_digest=digest,
            at=at,
            cdr_id=str(transaction.key),
            payer=payer,
        )


def audience_of(id_token: IdToken | None, token: Token | None) -> Audience:
    """Who charges with a token. One that is not known is nobody's: it pays as one without a contract does."""
    kind = None if id_token is None else id_token.type
    if token is None:
        return Audience(token_type=kind, ad_hoc=True)
    return Audience(
        token_key=token.key,
        group=token.group,
        contract_id=token.contract_id,
        party_id=token.party_id,
        token_type=kind or token.id_token.type,
    )


def bill_event(bill: Bill) -> Event:
    """Told of every new version."""
    return Event(
        kind="BillHeld" if bill.state == "held" else "BillIssued",
        tenant=bill.tenant,
        station_key=bill.station_key,
        at=bill.issued_at,
        data={
            "bill": bill.key,
            "transaction": bill.transaction_key,
            "version": bill.version,
            "cause": bill.cause,
            "currency": bill.content.currency,
            "total": bill.content.total,
            "difference": bill.difference,
            "energy_wh": bill.content.energy_wh,
            "flags": list(bill.content.flags),
        },
    )


def _evidence(facts: BillingFacts, events: Iterable[TransactionEventRecord], records: Iterable[Record]) -> Evidence:
    """Stored, kept with the bill before, and about to be stored: thinning out readings takes nothing from a bill."""
    transaction = facts.transaction
    readings = [each for each in records if type(each) is Reading and each.transaction_key == transaction.key]
    judged = Evidence(
        authorized=transaction.authorization == "Accepted",
        conflicts=1 if "conflict" in transaction.flags else 0,
        odd=tuple(flag for flag in transaction.flags if flag in GAP_KINDS),
    )
    kept = () if facts.inputs is None else (facts.inputs.evidence,)
    left = [Evidence(unplugged_at=each.at) for each in records if type(each) is Unplugged]
    events_told = [told(_decode(each.body)) for each in events]
    return merged(facts.evidence, *kept, *events_told, of_readings(readings), judged, *left)


def _with_states(facts: BillingFacts, evidence: Evidence, records: Iterable[Record]) -> Evidence:
    """With the states of a 1.x station's place; its transactions tell none themselves."""
    evse = facts.transaction.evse
    news = [each for each in records if type(each) is PlaceState and evse is not None and each.evse_id == evse.id]
    first = _start(evidence)
    if first is None or not (facts.states or news):
        return evidence
    around = [StateAt(each.at, each.state) for each in (*facts.states, *news)]
    last = None if facts.transaction.is_open else evidence.ended_at or evidence.last_at
    return selected_states(evidence, around, first, last)


def _weighed(draft: Draft) -> Transaction | None:
    """The transaction with the energy of its bill, where its own registers do not come to that. What an operator
    corrected is on the bill alone."""
    found = best_energy(draft.inputs.evidence, draft.inputs.max_w)
    return weighed(draft.facts.transaction, found.wh, found.source, has_fallen="meter_reset" in found.flags)


def _start(evidence: Evidence) -> datetime | None:
    return evidence.started_at or evidence.first_at


def _span(evidence: Evidence, corrections: tuple[Correction, ...]) -> tuple[datetime | None, datetime | None]:
    """From when to when the clocks on the wall matter."""
    evidence = corrected_evidence(evidence, corrections)
    first, last = _start(evidence), evidence.ended_at or evidence.last_at
    if evidence.reserved_from is not None and first is not None:
        first = min(first, evidence.reserved_from)
    if evidence.unplugged_at is not None and last is not None:
        last = max(last, evidence.unplugged_at)
    return first, last


def _same_start(before: Inputs, place: Place, started_at: datetime) -> bool:
    """Whether the choice of before still is the one to make: it depends on nothing else."""
    same_place = (before.place.station_key, before.place.evse_id, before.place.connector_id) == (
        place.station_key,
        place.evse_id,
        place.connector_id,
    )
    return same_place and _start(before.evidence) == started_at and before.choice != Choice()


def _payer(corrections: tuple[Correction, ...]) -> str | None:
    payers = [change.payer for change in changes_of(corrections) if isinstance(change, PayerChange)]
    return payers[-1] if payers else None
