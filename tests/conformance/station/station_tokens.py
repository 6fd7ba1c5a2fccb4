"""What T says of tokens in the cases of block C."""

from typing import Any

from said import Said


def group(name: str, status: str = "Accepted") -> dict[str, Any]:
    return {"status": status, "groupIdToken": {"idToken": name, "type": "Central"}}


def asked(said: Said) -> list[str]:
    """The tokens that the station asked about."""
    return [payload["idToken"]["idToken"] for payload in said.payloads("Authorize")]
