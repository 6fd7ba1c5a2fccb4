"""One opened page: who looks, through which API, in which zone; and the decorator that makes a page of a function."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import structlog
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui
from nicegui.client import Client

from stationmaster.ui import theme
from stationmaster.ui.api import Api, Doorway, Problem
from stationmaster.ui.formats import zone_of
from stationmaster.ui.glances import Glances
from stationmaster.ui.live import Feeds, Topic, Watcher
from stationmaster.ui.navigation import Role, may
from stationmaster.ui.ports import Clock

log = structlog.get_logger(__name__)

SESSION_COOKIE = "stationmaster_session"
_OF_SESSIONS = frozenset({"SessionChanged", "PersonChanged"})
_SESSION_EVERY_S = 60.0
SCOPE_KEY = "stationmaster.pages"
"""Where in the ASGI scope a node's own House stands: several nodes may live in one process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the pages of one node share."""

    doorway: Doorway
    feeds: Feeds
    glances: Glances
    clock: Clock
    version: str


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, as the API says."""

    name: str
    role: str
    tenant: str
    kind: str = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """All that a page's builder works with."""

    house: House
    api: Api
    who: Who
    zone: tzinfo
    theme: str
    client: Client
    path: str
    _stops: set[Callable[[], None]] = field(default_factory=set)
    """What ends each of the page's watches."""

    def may(self, role: Role) -> bool:
        """Whether to offer what needs a role; the API decides by itself."""
        return may(self.who.role, role)

    def watch(
        self,
        path: str,
        show: Callable[[Any], None],
        *,
        query: dict[str, Any] | None = None,
        kinds: tuple[str, ...] = (),
        station_key: int | None = None,
        every_s: float = 10.0,
        failed: Callable[[Problem], None] | None = None,
    ) -> Callable[[], None]:
        """Have ``show`` called with the API's answer now and whenever it differs, while the page is open.

        ``kinds``: the events after which to look at once. It is called outside of any container: whoever makes new
        elements in it enters its own. The result ends it before the page is closed.
        """
        asked = tuple(sorted((name, value) for name, value in (query or {}).items() if value not in (None, "")))
        topic = Topic(path=path, query=asked, kinds=frozenset(kinds), station_key=station_key, every_s=every_s)
        watcher = Watcher(api=self.api, show=self._alive(show), failed=self._alive(failed or self.failed))
        return self._watched(self.who.role, topic, watcher)

    async def glance(self, path: str, query: dict[str, Any], fresh_s: float) -> Any:
        """The API's answer, or the one that somebody else got to the same question less than ``fresh_s`` ago."""
        asked = {name: value for name, value in query.items() if value not in (None, "")}
        return await self.house.glances.look(f"{self.who.tenant} {self.who.role}", self.api, path, asked, fresh_s)

    def attend(self) -> None:
        """See that the session goes on while the page is open: where it has ended, nothing more is told to it."""
        topic = Topic(path="/session", kinds=_OF_SESSIONS, every_s=_SESSION_EVERY_S)
        watcher = Watcher(api=self.api, show=self._alive(self._still_same), failed=self._alive(self._unattended))
        # a feed of its own: this answer is nobody else's
        self._watched(f"{self.who.role} {self.client.id}", topic, watcher)

    def leave(self) -> None:
        """Watch nothing any more."""
        for stop in list(self._stops):
            stop()

    def _watched(self, audience: str, topic: Topic, watcher: Watcher) -> Callable[[], None]:
        if self.client.is_deleted:
            return _nothing
        end = self.house.feeds.watch(self.who.tenant, audience, topic, watcher)

        def stop() -> None:
            self._stops.discard(stop)
            end()

        if not self._stops:
            self.client.on_delete(self.leave)
        self._stops.add(stop)
        return stop

    def _still_same(self, who: Any) -> None:
        if who["role"] != self.who.role:
            self.leave()
            ui.navigate.reload()

    def _unattended(self, problem: Problem) -> None:
        if problem.is_signed_out:
            self.leave()
            signed_out(self.path)

    async def trying(self, asked: Awaitable[Any]) -> Any | None:
        """What the API answers; a Problem is shown on the page, and gives None."""
        try:
            return await asked
        except Problem as problem:
            self.failed(problem)
            return None

    def failed(self, problem: Problem) -> None:
        """Show a problem that belongs to no field: in words, or the way back to signing in."""
        with self.client:
            if problem.is_signed_out:
                signed_out(self.path)
            else:
                ui.notify(problem.in_words(), type="negative", timeout=8000, close_button="Close", multi_line=True)

    def _alive(self, tell: Callable[[Any], None]) -> Callable[[Any], None]:
        def told(what: Any) -> None:
            if not self.client.is_deleted:
                with self.client:
                    tell(what)

        return told


