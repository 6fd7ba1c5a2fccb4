"""What serves the driver, as far as a version can carry it whole. Tariffs and lists have tests of their own: their
parts get names on the wire, or go in several calls."""

from typing import Any

from device_model_strategies import maybe, moments, text
from hypothesis import strategies as st

from stationmaster.domain import messages as m
from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.cost.tariff_commands import (
    ChangeTransactionTariff,
    ClearTariffs,
    GetTariffs,
    SetDefaultTariff,
)
from stationmaster.domain.cost.telling import ConnectorUnplugged, CostUpdated, TellFinalCost, TellPrice
from stationmaster.domain.display_message import (
    PRIORITIES,
    ClearDisplayMessage,
    GetDisplayMessages,
    MessageInfo,
    NotifyDisplayMessages,
    SetDisplayMessage,
)
from stationmaster.domain.local_list.entries import GetLocalListVersion, LocalListVersion, SendLocalList
from stationmaster.domain.payment.payments import (
    NotifySettlement,
    NotifyWebPaymentStarted,
    SettlementAnswer,
    VatAnswer,
    VatNumberValidation,
)
from stationmaster.domain.priority_charging import NotifyPriorityCharging, UsePriorityCharging
from stationmaster.domain.texts import Text
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus, TransactionStatusAnswer

_ids = st.integers(0, 2**31 - 1)
_amounts = st.decimals(0, 1000, places=2)
_texts = st.builds(Text, content=text(512), language=st.just("en"), format=st.just("UTF8"))
_infos = st.builds(
    MessageInfo,
    id=_ids,
    priority=st.sampled_from(PRIORITIES),
    message=_texts,
    state=maybe(st.sampled_from(["Charging", "Faulted", "Idle", "Unavailable"])),
    from_at=maybe(moments),
    to_at=maybe(moments),
    transaction_id=maybe(text(36)),
)
_priority = maybe(st.sampled_from(PRIORITIES))
V1_REQUESTS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    ClearCache: st.just(ClearCache()),
    GetLocalListVersion: st.just(GetLocalListVersion()),
}
V2_REQUESTS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    **V1_REQUESTS,
    CostUpdated: st.builds(CostUpdated, transaction_id=text(36), total=_amounts),
    SetDisplayMessage: st.builds(SetDisplayMessage, info=_infos),
    GetDisplayMessages: st.builds(
        GetDisplayMessages, request_id=_ids, ids=st.lists(_ids, max_size=3).map(tuple), priority=_priority
    ),
    ClearDisplayMessage: st.builds(ClearDisplayMessage, id=_ids),
    NotifyDisplayMessages: st.builds(
        NotifyDisplayMessages,
        request_id=_ids,
        messages=st.lists(_infos, min_size=1, max_size=3).map(tuple),
        to_be_continued=st.booleans(),
    ),
    GetTransactionStatus: st.builds(GetTransactionStatus, transaction_id=maybe(text(36))),
}
V21_REQUESTS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    NotifySettlement: st.builds(
        NotifySettlement,
        psp_ref=text(255),
        status=st.sampled_from(["Settled", "Canceled", "Rejected", "Failed"]),
        amount=_amounts,
        at=moments,
        transaction_id=maybe(text(36)),
        receipt_id=maybe(text(50)),
    ),
    VatNumberValidation: st.builds(VatNumberValidation, vat_number=text(20), evse_id=maybe(st.integers(1, 9))),
    NotifyWebPaymentStarted: st.builds(
        NotifyWebPaymentStarted, evse_id=st.integers(0, 9), timeout_s=st.integers(0, 3600)
    ),
    UsePriorityCharging: st.builds(UsePriorityCharging, transaction_id=text(36), activate=st.booleans()),
    NotifyPriorityCharging: st.builds(NotifyPriorityCharging, transaction_id=text(36), activated=st.booleans()),
}
OWN_TESTS = frozenset(
    {
        SendLocalList,
        SetDefaultTariff,
        GetTariffs,
        ClearTariffs,
        ChangeTransactionTariff,
        TellPrice,
        TellFinalCost,
        ConnectorUnplugged,
    }
)
"""tests/unit/dialects: test_local_list.py, v1/test_cost_messages.py, v2/test_tariffs.py;
tests/conformance/csms/test_block_i.py."""
NOT_IN_V1 = frozenset(V2_REQUESTS) - frozenset(V1_REQUESTS) | frozenset(V21_REQUESTS)
_version = st.builds(LocalListVersion, version=st.integers(0, 2**31 - 1))
V1_ANSWERS: dict[type[m.Request], st.SearchStrategy[Any]] = {GetLocalListVersion: _version}
V2_ANSWERS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    GetLocalListVersion: _version,
    CostUpdated: st.just(m.ACKNOWLEDGED),
    NotifyDisplayMessages: st.just(m.ACKNOWLEDGED),
    GetDisplayMessages: st.builds(m.CommandAnswer, status=st.sampled_from(["Accepted", "Unknown"])),
    ClearDisplayMessage: st.builds(m.CommandAnswer, status=st.sampled_from(["Accepted", "Unknown"])),
    GetTransactionStatus: st.builds(
        TransactionStatusAnswer, messages_in_queue=st.booleans(), ongoing=maybe(st.booleans())
    ),
    NotifySettlement: st.builds(SettlementAnswer, receipt_id=maybe(text(50))),
    VatNumberValidation: st.builds(
        VatAnswer,
        vat_number=text(20),
        status=st.sampled_from(["Accepted", "Rejected"]),
        evse_id=maybe(st.integers(1, 9)),
    ),
    UsePriorityCharging: st.builds(m.CommandAnswer, status=st.sampled_from(["Accepted", "NoProfile", "Rejected"])),
    NotifyPriorityCharging: st.just(m.ACKNOWLEDGED),
    NotifyWebPaymentStarted: st.just(m.ACKNOWLEDGED),
}
