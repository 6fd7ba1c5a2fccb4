"""Pictures of every page of the demo, light, dark and on a phone, and docs/pages.md around them.

    python tools/screenshots.py [PAGE ...]

PAGE: the names of the pages wanted (overview, stations ...); all of them where none is named. Needs a Chromium.
"""

import asyncio
import base64
import os
import re
import shutil
import struct
import sys
import zlib
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "images" / "pages"
DOCUMENT = ROOT / "docs" / "pages.md"
ALIVE_AFTER_S = 45.0
TIMEOUT_MS = 90_000
LOOKS = {"light": ((1280, 860), "light"), "dark": ((1280, 860), "dark"), "phone": ((390, 844), "light")}
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell")
_LINE = re.compile(r"Open (\S+)\s+sign in as (\S+), password (\S+)")


_QUANTIZE = """
async encoded => {
  const blob = await (await fetch('data:image/png;base64,' + encoded)).blob();
  const image = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(image.width, image.height);
  const drawn = canvas.getContext('2d');
  drawn.drawImage(image, 0, 0);
  const data = drawn.getImageData(0, 0, image.width, image.height).data;
  const counts = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    counts.set(colour, (counts.get(colour) || 0) + 1);
  }
  const kept = [];
  for (const [colour] of [...counts].sort((one, other) => other[1] - one[1])) {
    const near = other => Math.abs((colour >> 16) - (other >> 16))
      + Math.abs(((colour >> 8) & 255) - ((other >> 8) & 255)) + Math.abs((colour & 255) - (other & 255));
    if (kept.length < 256 && (kept.length < 48 || kept.every(other => near(other) > 12))) kept.push(colour);
    if (kept.length === 256) break;
  }
  const nearest = new Map(kept.map((colour, index) => [colour, index]));
  const index = colour => {
    if (!nearest.has(colour)) {
      let best = 0, least = Infinity;
      kept.forEach((other, at) => {
        const red = (colour >> 16) - (other >> 16), green = ((colour >> 8) & 255) - ((other >> 8) & 255);
        const blue = (colour & 255) - (other & 255), away = red * red + green * green + blue * blue;
        if (away < least) { least = away; best = at; }
      });
      nearest.set(colour, best);
    }
    return nearest.get(colour);
  };
  let pixels = '';
  for (let at = 0; at < data.length; at += 4)
    pixels += String.fromCharCode(index((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]));
  const palette = kept.flatMap(colour => [colour >> 16, (colour >> 8) & 255, colour & 255]);
  return {width: image.width, height: image.height, palette, pixels: btoa(pixels)};
}
"""


class Shot(NamedTuple):
    """``path`` may hold what is looked up in the demo: {station}, {transaction}, {campaign}, {message}."""

    name: str
    path: str
    title: str
    sentence: str


SHOTS = (
    Shot("overview", "/", "Overview", "How many charge, what they draw, what today brings, and what needs you."),
    Shot("stations", "/stations", "Stations", "Search, filter and sort any number of stations."),
    Shot("station", "/stations/{station}", "A station", "What it does now, and everything that can be done with it."),
    Shot("transactions", "/transactions", "Transactions", "Who charged where, how much, for how much."),
    Shot(
        "transaction",
        "/transactions/{transaction}",
        "A transaction",
        "Its power and energy, its price line by line, and the messages behind it.",
    ),
    Shot("alarms", "/alarms", "Alarms", "What is wrong, the worst first, and who has seen it."),
    Shot("tokens", "/tokens", "Tokens", "Who may charge."),
    Shot("reservations", "/reservations", "Reservations", "Places that are kept for somebody."),
    Shot("tariffs", "/tariffs", "Tariffs", "What charging costs, where and for whom."),
    Shot("tariff", "/tariffs/fast", "A tariff", "Its prices, its versions, and what a session would cost."),
    Shot("firmware", "/firmware", "Firmware", "Images, and campaigns that bring them to many stations in waves."),
    Shot(
        "campaign",
        "/firmware/{campaign}",
        "A firmware campaign",
        "How far it is, wave by wave and station by station, and what went wrong.",
    ),
    Shot("display-messages", "/display-messages", "Display messages", "What stations show to drivers."),
    Shot("messages", "/messages", "Message log", "Every OCPP message, live, each explained field by field."),
    Shot(
        "message",
        "/messages/{message}",
        "A message",
        "Pretty-printed beside what the specification calls each field, with its answer.",
    ),
    Shot("sites", "/sites", "Sites", "Where the stations stand."),
    Shot("settings", "/settings", "Settings", "How this node and this tenant work."),
    Shot("people", "/people", "People", "Who may sign in, and as what."),
    Shot("api-keys", "/api-keys", "API keys", "What programs come in with."),
    Shot("audit", "/audit", "Audit log", "Who did what, when, and from where."),
    Shot("sign-in", "/sign-in", "Signing in", "A name, a password; wrong tries are slowed down."),
)


