"""Where the published wheels differ from the Open Charge Alliance's own schemas, and what is right."""

from dataclasses import dataclass
from typing import Any

ABSENT = object()


@dataclass(frozen=True)
class Correction:
    """One keyword of one schema: the wheel has ``wrong``, the original has ``right``."""

    version: str
    message: str
    path: tuple[str, ...]
    wrong: Any
    right: Any

    def apply(self, schema: dict[str, Any]) -> None:
        """Correct the schema in place; raises ``ValueError`` if the wheel no longer has the deviation."""
        *parents, keyword = self.path
        for step in parents:
            schema = schema[step]
        if schema.get(keyword, ABSENT) != self.wrong:
            raise ValueError(f"{self.version} {self.message}: {'/'.join(self.path)} is not what was corrected")
        if self.right is ABSENT:
            del schema[keyword]
        else:
            schema[keyword] = self.right


_METER_VALUE = ("properties", "meterValue")
_SAMPLED_VALUE = (*_METER_VALUE, "items", "properties", "sampledValue")
_UNIT = (*_SAMPLED_VALUE, "items", "properties", "unit")
_UNITS = (
    *("Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar", "A", "V"),
    *("K", "Celcius", "Celsius", "Fahrenheit", "Percent"),
)

CORRECTIONS = (
    Correction("v16", "MeterValuesRequest", (*_METER_VALUE, "minItems"), 1, ABSENT),
    Correction("v16", "MeterValuesRequest", (*_SAMPLED_VALUE, "minItems"), 1, ABSENT),
    Correction("v16", "MeterValuesRequest", (*_UNIT, "enum"), [*_UNITS, "Hertz"], list(_UNITS)),
    Correction("v201", "Get15118EVCertificateResponse", ("properties", "exiResponse", "maxLength"), 7500, 5600),
)
