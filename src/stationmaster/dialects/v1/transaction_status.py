"""E14 in 1.x: a station cannot be asked."""

from collections.abc import Mapping

from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import Incoming, Outgoing
from stationmaster.domain.messages import Request
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus

INCOMING: Mapping[str, Incoming] = {}
OUTGOING: Mapping[type[Request], Outgoing] = {
    GetTransactionStatus: unsupported(
        "OCPP 1.x cannot ask for the state of a transaction; a station of 1.x sends what it has queued by itself"
    )
}
