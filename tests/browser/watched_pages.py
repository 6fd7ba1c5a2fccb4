"""Pages in a real browser that are watched: nothing may go wrong in them unseen, and nothing may leave the machine."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Playwright
from site_process import SESSION_COOKIE, Site
from windows import TIMEOUT_MS, Windows

BROWSER_VARIABLE = "STATIONMASTER_BROWSER"
WIDE = (1280, 900)
PHONE = (390, 844)
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"),
)
_OWN_SCHEMES = frozenset({"data", "blob", "about"})


def browser_path() -> str | None:
    """Of the browser on this machine, or the one that STATIONMASTER_BROWSER names."""
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        return named if Path(named).exists() else None
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


async def launched(playwright: Playwright) -> Browser:
    return await playwright.chromium.launch(executable_path=browser_path(), args=list(_FLAGS))


class Watch:
    """What went wrong in a page, but for what a test ``expects``."""

    def __init__(self, page: Page, site: Site) -> None:
        self._host = urlsplit(site.url).netloc
        self._expected: list[str] = []
        self._seen: list[str] = []
        self._listeners: dict[Any, Callable[[Any], None]] = {
            "pageerror": lambda error: self._seen.append(f"uncaught: {error}"),
            "console": self._on_console,
            "request": lambda request: self._look(request.url),
            "websocket": lambda socket: self._look(socket.url),
        }
        for event, listener in self._listeners.items():
            page.on(event, listener)

    def expect(self, pattern: str) -> None:
        """Messages of this kind belong to the test (a refused request is an error to the browser's console)."""
        self._expected.append(pattern)

    def check(self) -> None:
        wrong = [text for text in self._seen if not any(re.search(each, text) for each in self._expected)]
        assert not wrong, "the page complained:\n" + "\n".join(wrong)

    def stop(self, page: Page) -> None:
        for event, listener in self._listeners.items():
            page.remove_listener(event, listener)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._seen.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _look(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _OWN_SCHEMES and parts.netloc != self._host:
            self._seen.append(f"asked outside: {url}")


class Desk:
    """Somebody at a screen; several windows if wanted. All are checked at the end, and given back."""

    def __init__(self, windows: Windows, site: Site) -> None:
        self.site = site
        self._windows = windows
        self._taken: list[tuple[Page, str, Watch]] = []

    async def page(
        self, *, size: tuple[int, int] = WIDE, zone: str = "Europe/Berlin", dark: bool = False, session: str = ""
    ) -> Page:
        """An empty one, of somebody with this session, or of a stranger."""
        page = await self._windows.take(self.site.url, zone, size, dark=dark)
        self._taken.append((page, zone, Watch(page, self.site)))
        cookies = {"sm_zone": zone.replace("/", "%2F")} | ({SESSION_COOKIE: session} if session else {})
        await page.context.add_cookies([{"name": n, "value": v, "url": self.site.url} for n, v in cookies.items()])
        return page

    async def signed_in(
        self,
        role: str = "administrator",
        path: str = "/",
        *,
        size: tuple[int, int] = WIDE,
        zone: str = "Europe/Berlin",
        dark: bool = False,
    ) -> Page:
        """A page of somebody with this role, opened there and alive."""
        page = await self.page(size=size, zone=zone, dark=dark, session=await self.site.session(role))
        await self.go(page, path)
        return page

    async def go(self, page: Page, path: str) -> None:
        """Open another page, and wait until it hears its server."""
        await page.goto(path)
        await alive(page)

    def watch(self, page: Page) -> Watch:
        return next(watch for watched, _, watch in self._taken if watched is page)

    async def close(self) -> None:
        try:
            for _, _, watch in self._taken:
                watch.check()
        finally:
            for page, zone, watch in self._taken:
                watch.stop(page)
                await self._windows.give_back(self.site.url, zone, page)


async def alive(page: Page) -> None:
    """Wait until the page has its live connection: from then on it reacts."""
    await page.wait_for_function("window.did_handshake === true", timeout=TIMEOUT_MS)
