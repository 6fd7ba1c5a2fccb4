import pytest
import typer

from stationmaster.cli.called_at import CalledAt, called_at


@pytest.mark.parametrize(
    ("listen", "url", "meant"),
    [
        (None, None, CalledAt(host="127.0.0.1", port=0)),
        ("10.0.0.7:8800", None, CalledAt(host="10.0.0.7", port=8800)),
        ("[::1]:8800", None, CalledAt(host="::1", port=8800)),
        ("0.0.0.0:8800", "http://x.test/s", CalledAt(host="0.0.0.0", port=8800, url="http://x.test/s")),
        (None, "http://x.test", CalledAt(url="http://x.test")),
    ],
)
def test_where_a_station_is_called(listen: str | None, url: str | None, meant: CalledAt) -> None:
    assert called_at(listen, url) == meant


@pytest.mark.parametrize("listen", ["8800", "host", "host:port", "host:70000", "host:1/path", ""])
def test_what_is_no_host_and_port_is_a_mistake(listen: str) -> None:
    with pytest.raises(typer.BadParameter, match="host:port"):
        called_at(listen, None)


@pytest.mark.parametrize("listen", ["0.0.0.0:8800", "[::]:8800"])
def test_nobody_can_call_every_address(listen: str) -> None:
    with pytest.raises(typer.BadParameter, match="--callback-url"):
        called_at(listen, None)
