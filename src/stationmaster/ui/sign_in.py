"""Signing in and out: plain forms, which password managers know and which need no live connection."""

from contextlib import suppress
from html import escape
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from stationmaster.ui import theme
from stationmaster.ui.api import Api, Problem, problem_of
from stationmaster.ui.parts.heading import heading
from stationmaster.ui.visit import SCOPE_KEY, SESSION_COOKIE, House

router = APIRouter()

_FORM = """
<form method="post" action="/sign-in" class="flex flex-col gap-3 w-full">
  <input type="hidden" name="next" value="{next}">
  <label class="flex flex-col">Name
    <input class="sm-input" name="name" value="{name}" required maxlength="100" autocomplete="username" autofocus>
  </label>
  <label class="flex flex-col">Password
    <input class="sm-input" name="password" type="password" required maxlength="1000" autocomplete="current-password">
  </label>
  <details {open}><summary class="cursor-pointer sm-quiet">Another tenant</summary>
    <label class="flex flex-col mt-2">Name of the tenant
      <input class="sm-input" name="tenant" maxlength="100" value="{tenant}"></label></details>
  <button class="sm-submit" type="submit">Sign in</button>
</form>
"""
_CSS = """
.sm-input { border: 1px solid #6b7a86; border-radius: 4px; padding: 8px; background: transparent; color: inherit; }
.sm-submit { background: #0b5cad; color: white; border: 0; border-radius: 4px; padding: 10px; font-weight: 600;
  cursor: pointer; }
"""
DEFAULT_TENANT = "default"
_TOLD_ON = ("host", "origin", "sec-fetch-site", "user-agent", "x-forwarded-proto")
"""By these the API sees that another site sends somebody's browser here, and whether the cookie is to be Secure."""
_REFUSALS = {
    "401": "Nobody of this name signs in with this password.",
    "403": "Only this page itself can sign you in.",
    "429": "Too many wrong passwords.",
    "503": "It did not work just now.",
}
"""By status of the API's answer: a link must not put words of its own on this page."""
_MOST = 2000
"""Characters of what a link brings along."""


@ui.page("/sign-in", title="Sign in · Stationmaster")
def sign_in_page(request: Request) -> None:
    asked = request.query_params
    theme.apply(request.cookies.get("sm_theme", "auto"))
    ui.add_css(_CSS)
    with ui.element("main").classes("w-full flex justify-center pt-16 px-2"), ui.card().classes("sm-card w-80"):
        heading("Stationmaster", 1)
        if "problem" in asked:
            ui.label(refusal_of(asked["problem"], asked.get("wait", ""))).classes("sm-error pl-2").props("role=alert")
        tenant = asked.get("tenant", DEFAULT_TENANT)
        fields = {
            "next": _escaped(local_path(asked.get("next", "/"))),
            "name": _escaped(asked.get("name", "")),
            "tenant": _escaped(tenant),
            "open": "open" if tenant != DEFAULT_TENANT else "",
        }
        ui.html(_FORM.format(**fields), sanitize=False).classes("w-full")


@router.post("/sign-in")
async def sign_in(
    request: Request,
    name: str = Form(max_length=100),
    password: str = Form(max_length=1000),
    tenant: str = Form(default=DEFAULT_TENANT, max_length=100),
    next: str = Form(default="/", max_length=2000),  # noqa: A002 - the form's word
) -> Response:
    """Pass on what was typed; the API's cookie goes to the browser."""
    house: House = request.scope[SCOPE_KEY]
    api = Api(house.doorway, "", request.client.host if request.client else "")
    body = {"name": name, "password": password, "tenant": tenant or DEFAULT_TENANT}
    told = {"x-forwarded-proto": request.url.scheme}
    told |= {name: request.headers[name] for name in _TOLD_ON if name in request.headers}
    answer = await api.answer("POST", "/session", body, told)
    onward = local_path(next)
    if answer.is_error:
        problem = problem_of(answer)
        back = {"problem": problem.status, "wait": problem.retry_after_s or "", "name": name, "tenant": tenant}
        return RedirectResponse(f"/sign-in?{urlencode({**back, 'next': onward})}", status_code=303)
    forward = RedirectResponse(onward, status_code=303)
    for cookie in answer.headers.get_list("set-cookie"):
        forward.headers.append("set-cookie", cookie)
    return forward


@router.get("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, here and in the CSMS. A link on another site ends none: its requests come without the cookie."""
    house: House = request.scope[SCOPE_KEY]
    away = RedirectResponse("/sign-in", status_code=303)
    secret = request.cookies.get(SESSION_COOKIE, "")
    if not secret:
        return away
    api = Api(house.doorway, secret, request.client.host if request.client else "")
    with suppress(Problem):  # a session that had ended already is ended
        await api.delete("/session")
    away.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")
    return away


def refusal_of(status: str, wait_s: str) -> str:
    """Why nobody was signed in, and when to try again."""
    again = f"Try again in {wait_s[:6]} s." if wait_s.isdigit() else ""
    return f"{_REFUSALS.get(status, 'That did not work.')} {again}".strip()


def local_path(path: str) -> str:
    """A path of these pages, whatever a link said: nobody is led elsewhere by signing in.

    Browsers leave out tabs and line ends, which would make ``//`` of a slash, a tab and a slash.
    """
    is_plain = all(ord(each) > 0x20 for each in path)
    return path if is_plain and path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _escaped(text: str) -> str:
    """For the form: the template's own braces are filled by now, so those of a text are harmless."""
    return escape(text[:_MOST])
