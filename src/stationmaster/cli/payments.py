"""How drivers pay at once, from the settings as they hold for a tenant."""

from stationmaster.cli.authorization import NONE, asking
from stationmaster.cli.config_values import ConfigError, Problem
from stationmaster.cli.settings import ServeSettings
from stationmaster.csms.settings import VatPolicy, WebPaymentPolicy
from stationmaster.domain.payment.web_payment import STATION, template_problem
from stationmaster.transport.authorization_client import AuthorizationClient


def web_payment_policy(settings: ServeSettings) -> WebPaymentPolicy | None:
    """None where nobody can pay on a web page. Raises ConfigError for an address that no code can be read from."""
    template = settings.web_payment_url
    if template == NONE:
        return None
    problem = template_problem(template)
    if problem is None and f"{{{STATION}}}" not in template.lower():
        problem = f"it has no place {{{STATION}}}, so nobody could tell the station by it"
    if problem is not None:
        raise ConfigError(Problem("web_payment_url", problem))
    return WebPaymentPolicy(
        template=template,
        validity_s=settings.web_payment_validity_s,
        length=settings.web_payment_code_length,
        timeout_s=settings.web_payment_timeout_s,
    )


def vat_policy(settings: ServeSettings) -> VatPolicy | None:
    """None where VAT numbers are judged by their form."""
    if settings.vat_url == NONE:
        return None
    return VatPolicy(timeout_s=settings.vat_timeout_ms / 1000, when_silent=settings.vat_when_silent)


def vat_oracle_of(settings: ServeSettings) -> AuthorizationClient | None:
    """Who asks about VAT numbers; None where no tenant has a system for it. Raises ConfigError."""
    return asking(settings, "vat_url", "vat_secret_file")