async def main(names: list[str]) -> None:
    wanted = [shot for shot in SHOTS if not names or shot.name in names]
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=_FLAGS)
        demo = await started()
        try:
            url, name, password = await way_in(demo)
            draining = asyncio.create_task(drain(demo))
            print(f"the demo is at {url}; it lives for {ALIVE_AFTER_S:g} s before it is looked at")
            await asyncio.sleep(ALIVE_AFTER_S)
            await take_all(browser, url, name, password, wanted)
            draining.cancel()
        finally:
            demo.terminate()
            await demo.wait()
            await browser.close()
    write_document()
    total = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    print(
        f"{len(list(PICTURES.glob('*.png')))} pictures, {total / 1024 / 1024:.1f} MiB, in {PICTURES.relative_to(ROOT)}"
    )


def browser_path() -> str:
    named = os.environ.get("STATIONMASTER_BROWSER")
    found = named or next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("No Chromium here: apt-get install chromium, or name one in STATIONMASTER_BROWSER.")
    return found


async def started() -> Process:
    ports = ("--ocpp-port", "0", "--api-port", "0", "--files-port", "0", "--log-level", "error")
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stationmaster", "demo", *ports, stdout=PIPE, stderr=STDOUT, env=environment
    )


async def way_in(demo: Process) -> tuple[str, str, str]:
    """Where it is, and how to sign in there."""
    assert demo.stdout is not None
    said = ""
    async for line in demo.stdout:
        said += line.decode()
        if found := _LINE.search(said):
            return found[1], found[2], found[3]
    raise SystemExit(f"the demo did not start:\n{said}")


async def drain(demo: Process) -> None:
    assert demo.stdout is not None
    async for _ in demo.stdout:
        pass


async def take_all(browser: Browser, url: str, name: str, password: str, wanted: list[Shot]) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        answer = await http.post("/api/v1/session", json={"name": name, "password": password})
        session = answer.raise_for_status().cookies["stationmaster_session"]
        keys = await looked_up(http)
    painter = await browser.new_page()
    for look, (size, scheme) in LOOKS.items():
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,  # type: ignore[arg-type]
            timezone_id="Europe/Berlin",
            locale="en-GB",
            reduced_motion="reduce",
        )
        host = urlsplit(url).hostname or ""
        cookies: list[Any] = [{"name": "sm_zone", "value": "Europe%2FBerlin", "domain": host, "path": "/"}]
        await context.add_cookies([*cookies, {**cookies[0], "name": "stationmaster_session", "value": session}])
        context.set_default_timeout(TIMEOUT_MS)
        page = await context.new_page()
        for shot in wanted:
            await take(page, painter, f"{url}{shot.path.format_map(keys)}", PICTURES / f"{shot.name}-{look}.png")
        await context.close()


async def looked_up(http: httpx.AsyncClient) -> dict[str, int]:
    """A station that charges, and a transaction that has ended; of each the one with the most energy."""

    async def items(path: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            (await http.get(f"/api/v1{path}", params=query)).raise_for_status().json()["items"]
        )
        return found

    found = await items("/transactions", limit=100)
    found.sort(key=lambda each: float(each["energy_wh"] or 0), reverse=True)
    return {
        "station": next((each for each in found if not each["ended_at"]), found[0])["station"],
        "transaction": next((each for each in found if each["ended_at"]), found[0])["key"],
        "campaign": (await items("/firmware-campaigns", limit=1))[0]["key"],
        "message": (await items("/messages", limit=1, action="TransactionEvent"))[0]["key"],
    }


async def take(page: Page, painter: Page, url: str, path: Path) -> None:
    await page.goto(url)
    await page.wait_for_function("window.did_handshake === true")
    await page.wait_for_timeout(1500)  # what the page asks for comes over its live connection
    picture = await shrink(painter, await page.screenshot(animations="disabled"))
    await asyncio.to_thread(path.write_bytes, picture)


async def shrink(page: Page, picture: bytes) -> bytes:
    """The same PNG with at most 256 colours. The browser finds them: it has the pixels, and is quick."""
    found = await page.evaluate(_QUANTIZE, base64.b64encode(picture).decode())
    width, pixels = found["width"], base64.b64decode(found["pixels"])
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    header = struct.pack(">IIBBBBB", width, found["height"], 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", bytes(found["palette"])), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def write_document() -> None:
    lines = [
        "# The pages",
        "",
        "What `stationmaster demo` shows in a browser; `make screenshots` makes these pictures anew. The pages are a",
        "client of the REST API ([ADR 14](adr/0014-pages-are-a-client-of-the-api.md)): what you see, a program can",
        "have too.",
        "",
    ]
    for shot in SHOTS:
        lines += [f"## {shot.title}", "", shot.sentence, ""]
        names = [(look, PICTURES / f"{shot.name}-{look}.png") for look in LOOKS]
        cells = [f"![{shot.title}, {look}](images/pages/{path.name})" for look, path in names if path.exists()]
        lines += [*cells, ""]
    DOCUMENT.write_text("\n".join(lines).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
