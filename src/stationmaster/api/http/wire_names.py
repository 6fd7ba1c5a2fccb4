"""What an operation's parameters are called by its clients, who never see the names in the code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from litestar.di import Provide
from litestar.enums import ParamType
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg
from litestar.utils.signature import ParsedSignature


@dataclass(frozen=True, slots=True)
class Parameter:
    """``definition``: its bounds, as they are written beside its type, the ``annotation``."""

    source: ParamType
    name: str
    definition: ParameterKwarg
    annotation: Any

    @property
    def path(self) -> str:
        """As problems name it: ``query.limit``."""
        return f"{self.source.value}.{self.name}"


def parameters_of(handler: BaseRouteHandler) -> dict[str, Parameter]:
    """By their names in the code; with those that its dependencies take."""
    return {
        field: Parameter(definition.param_type, definition.name or field, definition, annotation)
        for field, definition, annotation in _definitions(handler.parsed_fn_signature, handler.resolve_dependencies())
    }


def _definitions(
    signature: ParsedSignature, dependencies: Mapping[str, Provide]
) -> Iterator[tuple[str, ParameterKwarg, Any]]:
    for name, field in signature.parameters.items():
        if name in dependencies:
            yield from _definitions(dependencies[name].parsed_fn_signature, dependencies)
        elif isinstance(field.kwarg_definition, ParameterKwarg):
            yield name, field.kwarg_definition, field.annotation
