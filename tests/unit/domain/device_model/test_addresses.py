from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.device_model.addresses import (
    Characteristics,
    Component,
    ComponentVariable,
    OutOfRange,
    Variable,
    VariableRef,
    VariableResult,
    asked_for,
    name_of,
    overall,
    parse,
)
from stationmaster.domain.identity import Evse

ITEMS = Variable(name="ItemsPerMessage", instance="GetReport")
DEVICE = Component(name="DeviceDataCtrlr")


def result(status: str) -> VariableResult:
    return VariableResult(ref=VariableRef(component=DEVICE, variable=ITEMS), status=status)


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        (["Accepted", "Accepted"], "Accepted"),
        (["Accepted", "RebootRequired"], "RebootRequired"),
        (["RebootRequired", "UnknownVariable", "Rejected"], "Partial"),
        (["UnknownVariable", "Rejected"], "UnknownVariable"),
        ([], "Accepted"),
    ],
)
def test_the_word_for_all_results_is_the_first_refusal_or_that_it_is_mixed(statuses: list[str], word: str) -> None:
    assert overall(map(result, statuses)) == word


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [
        ("integer", " 42 ", Decimal(42)),
        ("decimal", "1.50", Decimal("1.50")),
        ("boolean", "True", True),
        ("dateTime", "2030-01-01T12:00:00Z", datetime(2030, 1, 1, 12, tzinfo=UTC)),
        ("string", " as it is ", " as it is "),
        ("OptionList", "A", "A"),
        ("SequenceList", "B, A ,B", ("B", "A", "B")),
        ("MemberList", "", ()),
        ("a type of tomorrow", "x", "x"),
    ],
)
def test_B05_a_text_of_the_right_type_is_read(data_type: str, text: str, value: object) -> None:
    assert parse(Characteristics(data_type=data_type), text) == value


@pytest.mark.parametrize(
    ("data_type", "text"),
    [
        ("integer", "1.5"),
        ("integer", "+-1"),
        ("integer", "٣"),
        ("decimal", "one"),
        ("decimal", "NaN"),
        ("boolean", "yes"),
        ("dateTime", "tomorrow"),
        ("OptionList", "C"),
        ("MemberList", "A,A"),
        ("SequenceList", "A,C"),
    ],
)
def test_B05_FR_07_a_text_that_is_no_value_of_the_type_is_refused(data_type: str, text: str) -> None:
    with pytest.raises(ValueError) as refusal:  # OutOfRange is one, and must not be raised here
        parse(Characteristics(data_type=data_type, values_list=("A", "B")), text)
    assert not isinstance(refusal.value, OutOfRange)


@pytest.mark.parametrize(("data_type", "text"), [("integer", "9"), ("integer", "-1"), ("string", "123456789")])
def test_B05_FR_08_a_value_outside_its_limits_is_out_of_range(data_type: str, text: str) -> None:
    with pytest.raises(OutOfRange):
        parse(Characteristics(data_type=data_type, min_limit=Decimal(0), max_limit=Decimal(8)), text)


def test_B05_FR_08_more_elements_than_a_list_may_have_are_out_of_range() -> None:
    with pytest.raises(OutOfRange):
        parse(Characteristics(data_type="SequenceList", max_elements=1), "1,2")


EVSE_1 = Component(name="EVSE", evse=Evse(1))
CONNECTOR = Component(name="Connector", evse=Evse(1, 2))


@pytest.mark.parametrize(
    ("question", "component", "variable", "meant"),
    [
        (ComponentVariable(component=DEVICE), DEVICE, ITEMS, True),  # B08.FR.20
        (ComponentVariable(component=DEVICE, variable=Variable(name="ItemsPerMessage")), DEVICE, ITEMS, True),  # .21
        (ComponentVariable(component=DEVICE, variable=ITEMS), DEVICE, Variable(name="ItemsPerMessage"), False),
        (ComponentVariable(component=Component(name="Connector", evse=Evse(1))), CONNECTOR, ITEMS, True),  # .22
        (ComponentVariable(component=Component(name="Connector", evse=Evse(1, 1))), CONNECTOR, ITEMS, False),
        (ComponentVariable(component=Component(name="EVSE")), EVSE_1, ITEMS, True),  # .23
        (ComponentVariable(component=Component(name="EVSE", evse=Evse(2))), EVSE_1, ITEMS, False),
        (ComponentVariable(component=EVSE_1), Component(name="EVSE"), ITEMS, False),
        (ComponentVariable(component=Component(name="EVSE", instance="left")), EVSE_1, ITEMS, False),  # .24
        (ComponentVariable(component=Component(name="evse")), EVSE_1, ITEMS, False),
    ],
)
def test_B08_FR_20_to_25_what_a_question_leaves_out_stands_for_all(
    question: ComponentVariable, component: Component, variable: Variable, meant: bool
) -> None:
    assert asked_for(question, component, variable) is meant


@given(st.sampled_from(["Actual", "Target"]), st.sampled_from([None, Evse(1), Evse(1, 2)]), st.text(max_size=5))
def test_a_variable_is_meant_by_the_question_that_names_all_of_it(attribute: str, evse: Evse | None, name: str) -> None:
    component, variable = Component(name=name, instance="i", evse=evse), Variable(name="V", instance="w")
    assert asked_for(ComponentVariable(component=component, variable=variable), component, variable)


def test_an_address_is_named_for_people() -> None:
    ref = VariableRef(
        component=Component(name="EVSE", instance="left", evse=Evse(1)),
        variable=Variable(name="Power", instance="L1"),
        attribute="Target",
    )
    assert name_of(ref) == "EVSE[left]@1.Power[L1]:Target"
    assert name_of(VariableRef(component=CONNECTOR, variable=Variable(name="X"))) == "Connector@1.2.X"
