"""Browser windows that are used again, as somebody who sits down at a desk where another one has signed out: nothing of
the other's is left there, but what pages load every time is still warm. A new window costs more than what is tested in
it (in Chromium about 1.4 s of processor time, most of it for compiling the same scripts again)."""

from contextlib import suppress

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import Error as BrowserError

TIMEOUT_MS = 10_000
MOST_KEPT = 4
_FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"


class Windows:
    """Each has cookies, storage and history of its own, so that two are two people."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[tuple[str, str, Page]] = []

    async def take(self, url: str, zone: str, size: tuple[int, int], *, dark: bool) -> Page:
        """An empty window for the site at ``url``, of somebody who lives in this time zone."""
        page = self._kept(url, zone) or await self._opened(url, zone)
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        return page

    async def give_back(self, url: str, zone: str, page: Page) -> None:
        """Make it as good as new, or close it where that fails."""
        try:
            await _empty(page)
        except BrowserError:
            await page.context.close()
            return
        self._free.append((url, zone, page))
        while len(self._free) > MOST_KEPT:
            *_, oldest = self._free.pop(0)
            await oldest.context.close()

    def _kept(self, url: str, zone: str) -> Page | None:
        found = next((each for each in reversed(self._free) if each[:2] == (url, zone)), None)
        if found is None:
            return None
        self._free.remove(found)
        return found[2]

    async def _opened(self, url: str, zone: str) -> Page:
        context = await self._browser.new_context(base_url=url, timezone_id=zone, locale="en-GB")
        context.set_default_timeout(TIMEOUT_MS)
        return await context.new_page()


async def _empty(page: Page) -> None:
    await _close_others(page.context, page)
    with suppress(BrowserError):  # a page that was never opened has no storage
        await page.evaluate(_FORGET)
    await page.goto("about:blank")
    await page.context.clear_cookies()
    console = await page.context.new_cdp_session(page)
    await console.send("Page.resetNavigationHistory")
    await console.detach()


async def _close_others(context: BrowserContext, kept: Page) -> None:
    for page in context.pages:
        if page is not kept:
            await page.close()
