"""axe-core in a page: what people with a screen reader, a keyboard or weak eyes would stumble over."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

SETTLED_MS = 3000
GRAVE = frozenset({"serious", "critical"})
_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


_AT_REST = """
() => Promise.all(document.getAnimations()
  .filter(each => Number.isFinite(each.effect?.getComputedTiming().endTime))
  .map(each => each.finished.catch(() => null)))
  .then(() => !document.querySelector('[class*="-leave-active"], [class*="-enter-active"]'))
"""
"""What fades in or out is half transparent, and cannot be judged."""


async def _ready(page: Page) -> None:
    await page.wait_for_function(_AT_REST)
    await page.evaluate(_axe())


async def grave_faults(page: Page) -> list[str]:
    """What axe finds serious or critical, a line for each element."""
    await _ready(page)
    found: dict[str, Any] = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", _RULES
    )
    return _told(found)


async def faults_of_dialog(page: Page) -> list[str]:
    """Those of the dialog that is open. The letters of its buttons are left to the pages: a dialog lies beside the page
    and above its own shade, and axe takes either for what stands behind a button's label."""
    await _ready(page)
    named: dict[str, Any] = await page.evaluate(
        "rules => axe.run('[role=dialog]', {runOnly: rules, rules: {'color-contrast': {enabled: false}}})", _RULES
    )
    seen: dict[str, Any] = await page.evaluate(
        "() => axe.run({include: ['[role=dialog]'], exclude: ['.q-btn']}, {runOnly: ['color-contrast']})"
    )
    return _told(named) + _told(seen)


def _told(found: dict[str, Any]) -> list[str]:
    return [
        f"{fault['impact']}: {fault['id']} ({fault['help']}): {node['html'][:300]} {_why(node)}"
        for fault in found["violations"]
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])


async def sticking_out(page: Page) -> list[str]:
    """What makes the page wider than its window, the innermost elements; a page that was just resized may take a
    moment to settle."""
    with suppress(PlaywrightTimeout):
        await page.wait_for_function(_FITS, timeout=SETTLED_MS)
    found: list[str] = await page.evaluate(_STICKING_OUT)
    return found


_FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
_STICKING_OUT = """
() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const scrolled = element => {
    for (let at = element.parentElement; at; at = at.parentElement)
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(at).overflowX) && at !== document.body) return true;
    return false;
  };
  return [...document.querySelectorAll('main *')]
    .filter(each => each.getBoundingClientRect().right > wide + 1 && !scrolled(each) && !each.children.length)
    .map(each => `${Math.round(each.getBoundingClientRect().right)} px: ${each.outerHTML.slice(0, 200)}`);
}
"""
