from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.cli.config import as_toml, load
from stationmaster.cli.config_values import ConfigError
from stationmaster.cli.settings import SETTINGS, ServeSettings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "stationmaster.toml"


def problems(text: str, file: Path) -> list[str]:
    """What is said about a configuration file, without the directory it is in."""
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load({}, {}, directory=file.parent)
    return [str(problem).replace(f"{file.parent}/", "") for problem in caught.value.problems]


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    effective = load({}, {}, directory=tmp_path)
    assert effective.settings == ServeSettings()
    assert set(effective.sources.values()) == {"default"}


def test_a_flag_wins_over_the_environment_which_wins_over_the_file_which_wins_over_the_default(file: Path) -> None:
    file.write_text("[network]\napi_port = 1\nocpp_port = 1\nmax_connections = 1\n")
    environment = {"STATIONMASTER_API_PORT": "2", "STATIONMASTER_OCPP_PORT": "2"}
    effective = load({"api_port": "3", "ocpp_port": None}, environment, directory=file.parent)
    settings = effective.settings
    assert (settings.api_port, settings.ocpp_port, settings.max_connections) == (3, 2, 1)
    assert settings.heartbeat_interval_s == 300
    assert effective.sources["api_port"] == "flag --api-port"
    assert effective.sources["ocpp_port"] == "environment variable STATIONMASTER_OCPP_PORT"
    assert effective.sources["max_connections"] == f"{file}:4"
    assert effective.sources["heartbeat_interval_s"] == "default"


@pytest.mark.parametrize("present", [set(), {1}, {2}, {3}, {1, 2}, {1, 3}, {2, 3}, {1, 2, 3}])
def test_of_those_who_speak_the_strongest_is_heard(present: set[int], file: Path) -> None:
    if 1 in present:
        file.write_text("[stations]\ncall_timeout_s = 1\n")
    environment = {"STATIONMASTER_CALL_TIMEOUT_S": "2"} if 2 in present else {}
    flags = {"call_timeout_s": "3" if 3 in present else None}
    heard = load(flags, environment, directory=file.parent).settings.call_timeout_s
    assert heard == max(present, default=ServeSettings().call_timeout_s)


