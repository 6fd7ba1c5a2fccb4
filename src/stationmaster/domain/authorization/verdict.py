"""What a token is asked about, and what is said of it."""

from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.claims import Claim
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import AuthorizationStatus, IdTokenInfo
from stationmaster.domain.records import Record
from stationmaster.domain.transactions.limits import TransactionLimit

Purpose = Literal["authorize", "start", "stop"]
Source = Literal["own", "outside", "policy", "free", "command", "payment"]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """``purpose``: ``authorize`` where the station asks before it acts, ``start`` for the event that puts a token to
    use, ``stop`` for any other event. ``certificate``: a contract certificate or hashes of one came with the token.
    ``station_key`` None: about no station in particular."""

    tenant: str
    station_key: int | None
    id_token: IdToken
    purpose: Purpose
    at: datetime
    evse: Evse | None = None
    transaction_key: int | None = None
    certificate: bool = False


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A claim, and what is said of the token if it does not hold; ``reason`` in words for an operator."""

    claim: Claim
    status: AuthorizationStatus
    reason: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """``token``: what is known of it. ``source``: whose word it is (``free``: charging is free for all, ``policy``: it
    is not, ``command``: the session was begun from here, ``payment``: it is paid for at the station). ``reason``: why
    it is not accepted, in words for an operator. ``limit``: how far a transaction may go on it. ``checks``: what an
    acceptance still depends on, the first that fails counts. ``records``: what is to be stored with the transaction
    that it lets begin."""

    info: IdTokenInfo
    token: Token | None = None
    source: Source = "own"
    reason: str | None = None
    certificate_status: str | None = None
    limit: TransactionLimit | None = None
    checks: tuple[Check, ...] = ()
    records: tuple[Record, ...] = ()
