"""Pages in a real browser that are watched: nothing may go wrong in them unseen, and nothing may leave the machine."""

import os
import re
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Playwright, Request
from site_process import SESSION_COOKIE, Site

BROWSER_VARIABLE = "STATIONMASTER_BROWSER"
WIDE = (1280, 900)
PHONE = (390, 844)
TIMEOUT_MS = 10_000
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
        page.on("pageerror", lambda error: self._seen.append(f"uncaught: {error}"))
        page.on("console", self._on_console)
        page.on("request", self._on_request)
        page.on("websocket", lambda socket: self._look(socket.url))

    def expect(self, pattern: str) -> None:
        """Messages of this kind belong to the test (a refused request is an error to the browser's console)."""
        self._expected.append(pattern)

    def check(self) -> None:
        wrong = [text for text in self._seen if not any(re.search(each, text) for each in self._expected)]
        assert not wrong, "the page complained:\n" + "\n".join(wrong)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._seen.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_request(self, request: Request) -> None:
        self._look(request.url)

    def _look(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _OWN_SCHEMES and parts.netloc != self._host:
            self._seen.append(f"asked outside: {url}")


class Desk:
    """Somebody at a screen; several pages if wanted. All are checked at the end, and closed."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.site = site
        self._browser = browser
        self._stack = AsyncExitStack()
        self._watches: list[tuple[Page, Watch]] = []

    async def page(
        self, *, size: tuple[int, int] = WIDE, zone: str = "Europe/Berlin", dark: bool = False, session: str = ""
    ) -> Page:
        """An empty one, of somebody with this session, or of a stranger."""
        context = await self._browser.new_context(
            base_url=self.site.url,
            viewport={"width": size[0], "height": size[1]},
            timezone_id=zone,
            locale="en-GB",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        self._stack.push_async_callback(context.close)
        context.set_default_timeout(TIMEOUT_MS)
        cookies = {"sm_zone": zone.replace("/", "%2F")} | ({SESSION_COOKIE: session} if session else {})
        await context.add_cookies([{"name": n, "value": v, "url": self.site.url} for n, v in cookies.items()])
        page = await context.new_page()
        self._watches.append((page, Watch(page, self.site)))
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
        return next(watch for watched, watch in self._watches if watched is page)

    async def close(self) -> None:
        try:
            for _, watch in self._watches:
                watch.check()
        finally:
            await self._stack.aclose()


async def alive(page: Page) -> None:
    """Wait until the page has its live connection: from then on it reacts."""
    await page.wait_for_function("window.did_handshake === true", timeout=TIMEOUT_MS)
