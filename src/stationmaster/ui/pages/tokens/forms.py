"""What is said of a token, as a form: to make it known, and to change it."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from stationmaster.ui.pages.tokens.looks import STATUSES, TYPES
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit

_WHAT_IT_IS = (
    Field(path="value", label="Value, as the station reads it"),
    Field(path="type", label="Type", kind="choice", options=TYPES, value=""),
)


async def add_token(visit: Visit) -> None:
    """A token that was not known."""

    async def send(body: dict[str, Any]) -> None:
        made = await visit.api.post("/tokens", {"value": "", **body})
        ui.navigate.to(f"/tokens/{made['key']}")

    fields = (*_WHAT_IT_IS, *_fields(visit, await _accounts(visit), None))
    ask(visit, "Add a token", "Add", fields, send)


async def change_token(visit: Visit, token: Mapping[str, Any]) -> None:
    """Only what was changed is sent; what is emptied is taken away."""
    fields = _fields(visit, await _accounts(visit), token)

    async def send(body: dict[str, Any]) -> None:
        whole = {field.path: body.get(field.path) for field in fields}
        changed = {name: value for name, value in whole.items() if value != token[name]}
        await visit.api.patch(f"/tokens/{token['key']}", changed)
        ui.notify("Changed", type="positive")

    ask(visit, "Change the token", "Change", fields, send)


async def _accounts(visit: Visit) -> dict[Any, str]:
    """Those that a token may charge on; they need the role operator, as changing a token does."""
    if not visit.may("operator"):
        return {"": "none"}
    found = await visit.api.get("/accounts", {"limit": 200})
    return {"": "none", **{each["key"]: f"{each['name']} ({each['currency']})" for each in found["items"]}}


def _fields(visit: Visit, accounts: dict[Any, str], token: Mapping[str, Any] | None) -> tuple[Field, ...]:
    now = token or {"status": "Accepted", "max_concurrent": 1, "on_lists": True}
    account = now.get("account") or ""
    if account not in accounts:
        accounts = {**accounts, account: f"account {account}"}
    return (
        Field(path="status", label="Status", kind="choice", options=STATUSES, value=now["status"]),
        Field(path="group", label="Group", value=now.get("group")),
        Field(path="expires_at", label="Expires", kind="moment", value=now.get("expires_at")),
        Field(
            path="max_concurrent",
            label="Transactions at one time",
            kind="number",
            value=now["max_concurrent"],
            hint="Empty: no limit, where it is known already." if token else "",
        ),
        Field(path="account", label="Prepaid account", kind="choice", options=accounts, value=account),
        Field(path="charging_priority", label="Priority, -9 to 9", kind="number", value=now.get("charging_priority")),
        Field(path="language", label="Language, such as de", value=now.get("language")),
        Field(path="party_id", label="Party that issued it", value=now.get("party_id")),
        Field(path="contract_issuer", label="Issuer of the contract", value=now.get("contract_issuer")),
        Field(path="contract_id", label="Contract", value=now.get("contract_id")),
        Field(path="on_lists", label="May be on local lists of stations", kind="check", value=now["on_lists"]),
        Field(path="note", label="Note", kind="area", value=now.get("note")),
    )
