"""Secrets out of XML before it is logged: by the names of elements and attributes, as they are the members of JSON.

What is masked is written anew from its tree, so that neither comments, CDATA nor character references hide anything.
"""

from collections.abc import Callable

from stationmaster.domain.secret_names import MASK, SECRET_NAME
from stationmaster.ocpp.soap.namespaces import parted
from stationmaster.ocpp.soap.parsing import Bounds, Element, NotXml, tree_of
from stationmaster.ocpp.soap.xml_text import to_xml

UNREADABLE = "(a frame that is not XML and may hold a secret was left out)"
_KEY = "key"
_VALUE = "value"
_TOKEN_NAMES = frozenset({"idtag", "parentidtag"})
_DEPTH = 64
_ANY = 2**26
_BOUNDS = Bounds(
    size=_ANY,
    depth=_DEPTH,
    elements=_ANY,
    attributes=_ANY,
    attribute_length=_ANY,
    text_length=_ANY,
)
"""What comes in was within narrower ones, what goes out is ours."""


def is_xml(text: str) -> bool:
    return text.startswith("<")


def may_hide(text: str) -> bool:
    """Whether letters may stand there that are not seen: a comment, CDATA, a reference to a character; or in a document
    that is inside of it."""
    return "<!" in text or ("&" in text and ("&#" in text or "&amp;#" in text or "&lt;!" in text))


def masked_xml(text: str, mask_text: Callable[[str], str], *, id_tokens: bool) -> str:
    """An XML message, fit for the log. ``mask_text`` masks what is inside one text: a document of its own, a URL."""
    try:
        root = tree_of(text.encode(), _BOUNDS)
    except (NotXml, UnicodeError):
        return UNREADABLE
    names = _Names(id_tokens)
    for element in root.iter():
        _clean(element, mask_text, names)
    return to_xml(root)


class _Names(dict[str, bool]):
    """Whether what bears a tag is hidden, found once for each: most stand there many times."""

    def __init__(self, id_tokens: bool) -> None:
        super().__init__()
        self._id_tokens = id_tokens

    def __missing__(self, tag: str) -> bool:
        name = parted(tag)[1]
        hidden = SECRET_NAME.search(name) is not None or (self._id_tokens and name.lower() in _TOKEN_NAMES)
        self[tag] = hidden
        return hidden


def _clean(element: Element, mask_text: Callable[[str], str], names: _Names) -> None:
    if names[element.tag]:
        for each in element.iter():
            _mask(each)
    for name, value in element.items():
        element.set(name, MASK if names[name] else mask_text(value))
    if not len(element):
        if element.text:
            element.text = mask_text(element.text)
    elif any(_names_a_secret(child) for child in element):
        for child in element:
            if _is_called(child, _VALUE):
                _mask(child)


def _names_a_secret(element: Element) -> bool:
    """Whether it is the name of a configuration key whose value is a secret."""
    return _is_called(element, _KEY) and SECRET_NAME.search((element.text or "").strip()) is not None


def _is_called(element: Element, name: str) -> bool:
    return element.tag[-len(name) :].lower() == name and parted(element.tag)[1].lower() == name


def _mask(element: Element) -> None:
    """What is said in it; that nothing is said is no secret."""
    if element.text and not len(element):
        element.text = MASK
    element.attrib.update(dict.fromkeys(element.attrib, MASK))
