"""How the cases of blocks B and N ask a station of 2.x for its variables."""

from typing import Any

from scripted_csms import Payload
from station_case import StationCase

Address = str
"""``Component.Variable[Instance]``, for an EVSE ``EVSE@1.Variable``, for a Connector ``Connector@1.2.Variable``."""


def address(text: Address) -> Payload:
    """The component and the variable."""
    component, _, variable = text.rpartition(".")
    name, _, at = component.partition("@")
    variable_name, _, instance = variable.rstrip("]").partition("[")
    found: dict[str, Any] = {"component": {"name": name}, "variable": {"name": variable_name}}
    if at:
        evse, _, connector = at.partition(".")
        found["component"]["evse"] = {"id": int(evse), **({"connectorId": int(connector)} if connector else {})}
    if instance:
        found["variable"]["instance"] = instance
    return found


async def get(case: StationCase, *texts: Address, **attribute: str) -> list[Payload]:
    """The results of one GetVariables."""
    asked = [address(text) | attribute for text in texts]
    answer = await case.ask("GetVariables", getVariableData=asked)
    return list(answer["getVariableResult"])


async def set_(case: StationCase, settings: dict[Address, str], **attribute: str) -> list[Payload]:
    """The results of one SetVariables."""
    asked = [address(text) | {"attributeValue": value} | attribute for text, value in settings.items()]
    answer = await case.ask("SetVariables", setVariableData=asked)
    return list(answer["setVariableResult"])


async def value(case: StationCase, text: Address) -> str:
    (result,) = await get(case, text)
    assert result["attributeStatus"] == "Accepted", result
    return str(result["attributeValue"])


async def status_of_set(case: StationCase, text: Address, new: str) -> tuple[str, str | None]:
    """The status and the reasonCode of setting one variable."""
    (result,) = await set_(case, {text: new})
    return result["attributeStatus"], result.get("attributeStatusInfo", {}).get("reasonCode")


async def base_report(case: StationCase, base: str, request_id: int = 71) -> tuple[str, list[Payload]]:
    """The status, and the data of all parts once they are checked for their order."""
    case.take()
    answer = await case.ask("GetBaseReport", requestId=request_id, reportBase=base)
    return answer["status"], await parts_of(case, request_id)


async def report(case: StationCase, request_id: int = 72, **asked: Any) -> tuple[str, list[Payload]]:
    """As `base_report`, for a GetReport."""
    case.take()
    answer = await case.ask("GetReport", requestId=request_id, **asked)
    return answer["status"], await parts_of(case, request_id)


async def parts_of(case: StationCase, request_id: int) -> list[Payload]:
    parts = (await case.wait()).payloads("NotifyReport")
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert [part.get("tbc", False) for part in parts] == [True] * (len(parts) - 1) + [False] * bool(parts)
    assert {part["requestId"] for part in parts} <= {request_id}
    return [item for part in parts for item in part["reportData"]]


def names(data: list[Payload]) -> list[str]:
    """The addresses of what a report tells."""
    return [_name(item) for item in data]


def _name(item: Payload) -> str:
    component, variable = item["component"], item["variable"]
    evse = component.get("evse")
    at = "" if evse is None else f"@{evse['id']}"
    at += f".{evse['connectorId']}" if evse is not None and "connectorId" in evse else ""
    instance = f"[{variable['instance']}]" if "instance" in variable else ""
    return f"{component['name']}{at}.{variable['name']}{instance}"
