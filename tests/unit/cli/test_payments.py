"""How drivers pay at once, from the settings of a node and of its tenants."""

from pathlib import Path

import pytest

from stationmaster.cli.config_values import ConfigError
from stationmaster.cli.node_terms import csms_settings
from stationmaster.cli.payments import vat_oracle_of, web_payment_policy
from stationmaster.cli.settings import ServeSettings
from stationmaster.csms.settings import VatPolicy, WebPaymentPolicy

URL = "https://pay.example/{chargingstationid}/{totp}/{version}"


def test_nothing_of_it_is_there_unless_it_is_set() -> None:
    policy = csms_settings(ServeSettings()).policy("default")
    assert (policy.web_payments, policy.vat, policy.direct_payments) == (None, None, "accept")
    assert vat_oracle_of(ServeSettings()) is None


def test_each_tenant_has_its_own() -> None:
    settings = ServeSettings(
        web_payment_url=URL,
        web_payment_timeout_s=60,
        tenants={"a": {"web_payment_url": "none", "vat_url": "https://vat.example/", "vat_when_silent": "accept"}},
    )
    made = csms_settings(settings)
    assert made.policy("default").web_payments == WebPaymentPolicy(template=URL, timeout_s=60)
    assert made.policy("default").vat is None
    assert (made.policy("a").web_payments, made.policy("a").vat) == (None, VatPolicy(when_silent="accept"))
    assert vat_oracle_of(settings) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://pay.example/{chargingstationid}/{version}",
        "https://pay.example/{roamingevseid}/{totp}/{version}",
        "https://me:secret@pay.example/{chargingstationid}/{totp}/{version}",
    ],
)
def test_an_address_that_no_code_can_be_read_from_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ConfigError, match="web_payment_url"):
        web_payment_policy(ServeSettings(web_payment_url=url))


def test_the_secret_for_the_vat_system_comes_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    settings = ServeSettings(vat_url="https://vat.example/", vat_secret_file=str(secret))
    assert "s3cret" not in repr(vars(vat_oracle_of(settings)))
    with pytest.raises(ConfigError, match="vat_secret_file"):
        vat_oracle_of(ServeSettings(vat_url="https://vat.example/", vat_secret_file=str(tmp_path / "none-such")))
