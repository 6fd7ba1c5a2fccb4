"""People for tests, and how they sign in by the page."""

from typing import Any

from playwright.async_api import Page
from site_process import PASSWORD, Site


async def somebody(site: Site, name: str, role: str = "viewer") -> dict[str, Any]:
    body = {"name": name, "role": role, "password": PASSWORD}
    person: dict[str, Any] = (await site.ask("POST", "/people", body))["person"]
    return person


async def sign_in(page: Page, name: str, password: str) -> None:
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
