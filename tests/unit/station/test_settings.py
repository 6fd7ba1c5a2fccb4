"""The settings by their 2.x names, their bounds, and how they are kept."""

import msgspec
import pytest

from stationmaster.station.settings import VARIABLES, Configuration, Settings, defaults, value_of, with_value
from stationmaster.storage.station_memory import RamMemory


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_reads_back_as_it_was_written(variable):
    settings = Settings()
    assert with_value(settings, variable, value_of(settings, variable)) == settings


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("OCPPCommCtrlr.OfflineThreshold", "abc"),
        ("OCPPCommCtrlr.OfflineThreshold", "-1"),
        ("OCPPCommCtrlr.OfflineThreshold", "1.5"),
        ("OCPPCommCtrlr.OfflineThreshold", "true"),
        ("OCPPCommCtrlr.OfflineThreshold", "99999999999"),
        ("OCPPCommCtrlr.WebSocketPingInterval", "-1"),
        ("AuthCtrlr.AuthorizeRemoteStart", "300"),
        ("AuthCtrlr.AuthorizeRemoteStart", "maybe"),
        ("TxCtrlr.TxStartPoint", "Sunrise"),
        ("AuthCtrlr.MasterPassGroupId", "x" * 37),
    ],
)
def test_B05_FR_07_values_outside_type_or_bounds_are_refused(variable, text):
    with pytest.raises(ValueError):
        with_value(Settings(), variable, text)


def test_unknown_variable_is_a_KeyError():
    with pytest.raises(KeyError):
        with_value(Settings(), "OCPPCommCtrlr.Nonsense", "1")


def test_lists_are_written_with_commas():
    settings = with_value(Settings(), "TxCtrlr.TxStopPoint", "Authorized, EVConnected")
    assert settings.tx_stop_point == ("Authorized", "EVConnected")
    assert value_of(settings, "TxCtrlr.TxStopPoint") == "Authorized,EVConnected"


def test_changes_outlive_the_program():
    memory = RamMemory()
    Configuration(memory, Settings()).change("OCPPCommCtrlr.OfflineThreshold", "321")
    assert Configuration(memory, Settings()).now.offline_threshold_s == 321


def test_who_watches_hears_of_a_change_and_not_of_the_same_value():
    configuration, heard = Configuration(RamMemory(), Settings()), []
    configuration.on_change = lambda *change: heard.append(change)
    for text in ("60", "61", "61"):
        configuration.change("OCPPCommCtrlr.OfflineThreshold", text)
    configuration.unwatch()
    configuration.change("OCPPCommCtrlr.OfflineThreshold", "62")
    assert heard == [("OCPPCommCtrlr.OfflineThreshold", "60", "61")]


@pytest.mark.parametrize(
    ("field", "text", "fits"),
    [
        ("ClockCtrlr.TimeOffset", "-05:30", True),
        ("ClockCtrlr.TimeOffset", "5:30", False),
        ("ConfigurationKey.ConnectorPhaseRotation", "0.RST, 1.TSR", True),
        ("ConfigurationKey.ConnectorPhaseRotation", "0.RST 1.TSR", False),
        ("OCPPCommCtrlr.NetworkConfigurationPriority", "3,1", True),
        ("OCPPCommCtrlr.NetworkConfigurationPriority", "", False),
    ],
)
def test_texts_of_a_form_are_held_to_it(field, text, fits):
    try:
        assert value_of(with_value(Settings(), field, text), field) == text
    except ValueError:
        assert not fits
    else:
        assert fits


def test_settings_of_another_program_version_are_read_as_far_as_they_go():
    memory = RamMemory()
    memory.put("settings", msgspec.json.encode({"offline_threshold_s": 7, "gone_since": 1}))
    assert Configuration(memory, Settings(message_attempts=9)).now == Settings(
        offline_threshold_s=7, message_attempts=9
    )


def test_first_generation_starts_with_power_and_ends_with_the_authorization():
    assert defaults(1).tx_start_point == ("PowerPathClosed",)
    assert defaults(1).tx_stop_point == ("Authorized",)
