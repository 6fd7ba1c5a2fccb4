"""Trees become XML text that says the same, with nothing in it that could hide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.ocpp.soap.parsing import Element, parse
from stationmaster.ocpp.soap.xml_text import NO_CHARACTER, escaped, to_xml

NAMES = st.sampled_from(["a", "b", "value", "idTag"])
NAMESPACES = st.sampled_from(
    [
        "",
        "{urn:x}",
        "{urn:y&amp;z}",
        "{http://www.w3.org/2003/05/soap-envelope}",
        "{http://www.w3.org/2005/08/addressing}",
    ]
)
TAGS = st.builds("{}{}".format, NAMESPACES, NAMES)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
TEXTS_WITH_SPACE = st.builds(
    lambda text, more: text + more, TEXTS, st.sampled_from(["", "\t", "\r\n", ' "<&>', "\x85"])
)


def element(tag: str, attributes: dict[str, str], text: str, children: list[Element]) -> Element:
    made = Element(tag, attributes)
    made.extend(children)
    if not children:
        made.text = text
    return made


TREES = st.recursive(
    st.builds(element, TAGS, st.just({}), TEXTS_WITH_SPACE, st.just([])),
    lambda inner: st.builds(
        element, TAGS, st.dictionaries(TAGS, TEXTS_WITH_SPACE, max_size=3), TEXTS, st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


def same(one: Element, other: Element) -> bool:
    return (one.tag, one.attrib, one.text or "", len(one)) == (
        other.tag,
        other.attrib,
        other.text or "",
        len(other),
    ) and all(same(*pair) for pair in zip(one, other, strict=True))


@given(TREES)
def test_what_is_written_reads_the_same(tree: Element) -> None:
    assert same(parse(to_xml(tree).encode()), tree)


def test_comments_and_what_stands_between_elements_are_not_written() -> None:
    tree = parse(b"<a>x<!-- hidden --><b>1<!-- hidden -->2</b>hidden<![CDATA[hidden]]></a>")
    assert to_xml(tree) == "<a><b>12</b></a>"


def test_prefixes_from_outside_are_not_declared_again() -> None:
    tree = parse(b'<a xmlns="u" xmlns:e="http://www.w3.org/2003/05/soap-envelope" e:mustUnderstand="1" xml:lang="en"/>')
    outside = {"http://www.w3.org/2003/05/soap-envelope": "s"}
    assert to_xml(tree, outside) == '<a xmlns="u" s:mustUnderstand="1" xml:lang="en"/>'


@pytest.mark.parametrize("text", ["\x00", "\x1e", "\ud800", "\uffff", "\x0b"])
def test_what_xml_cannot_carry_is_replaced(text: str) -> None:
    assert escaped(f"a{text}b") == f"a{NO_CHARACTER}b"
