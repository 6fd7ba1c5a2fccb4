"""Trees to XML text.

Only elements, attributes and the text of elements are written: what stands between elements, comments and the like are
not, so that nothing hides in what is kept of a stranger's message.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from stationmaster.ocpp.soap.namespaces import PREFIXES, parted
from stationmaster.ocpp.soap.parsing import Element

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

_SPECIAL = re.compile('[&<>"\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_INSTEAD = {
    **{"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"},
    **{"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"},
}
NO_CHARACTER = "\ufffd"
"""Written for what XML cannot carry."""


def escaped(text: str) -> str:
    """As it stands within an element or a quoted attribute."""
    return _SPECIAL.sub(lambda found: _INSTEAD.get(found[0], NO_CHARACTER), text)


def to_xml(element: Element, outside: Mapping[str, str] = MappingProxyType({})) -> str:
    """One element with all that is in it. ``outside``: prefixes by namespace that are declared around it."""
    prefixes = {**_prefixes_in(element), **outside}
    parts: list[str] = []
    _write(element, prefixes, "", _declared(prefixes, outside), parts)
    return "".join(parts)


def declarations(prefixes: Mapping[str, str]) -> str:
    """The attributes that declare prefixes, by namespace; XML's own needs none."""
    return "".join(f' xmlns:{prefix}="{escaped(of)}"' for of, prefix in prefixes.items() if prefix != "xml")


def _declared(prefixes: Mapping[str, str], outside: Mapping[str, str]) -> str:
    return declarations({of: prefix for of, prefix in prefixes.items() if of not in outside})


def _prefixes_in(element: Element) -> dict[str, str]:
    """The prefixes that are needed somewhere, as attributes have no default namespace."""
    prefixes = {}
    for each in element.iter():
        namespace = parted(each.tag)[0]
        if namespace in PREFIXES:
            prefixes[namespace] = PREFIXES[namespace]
        for of in [parted(name)[0] for name, _ in each.items()]:
            if of and of not in prefixes:
                prefixes[of] = PREFIXES.get(of, f"n{len(prefixes)}")
    return prefixes


def _write(element: Element, prefixes: Mapping[str, str], default: str, declared: str, parts: list[str]) -> None:
    """``default``: the namespace of a name without a prefix, around here."""
    namespace, name = parted(element.tag)
    if namespace in PREFIXES:
        name = f"{prefixes[namespace]}:{name}"
    elif namespace != default:
        declared += f' xmlns="{escaped(namespace)}"'
        default = namespace
    attributes = "".join([_attribute(key, value, prefixes) for key, value in element.items()])
    if len(element):
        parts.append(f"<{name}{declared}{attributes}>")
        for child in element:
            _write(child, prefixes, default, "", parts)
        parts.append(f"</{name}>")
    elif element.text:
        parts.append(f"<{name}{declared}{attributes}>{escaped(element.text)}</{name}>")
    else:
        parts.append(f"<{name}{declared}{attributes}/>")


def _attribute(key: str, value: str, prefixes: Mapping[str, str]) -> str:
    of, name = parted(key)
    return f' {prefixes[of]}:{name}="{escaped(value)}"' if of else f' {name}="{escaped(value)}"'
