"""The cookie that a browser carries a session in. No script can read it, and no other site can have it sent."""

from datetime import datetime

from litestar.connection import Request
from litestar.datastructures import Cookie

COOKIE = "stationmaster_session"


def session_cookie(request: Request, token: str, now: datetime, until: datetime) -> Cookie:  # type: ignore[type-arg]
    return _cookie(request, token, max(1, int((until - now).total_seconds())))


def cleared_cookie(request: Request) -> Cookie:  # type: ignore[type-arg]
    return _cookie(request, "", 0)


def _cookie(request: Request, value: str, max_age: int) -> Cookie:  # type: ignore[type-arg]
    """A browser that came by TLS, here or at a proxy before us, is to send it by TLS only."""
    proxied = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip()
    secure = (proxied or request.url.scheme) == "https"
    return Cookie(key=COOKIE, value=value, path="/", max_age=max_age, httponly=True, samesite="strict", secure=secure)
