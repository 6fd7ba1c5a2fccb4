"""I07, I09-I11 in 2.1: what a CSMS asks about tariffs that a station reckons with by itself."""

from collections.abc import Mapping

from stationmaster.dialects.moments import utc
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.v2.newest import with_21
from stationmaster.dialects.v2.parts import read_answer, read_status_info, write_status_info
from stationmaster.dialects.v2.tariffs import read_tariff, write_tariff
from stationmaster.dialects.words import words
from stationmaster.domain.cost.tariff_commands import (
    ChangeTransactionTariff,
    ClearTariffs,
    ClearTariffsAnswer,
    GetTariffs,
    InstalledTariff,
    SetDefaultTariff,
    TariffCleared,
    TariffsAnswer,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire


def write_set(facts: StationFacts, request: SetDefaultTariff) -> v21.SetDefaultTariffRequest:
    return v21.SetDefaultTariffRequest(
        evse_id=request.evse_id, tariff=write_tariff(request.tariff, dated=not request.at_once)
    )


def write_get(facts: StationFacts, request: GetTariffs) -> v21.GetTariffsRequest:
    return v21.GetTariffsRequest(evse_id=request.evse_id)


def read_tariffs(facts: StationFacts, request: GetTariffs, answer: wire.GetTariffsResponse) -> TariffsAnswer:
    """An assignment without an id names no tariff."""
    reason, info = read_status_info(answer.status_info)
    found = [
        InstalledTariff(
            tariff_id=each.tariff_id,
            kind=each.tariff_kind or "DefaultTariff",
            valid_from=utc(each.valid_from),
            evse_ids=each.evse_ids,
            id_tokens=each.id_tokens,
        )
        for each in answer.tariff_assignments
        if each.tariff_id is not None
    ]
    return TariffsAnswer(status=answer.status or "Rejected", reason=reason, info=info, tariffs=tuple(found))


def write_clear(facts: StationFacts, request: ClearTariffs) -> v21.ClearTariffsRequest:
    return v21.ClearTariffsRequest(tariff_ids=request.tariff_ids, evse_id=request.evse_id)


def read_cleared(facts: StationFacts, request: ClearTariffs, answer: wire.ClearTariffsResponse) -> ClearTariffsAnswer:
    results = tuple(
        TariffCleared(
            status=each.status or "Rejected", tariff_id=each.tariff_id, info=read_status_info(each.status_info)[1]
        )
        for each in answer.clear_tariffs_result
    )
    words = {each.status for each in results} or {"Rejected"}
    return ClearTariffsAnswer(status=words.pop() if len(words) == 1 else "Partial", results=results)


def write_change(facts: StationFacts, request: ChangeTransactionTariff) -> v21.ChangeTransactionTariffRequest:
    """It counts from now on, whenever it was valid from."""
    return v21.ChangeTransactionTariffRequest(
        tariff=write_tariff(request.tariff, dated=False), transaction_id=request.transaction_id
    )


# ── As a station reads and answers them ─────────────────────────────────────────────────────────────────────────────


def read_set(facts: StationFacts, message: wire.SetDefaultTariffRequest) -> SetDefaultTariff:
    return SetDefaultTariff(evse_id=message.evse_id or 0, tariff=read_tariff(message.tariff))


def write_set_answer(
    facts: StationFacts, request: SetDefaultTariff, answer: CommandAnswer
) -> v21.SetDefaultTariffResponse:
    return v21.SetDefaultTariffResponse(
        status=_SET.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def read_get(facts: StationFacts, message: wire.GetTariffsRequest) -> GetTariffs:
    return GetTariffs(evse_id=message.evse_id or 0)


def write_tariffs(facts: StationFacts, request: GetTariffs, answer: TariffsAnswer) -> v21.GetTariffsResponse:
    told = tuple(
        v21.TariffAssignmentType(
            tariff_id=each.tariff_id,
            tariff_kind="DriverTariff" if each.kind == "DriverTariff" else "DefaultTariff",
            valid_from=each.valid_from,
            evse_ids=each.evse_ids,
            id_tokens=each.id_tokens,
        )
        for each in answer.tariffs
    )
    return v21.GetTariffsResponse(
        status=_GOT.get(answer.status, "Rejected"), status_info=write_status_info(answer), tariff_assignments=told
    )


def read_clear(facts: StationFacts, message: wire.ClearTariffsRequest) -> ClearTariffs:
    return ClearTariffs(tariff_ids=message.tariff_ids, evse_id=message.evse_id)


def write_cleared(facts: StationFacts, request: ClearTariffs, answer: ClearTariffsAnswer) -> v21.ClearTariffsResponse:
    results = answer.results or (TariffCleared(status=answer.status),)
    return v21.ClearTariffsResponse(
        clear_tariffs_result=tuple(
            v21.ClearTariffsResultType(tariff_id=each.tariff_id, status=_CLEARED.get(each.status, "Rejected"))
            for each in results
        )
    )


def read_change(facts: StationFacts, message: wire.ChangeTransactionTariffRequest) -> ChangeTransactionTariff:
    if not message.transaction_id:
        raise Unattributable("transactionId")
    return ChangeTransactionTariff(transaction_id=message.transaction_id, tariff=read_tariff(message.tariff))


def write_change_answer(
    facts: StationFacts, request: ChangeTransactionTariff, answer: CommandAnswer
) -> v21.ChangeTransactionTariffResponse:
    return v21.ChangeTransactionTariffResponse(
        status=_CHANGED.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


_SET: Mapping[str, v21.TariffSetStatusEnumType] = words(v21.TariffSetStatusEnumType)
_GOT: Mapping[str, v21.TariffGetStatusEnumType] = words(v21.TariffGetStatusEnumType)
_CLEARED: Mapping[str, v21.TariffClearStatusEnumType] = words(v21.TariffClearStatusEnumType)
_CHANGED: Mapping[str, v21.TariffChangeStatusEnumType] = words(v21.TariffChangeStatusEnumType)
_WHAT = "a tariff that the station reckons with by itself"
INCOMING: Mapping[str, Incoming] = {
    "SetDefaultTariff": Incoming(read_set, write_set_answer),
    "GetTariffs": Incoming(read_get, write_tariffs),
    "ClearTariffs": Incoming(read_clear, write_cleared),
    "ChangeTransactionTariff": Incoming(read_change, write_change_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    SetDefaultTariff: with_21(_WHAT, one_call("SetDefaultTariff", write_set, read_answer)),
    GetTariffs: with_21(_WHAT, one_call("GetTariffs", write_get, read_tariffs)),
    ClearTariffs: with_21(_WHAT, one_call("ClearTariffs", write_clear, read_cleared)),
    ChangeTransactionTariff: with_21(_WHAT, one_call("ChangeTransactionTariff", write_change, read_answer)),
}
