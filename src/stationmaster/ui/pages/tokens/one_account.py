"""One prepaid account: its money, and what came in and went out."""

from nicegui import ui

from stationmaster.ui.pages.tokens.money import account_parts
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.visit import Visit, page, refusal


@page("/tokens/accounts/{account_key}", title="Prepaid account", role="operator")
async def account(visit: Visit, account_key: str) -> None:
    if not account_key.isdecimal():
        refusal("There is no such account.")
        return
    found = await visit.api.get(f"/accounts/{account_key}")
    ui.page_title(f"{found['name']} · Stationmaster")
    with panel():
        account_parts(visit, found["key"])