def test_a_file_named_by_flag_is_read_before_one_named_by_the_environment(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text("[network]\napi_port = 1\n")
    two.write_text("[network]\napi_port = 2\n")
    environment = {"STATIONMASTER_CONFIG": str(two)}
    assert load({}, environment, config=one).settings.api_port == 1
    assert load({}, environment).settings.api_port == 2


def test_a_relative_data_directory_is_relative_to_the_file_that_names_it(file: Path) -> None:
    file.write_text('[storage]\ndata_dir = "data"\n')
    assert load({}, {}, config=file).settings.data_dir == file.parent / "data"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[network]\n\napi_prot = 1", 'stationmaster.toml:3: unknown setting "api_prot"; did you mean "api_port"?'),
        ("[network]\nzzz = 1", 'stationmaster.toml:2: unknown setting "zzz"'),
        ("\n[netwrok]\n", "stationmaster.toml:2: unknown section [netwrok]; did you mean [network]?"),
        ("api_port = 1", 'stationmaster.toml:1: "api_port" belongs into section [network]'),
        ("api_prot = 1", 'stationmaster.toml:1: unknown setting "api_prot"; did you mean "api_port"?'),
        ("network = 1", 'stationmaster.toml:1: "network" is a section: write [network] and its settings below'),
        ("[log]\napi_port = 1", 'stationmaster.toml:2: "api_port" belongs into section [network], not [log]'),
        ("[network]\napi_port = 65536", "stationmaster.toml:2: api_port must be an integer from 0 to 65535, not 65536"),
        ('[network]\napi_port = "1"', 'stationmaster.toml:2: api_port must be an integer from 0 to 65535, not "1"'),
        ("network.api_port = true", "stationmaster.toml:1: api_port must be an integer from 0 to 65535, not true"),
        ("network = { api_port = -1 }", "stationmaster.toml:1: api_port must be an integer from 0 to 65535, not -1"),
        ('[network]\napi_host = ""', 'stationmaster.toml:2: api_host must be a text that is not empty, not ""'),
        (
            '[network]\nsoap_url = "ftp://x"',
            "stationmaster.toml:2: soap_url must be as is said of it"
            ' (How stations reach SOAP, as https://host/soap; auto: files_url and /soap), not "ftp://x"',
        ),
        ("[storage]\nmessage_log = 1", "stationmaster.toml:2: message_log must be true or false, not 1"),
        (
            '[storage]\ndata_dir = "~no such user/x"',
            'stationmaster.toml:2: data_dir must be a path, not "~no such user/x"',
        ),
        ("[storage]\ndata_dir = 1", "stationmaster.toml:2: data_dir must be a path, not 1"),
        (
            '[stations]\nregistration = "ajar"',
            'stationmaster.toml:2: registration must be one of "closed", "open", not "ajar"',
        ),
        ("\n[tenant.a]\n", "stationmaster.toml:2: unknown section [tenant]; did you mean [tenants]?"),
        (
            "tenants = 1",
            'stationmaster.toml:1: "tenants" holds the tenants: write [tenants.NAME] and its settings below',
        ),
        (
            '[tenants]\nregistration = "open"',
            'stationmaster.toml:2: "registration" is no tenant: write [tenants.NAME] and its settings below',
        ),
        (
            '[tenants.a]\n\nregistation = "open"',
            'stationmaster.toml:3: unknown setting "registation" of a tenant; did you mean "registration"?',
        ),
        (
            "[tenants.a]\nocpp_port = 1",
            'stationmaster.toml:2: "ocpp_port" is the same for all tenants: it belongs into section [network]',
        ),
        (
            '[tenants.a]\nregistration = "ajar"',
            'stationmaster.toml:2: registration must be one of "closed", "open", not "ajar"',
        ),
        (
            '[tenants.a]\nrequire_station_auth = "on"',
            'stationmaster.toml:2: require_station_auth must be true or false, not "on"',
        ),
        (
            "[tenants.default]",
            'stationmaster.toml:1: the tenant "default" has no table: the sections hold for it',
        ),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_line(text: str, expected: str, file: Path) -> None:
    assert problems(text, file) == [expected]


@pytest.mark.parametrize("name", ["a b", "a/b", "", "ü", "..", "a.b", "x" * 49, "a%20b"])
def test_a_tenant_must_have_a_name_that_can_stand_in_a_path_as_it_is(name: str, file: Path) -> None:
    (problem,) = problems(f'\n[tenants."{name}"]\n', file)
    told = "the name of a tenant must be 1 to 48 letters, digits"
    assert problem.startswith(f"stationmaster.toml:2: {told}") and problem.endswith(f'not "{name}"')


def test_a_tenant_has_its_own_settings_and_else_those_of_all_whatever_flag_says_so(file: Path) -> None:
    file.write_text(
        '[stations]\nfirst_status = "Pending"\n'
        '[tenants.a]\nregistration = "open"\nlog_id_tokens = "plain"\n'
        "[tenants.b]\n"
    )
    effective = load({"registration": "closed"}, {"STATIONMASTER_REQUIRE_STATION_AUTH": "on"}, config=file)
    a, b = (effective.settings.of_tenant(name) for name in "ab")
    assert (a.registration, a.log_id_tokens) == ("open", "plain")
    assert (b.registration, b.log_id_tokens) == ("closed", "mask")
    for tenant in (a, b):
        assert (tenant.first_status, tenant.require_station_auth) == ("Pending", True)
    assert effective.sources["tenants.a.registration"] == f"{file}:4"


def test_a_tenant_may_be_written_on_one_line(file: Path) -> None:
    file.write_text('tenants.a = { registration = "open" }\ntenants.b.registration = "ajar"\n')
    with pytest.raises(ConfigError, match=r"toml:2: registration must be"):
        load({}, {}, config=file)


def test_all_problems_are_told_at_once(file: Path) -> None:
    text = (
        "[network]\napi_port = -1\nocpp_port = -1\nx = 1\n[y]\n[tenants.a]\nx = 1\nregistration = 1\n[tenants.default]"
    )
    assert len(problems(text, file)) == 7


@pytest.mark.parametrize(
    ("text", "line"), [("[network]\napi_port = \n", 2), ("[network\n", 1), ('\n\na = """x', 3), ("[a]\n[a]\n", 2)]
)
def test_a_slip_in_the_syntax_is_told_with_its_line(text: str, line: int, file: Path) -> None:
    (problem,) = problems(text, file)
    assert problem.startswith(f"stationmaster.toml:{line}: not valid TOML: ")


def test_a_file_in_another_encoding_is_told_with_its_line(file: Path) -> None:
    file.write_bytes(b"# a\n# \xe9\n")
    with pytest.raises(ConfigError, match=r"stationmaster\.toml:2: is not UTF-8 text"):
        load({}, {}, config=file)


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read: No such file"):
        load({}, {}, config=tmp_path / "absent.toml")


def test_a_wrong_value_names_the_variable_or_the_flag_it_came_from(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load({"ocpp_port": "x"}, {"STATIONMASTER_API_PORT": "70000"}, directory=tmp_path)
    assert [str(problem) for problem in caught.value.problems] == [
        'environment variable STATIONMASTER_API_PORT: api_port must be an integer from 0 to 65535, not "70000"',
        'flag --ocpp-port: ocpp_port must be an integer from 0 to 65535, not "x"',
    ]


@pytest.mark.parametrize(
    ("word", "value"), [("on", True), ("Yes", True), ("true", True), ("1", True), ("off", False), ("no", False)]
)
def test_a_switch_is_set_by_the_usual_words(word: str, value: bool, tmp_path: Path) -> None:
    assert load({}, {"STATIONMASTER_MESSAGE_LOG": word}, directory=tmp_path).settings.message_log is value


def test_a_misspelt_variable_is_a_warning_and_a_foreign_one_is_nothing(tmp_path: Path) -> None:
    environment = {"STATIONMASTER_API_PROT": "1", "STATIONMASTER_SERVICE_HOST": "10.0.0.1", "STATIONMASTER_DEBUG": "1"}
    (warning,) = load({}, environment, directory=tmp_path).warnings
    assert "STATIONMASTER_API_PROT" in warning and "STATIONMASTER_API_PORT?" in warning


def test_what_is_printed_can_be_used_as_the_file_and_names_every_source(file: Path) -> None:
    file.write_text('[tenants.a]\n[tenants.b]\nregistration = "open"\nrequire_station_auth = true\n')
    first = load(
        {"api_port": "1", "data_dir": str(file.parent / 'a "b"')},
        {"STATIONMASTER_LOG_LEVEL": "debug"},
        directory=file.parent,
    )
    text = as_toml(first)
    file.write_text(text)
    assert load({}, {}, config=file).settings == first.settings
    lines = dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)
    assert set(lines) == {setting.name for setting in SETTINGS}
    assert "[tenants.a]" in text.splitlines()
    assert f'registration = "open" # {file}:3' in [" ".join(line.split()) for line in text.splitlines()]
    assert lines["api_port"].endswith("# flag --api-port")
    assert lines["log_level"].endswith("# environment variable STATIONMASTER_LOG_LEVEL")
    assert lines["ocpp_port"].endswith("# default")


@given(st.sampled_from(SETTINGS), st.text(max_size=80))
def test_any_text_for_any_setting_is_a_value_or_a_clear_error(setting: Any, text: str) -> None:
    try:
        load({}, {setting.environment_variable: text}, directory=Path("/nonexistent"))
    except ConfigError as error:
        (problem,) = error.problems
        assert setting.environment_variable in problem.where
        assert setting.expects in problem.what
