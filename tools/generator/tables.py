"""From the tables of a version's SOAP messages to its model."""

from generator.model import INT32, Array, Enumeration, Field, Module, Named, Object, Scalar, ScalarKind, Type
from generator.names import field_name
from stationmaster.ocpp.soap import elements
from stationmaster.ocpp.soap.elements import Decimals, Plain, Service, Shape, Text, Words

_PLAIN: dict[Plain, ScalarKind] = {
    Plain.TEXT: "text",
    Plain.FLAG: "boolean",
    Plain.MOMENT: "moment",
    Plain.URI: "uri",
}


def read_service(version: str, service: Service) -> Module:
    """``version`` is the name of the folder. Raises ``ValueError`` for two contents under one name."""
    found = _Found()
    messages = []
    for operation in service.operations.values():
        for shape in (operation.request, operation.response):
            found.object(shape)
            messages.append(shape.name)
    enumerations = sorted(found.enumerations.values(), key=lambda each: each.name)
    source = "the tables of SOAP messages"
    return Module(version, tuple(enumerations), tuple(found.objects.values()), tuple(messages), source)


class _Found:
    """The named types of one version."""

    def __init__(self) -> None:
        self.enumerations: dict[str, Enumeration] = {}
        self.objects: dict[str, Object] = {}

    def object(self, shape: Shape) -> Named:
        found = Object(shape.name, tuple(self._field(each) for each in shape.fields), closed=True)
        if self.objects.setdefault(shape.name, found) != found:
            raise ValueError(f"{shape.name} has two contents")
        return Named(shape.name)

    def _field(self, field: elements.Field) -> Field:
        kind = self._type(field.type)
        if field.many:
            kind = Array(kind, (("minItems", "1"),) if field.required else ())
        # A list that may be empty may be left out: XML has no difference.
        return Field(field.name, field_name(field.name), kind, field.required)

    def _type(self, kind: Plain | Text | Decimals | Words | Shape) -> Type:
        if isinstance(kind, Shape):
            return self.object(kind)
        if isinstance(kind, Words):
            known = self.enumerations.setdefault(kind.name, Enumeration(kind.name, kind.values))
            if known.values != kind.values:
                raise ValueError(f"{kind.name} has two contents")
            return Named(kind.name)
        if isinstance(kind, Text):
            return Scalar("text", (("maxLength", str(kind.max_length)),))
        if isinstance(kind, Decimals):
            return Scalar("number", (("multipleOf", f"0.{'1'.rjust(kind.digits, '0')}"),))
        return INT32 if kind is Plain.INT else Scalar(_PLAIN[kind])
