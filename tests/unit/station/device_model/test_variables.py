"""The device model of a station: its table, what is added to it, and who hears of changes."""

from decimal import Decimal

import pytest

from stationmaster.domain.device_model.addresses import Characteristics, Component, Variable, VariableRef, parse
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import StationInfo
from stationmaster.station.device_model.variable_table import TABLE
from stationmaster.station.device_model.variables import ACCEPTED, Entry, Variables, Verdict
from stationmaster.station.ports import ConnectorDescription, EvseDescription, HardwareDescription
from stationmaster.station.settings import Configuration, Settings, defaults
from stationmaster.storage.station_memory import RamMemory


def description(*types):
    evse = EvseDescription(
        id=1,
        connectors=tuple(ConnectorDescription(id=n, type=kind) for n, kind in enumerate(types, 1)),
        current="AC",
        phases=3,
        max_current_a=32,
        max_power_w=22_000,
    )
    return HardwareDescription(info=StationInfo(vendor="V", model="M"), evses=(evse,))


def made(version="2.0.1", types=("sType2",)):
    family = 2 if version.startswith("2") else 1
    return Variables(Configuration(RamMemory(), defaults(family)), description(*types), version)


def ref(name, evse=None, attribute="Actual"):
    component, _, rest = name.partition(".")
    variable, _, instance = rest.rstrip("]").partition("[")
    return VariableRef(
        component=Component(name=component, evse=evse),
        variable=Variable(name=variable, instance=instance or None),
        attribute=attribute,
    )


def test_every_row_has_a_name_of_its_own():
    assert len({row.name for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize("version", ["1.6", "2.0", "2.0.1", "2.1"])
def test_every_value_is_one_that_its_own_characteristics_allow(version):
    for entry in made(version).entries():
        text = entry.read()
        if text:
            parse(entry.characteristics, text)


def test_every_value_that_can_be_set_may_be_set_to_what_it_is():
    variables = made()
    for entry in [entry for entry in variables.entries() if entry.writable and entry.read()]:
        result = variables.set(VariableRef(component=entry.component, variable=entry.variable), entry.read())
        assert result.status == "Accepted"


def test_a_row_that_nobody_tells_anything_of_is_not_there():
    variables = made()
    assert variables.get(ref("EVSE.Power", Evse(1))).status == "UnknownVariable"
    variables.live["EVSE.Power"] = lambda at: f"{at.id}000"
    assert variables.get(ref("EVSE.Power", Evse(1))).value == "1000"
    found = variables.find(ref("EVSE.Power", Evse(1)))
    assert found.characteristics.max_limit == Decimal(22_000)


@pytest.mark.parametrize(("version", "status"), [("1.6", "Accepted"), ("2.0.1", "Rejected"), ("2.1", "Rejected")])
def test_the_message_timeout_may_be_set_in_1_x_alone(version, status):
    assert made(version).set(ref("OCPPCommCtrlr.MessageTimeout[Default]"), "20").status == status


def test_what_is_newer_than_the_version_is_not_there():
    timeout = ref("TxCtrlr.ResumptionTimeout")
    assert [made(version).get(timeout).status for version in ("2.0.1", "2.1")] == ["UnknownVariable", "Accepted"]


def test_a_setting_that_the_hardware_leaves_no_choice_of_is_read_only():
    variables = made()
    variables.fixed.add("OCPPCommCtrlr.UnlockOnEVSideDisconnect")
    assert variables.set(ref("OCPPCommCtrlr.UnlockOnEVSideDisconnect"), "true").reason == "ReadOnly"


def test_an_empty_instance_and_evse_0_mean_none():
    asked = VariableRef(
        component=Component(name="AuthCtrlr", instance="", evse=Evse(0)), variable=Variable(name="Enabled", instance="")
    )
    assert made().get(asked).value == "true"


def test_a_component_is_known_at_its_own_places_alone():
    variables = made()
    assert variables.get(ref("EVSE.Available", Evse(1))).status == "Accepted"
    assert variables.get(ref("EVSE.Available", Evse(2))).status == "UnknownComponent"
    assert variables.get(ref("EVSE.Available")).status == "UnknownComponent"
    assert variables.get(ref("AuthCtrlr.Enabled", Evse(1))).status == "UnknownComponent"


def test_who_listens_hears_of_changes_and_of_nothing_else():
    variables, heard = made(), []
    variables.on_change.append(lambda changed, before, now: heard.append((changed, before, now)))
    threshold = ref("OCPPCommCtrlr.OfflineThreshold")
    for text in ("60", "61", "61", "none"):
        variables.set(threshold, text)
    assert heard == [(threshold, "60", "61")]


def test_a_check_refuses_what_the_table_would_allow():
    variables = made()
    variables.checks["OCPPCommCtrlr.OfflineThreshold"] = lambda text: Verdict("Rejected", "Other")
    assert variables.set(ref("OCPPCommCtrlr.OfflineThreshold"), "61").reason == "Other"
    assert variables.get(ref("OCPPCommCtrlr.OfflineThreshold")).value == "60"


def test_write_only_variables_are_set_but_never_told():
    written = []
    secret = Entry(
        component=Component(name="SecurityCtrlr"),
        variable=Variable(name="BasicAuthPassword"),
        characteristics=Characteristics(data_type="string", max_limit=Decimal(40)),
        mutability="WriteOnly",
        read=lambda: "the secret",
        write=lambda text: written.append(text) or ACCEPTED,
    )
    variables = made()
    variables.sources.append(lambda: [secret])
    password = ref("SecurityCtrlr.BasicAuthPassword")
    assert variables.set(password, "another").status == "Accepted"
    assert written == ["another"]
    assert (variables.get(password).status, variables.get(password).reason) == ("Rejected", "WriteOnly")
    assert secret.report().attributes[0].value is None


def test_keys_of_1_x_compare_without_case():
    variables = made("1.6")
    variables.live["ConfigurationKey.NumberOfConnectors"] = lambda _: "1"
    assert variables.get(ref("ConfigurationKey.numberofconnectors")).value == "1"


@pytest.mark.parametrize(("text", "kept"), [("+75", "75"), (" 75 ", "75"), ("075", "75")])
def test_a_number_is_given_back_in_one_spelling(text, kept):
    variables = made()
    variables.set(ref("OCPPCommCtrlr.OfflineThreshold"), text)
    assert variables.get(ref("OCPPCommCtrlr.OfflineThreshold")).value == kept


def test_a_priority_counts_after_a_restart_and_says_so_only_when_it_is_another():
    variables = made()
    priority = ref("OCPPCommCtrlr.NetworkConfigurationPriority")
    assert variables.set(priority, "1").status == "Accepted"
    assert variables.set(priority, "2,1").status == "RebootRequired"


def test_settings_are_those_of_the_table():
    assert {row.field for row in TABLE if row.field} <= set(Settings.__struct_fields__)
