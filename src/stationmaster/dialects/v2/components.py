"""Components and variables, as many messages of 2.x name them."""

from stationmaster.dialects.v2.parts import read_evse, write_evse
from stationmaster.domain.device_model.addresses import Component, ComponentVariable, Variable
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire


def read_component(component: wire.ComponentType | None) -> Component:
    """An empty instance is none, as is EVSE 0; a component without a name has an empty one, which none is called by."""
    if component is None:
        return Component(name="")
    evse = read_evse(component.evse)
    return Component(
        name=component.name or "",
        instance=component.instance or None,
        evse=evse if evse is not None and evse.id else None,
    )


def write_component(component: Component) -> v21.ComponentType:
    return v21.ComponentType(name=component.name, instance=component.instance or None, evse=write_evse(component.evse))


def read_variable(variable: wire.VariableType | None) -> Variable:
    if variable is None:
        return Variable(name="")
    return Variable(name=variable.name or "", instance=variable.instance or None)


def write_variable(variable: Variable) -> v21.VariableType:
    return v21.VariableType(name=variable.name, instance=variable.instance or None)


def read_question(asked: wire.ComponentVariableType) -> ComponentVariable:
    return ComponentVariable(
        component=read_component(asked.component),
        variable=read_variable(asked.variable) if asked.variable is not None else None,
    )


def write_question(asked: ComponentVariable) -> v21.ComponentVariableType:
    return v21.ComponentVariableType(
        component=write_component(asked.component),
        variable=write_variable(asked.variable) if asked.variable is not None else None,
    )