def signed_out(path: str) -> None:
    """Say that the session has ended, with the way back to this page. Once for a page."""
    client = ui.context.client
    if getattr(client, "sm_signed_out", False):
        return
    client.sm_signed_out = True  # type: ignore[attr-defined]
    with client, ui.dialog().props("persistent") as dialog, ui.card().classes("sm-card"):
        ui.label("Your session has ended").classes("sm-section")
        ui.label("Sign in again to go on; you will come back to this page.")
        ui.button("Sign in", on_click=lambda: ui.navigate.to(sign_in_path(path))).props("autofocus")
    dialog.open()


def sign_in_path(path: str) -> str:
    return "/sign-in" if path == "/" else f"/sign-in?next={quote(path, safe='')}"


Builder = Callable[..., Awaitable[None] | None]


def page(path: str, *, title: str, role: Role = "viewer") -> Callable[[Builder], Builder]:
    """Make a page of a function that is called with a Visit and the path's own parameters.

    It finds out who looks, sends strangers to the sign-in page, draws the frame, and shows in words what goes wrong
    while the page is built.
    """

    def decorate(build: Builder) -> Builder:
        async def shown(request: Request, client: Client) -> Response | None:
            house: House = request.scope[SCOPE_KEY]
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            api = Api(house.doorway, request.cookies.get(SESSION_COOKIE, ""), _address(request))
            try:
                who = msgspec.convert(await api.get("/session"), Who)
            except Problem as problem:
                if problem.is_signed_out:
                    return RedirectResponse(sign_in_path(here), status_code=303)
                raise
            visit = Visit(
                house=house,
                api=api,
                who=who,
                zone=zone_of(unquote(request.cookies.get("sm_zone", ""))),
                theme=request.cookies.get("sm_theme", "auto"),
                client=client,
                path=here,
            )
            await _build(visit, build, request, title, role)
            return None

        shown.__name__ = build.__name__
        ui.page(path, title=f"{title} · Stationmaster", response_timeout=20)(shown)
        return build

    return decorate


async def _build(visit: Visit, build: Builder, request: Request, title: str, role: Role) -> None:
    from stationmaster.ui.frame import frame  # noqa: PLC0415 - the frame itself works with a Visit

    theme_switch = theme.apply(visit.theme)
    visit.attend()
    visit.client.on_exception(partial(_caught, visit))
    with frame(visit, title, theme_switch):
        if not visit.may(role):
            refusal(f"This page needs the role {role}; yours is {visit.who.role}.")
            return
        try:
            made = build(visit, **request.path_params)
            if made is not None:
                await made
        except Problem as problem:
            if problem.is_signed_out:
                signed_out(visit.path)
            else:
                refusal(problem.in_words())
        except Exception:
            log.exception("page failed", path=request.url.path)
            refusal("Something went wrong here; the log of the node says what.")


def _caught(visit: Visit, error: Exception) -> None:
    """What a click or an input came to, where nobody else says it."""
    if isinstance(error, Problem):
        visit.failed(error)
        return
    log.error("page failed", path=visit.path, exc_info=error)
    with visit.client:
        ui.notify("Something went wrong here; the log of the node says what.", type="negative")


def _nothing() -> None:
    """Ends what never began."""


def refusal(text: str) -> None:
    """A panel in place of what cannot be shown."""
    with ui.card().classes("sm-card sm-error w-full").props("role=alert"):
        ui.label(text)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
