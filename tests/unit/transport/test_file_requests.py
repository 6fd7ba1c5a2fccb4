import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.transport.file_requests import Part, Target, disposition_name, range_of, target_of


@pytest.mark.parametrize(
    ("path", "meaning"),
    [
        ("/up/7/", Target("upload", 7, None)),
        ("/up/7", Target("upload", 7, None)),
        ("/up/7/a.log", Target("upload", 7, "a.log")),
        ("/up/7/a%20b.log?x=1", Target("upload", 7, "a b.log")),
        ("/fw/12/image.bin", Target("firmware", 12, "image.bin")),
        ("/up/7/%2e%2e%2fpasswd", Target("upload", 7, "../passwd")),  # a label, made harmless where it is kept
        ("/up/7/../8/a", None),
        ("/up/7/a/b", None),
        ("/up/0/", None),
        ("/up/-1/", None),
        ("/up/99999999999999999999/", None),
        ("/UP/7/", None),
        ("/", None),
        ("//up/7/", None),
        ("http://x/up/7/", None),
        ("*", None),
    ],
)
def test_only_a_path_of_the_right_shape_leads_anywhere(path: str, meaning: Target | None) -> None:
    assert target_of(path) == meaning


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        (None, None),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=3-", Part(3, 10)),
        ("bytes=-4", Part(6, 10)),
        ("bytes=-40", Part(0, 10)),
        ("bytes=0-99", Part(0, 10)),
        ("bytes=10-", "unsatisfiable"),
        ("bytes=-0", "unsatisfiable"),
        ("bytes=5-2", None),
        ("bytes=0-1,3-4", None),
        ("bytes=-", None),
        ("lines=0-1", None),
    ],
)
def test_one_range_is_served_and_what_is_no_range_gets_the_whole_file(header: str | None, meaning: object) -> None:
    assert range_of(header, 10) == meaning


@given(st.text(alphabet="bytes=0123456789-, ", max_size=30), st.integers(0, 1000))
def test_a_range_never_leaves_the_file(header: str, size: int) -> None:
    part = range_of(header, size)
    assert not isinstance(part, Part) or 0 <= part.start < part.end <= size


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, None),
        ("attachment", None),
        ("attachment; filename=a.log", "a.log"),
        ('attachment; filename="a b.log"', "a b.log"),
        (r'attachment; filename="a\"b.log"; x=1', 'a"b.log'),
    ],
)
def test_the_name_is_taken_from_the_disposition(header: str | None, name: str | None) -> None:
    assert disposition_name(header) == name
