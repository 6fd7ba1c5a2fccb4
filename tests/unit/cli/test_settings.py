import msgspec
import pytest

from stationmaster.cli.settings import BY_NAME, SECTIONS, SETTINGS, TENANTS_OWN, ServeSettings
from stationmaster.csms.settings import OutsidePolicy, TenantPolicy, VatPolicy, WebPaymentPolicy
from stationmaster.domain.retention import RetentionTerms


def test_every_field_is_a_setting_with_a_known_section_and_a_help_text() -> None:
    assert [setting.name for setting in SETTINGS] == [
        name for name in ServeSettings.__struct_fields__ if name != "tenants"
    ]
    for setting in SETTINGS:
        assert setting.section in SECTIONS
        assert setting.help.endswith((".", "off."))


def test_the_settings_of_a_section_stand_together() -> None:
    seen = list(dict.fromkeys(setting.section for setting in SETTINGS))
    runs = [
        setting.section
        for place, setting in enumerate(SETTINGS)
        if place == 0 or setting.section != SETTINGS[place - 1].section
    ]
    assert runs == seen == list(SECTIONS)


def test_every_default_is_within_its_own_bounds() -> None:
    for setting in SETTINGS:
        if setting.name != "data_dir":
            assert msgspec.convert(setting.default, setting.type) == setting.default


def test_a_setting_names_its_flag_and_its_variable() -> None:
    port = BY_NAME["ocpp_port"]
    assert (port.flag, port.environment_variable) == ("--ocpp-port", "STATIONMASTER_OCPP_PORT")
    assert (port.expects, port.kind) == ("an integer from 0 to 65535", "integer")


def test_a_tenant_may_have_its_own_of_what_is_a_policy_of_the_csms() -> None:
    asked = {"authorization_url", "authorization_secret_file", "vat_url", "vat_secret_file"}  # not of the policy
    parts = {"outside": OutsidePolicy, "web_payments": WebPaymentPolicy, "vat": VatPolicy, "retention": RetentionTerms}
    over_rest_alone = set(RetentionTerms.__struct_fields__) - set(BY_NAME)
    own = sum(len(set(part.__struct_fields__) - over_rest_alone) for part in parts.values())
    assert len(set(TENANTS_OWN) - asked) == len(set(TenantPolicy.__struct_fields__) - set(parts)) + own
    settings = ServeSettings(tenants={"a": {"registration": "open"}})
    assert settings.of_tenant("a").registration == "open"
    with pytest.raises(KeyError):
        settings.of_tenant("b")


def test_nothing_listens_beyond_this_machine_and_strangers_stay_out_by_default() -> None:
    settings = ServeSettings()
    assert settings.ocpp_host == settings.api_host == "127.0.0.1"
    assert settings.registration == "closed"


def test_the_database_lies_in_the_data_directory() -> None:
    settings = ServeSettings()
    assert settings.database_path.parent == settings.data_dir
