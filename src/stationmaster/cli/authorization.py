"""The systems that are asked about tokens, from the settings."""

from pathlib import Path
from typing import Final

from stationmaster.cli.config_values import ConfigError, Problem
from stationmaster.cli.settings import ServeSettings
from stationmaster.csms.settings import OutsidePolicy
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.transport.authorization_client import AuthorizationClient, Endpoint, endpoint

NONE: Final = "none"
_MAX_SECRET: Final = 4096


def outside_policy(settings: ServeSettings) -> OutsidePolicy | None:
    """From the settings as they hold for the tenant."""
    if settings.authorization_url == NONE:
        return None
    return OutsidePolicy(
        ask=settings.authorization_ask,
        timeout_s=settings.authorization_timeout_ms / 1000,
        when_silent=settings.authorization_when_silent,
        overrules=settings.authorization_overrules,
    )


def oracle_of(settings: ServeSettings) -> AuthorizationClient | None:
    """Who asks them; None where no tenant has one. Raises ConfigError."""
    return asking(settings, "authorization_url", "authorization_secret_file")


def asking(settings: ServeSettings, url: str, secret_file: str) -> AuthorizationClient | None:
    """Who asks the systems whose addresses, and files with bearer tokens, stand in these settings; None where no tenant
    has one. Raises ConfigError."""
    of_tenants = {DEFAULT_TENANT: settings, **{name: settings.of_tenant(name) for name in settings.tenants}}
    endpoints = {
        name: _endpoint(own, url, secret_file) for name, own in of_tenants.items() if getattr(own, url) != NONE
    }
    return AuthorizationClient(endpoints) if endpoints else None


def _endpoint(settings: ServeSettings, url: str, secret_file: str) -> Endpoint:
    path = getattr(settings, secret_file)
    secret = "" if path == NONE else _secret(Path(path), secret_file)
    try:
        return endpoint(getattr(settings, url), secret)
    except ValueError as error:
        raise ConfigError(Problem(url, str(error))) from error


def _secret(path: Path, setting: str) -> str:
    try:
        with path.expanduser().open(encoding="utf-8") as file:
            return file.read(_MAX_SECRET).strip()
    except (OSError, UnicodeDecodeError, RuntimeError) as error:
        raise ConfigError(Problem(setting, f"{path} cannot be read: {error}")) from error
