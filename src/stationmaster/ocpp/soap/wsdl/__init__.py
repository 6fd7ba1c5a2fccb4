"""The WSDLs, as ``tools/wsdl.py`` wrote them from the tables, with the address that they are served under."""

from functools import cache
from importlib.resources import files
from xml.sax.saxutils import escape

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.elements import Service

PLACEHOLDER = "http://localhost/"
"""The address in the files."""

SERVICE_NAMES = {Sender.STATION: "CentralSystemService", Sender.CSMS: "ChargePointService"}
"""The service that takes what this side starts."""


def wsdl(service: Service, sender: Sender, address: str) -> bytes:
    """The description of the service that takes what ``sender`` starts, to be called at ``address``.

    Raises ``KeyError`` for ``Sender.BOTH``.
    """
    before, after = _parts(wsdl_name(service, sender))
    return before + escape(address, {'"': "&quot;"}).encode() + after


def wsdl_name(service: Service, sender: Sender) -> str:
    """The name of the file: ``CentralSystemService_1.5.wsdl``."""
    return f"{SERVICE_NAMES[sender]}_{service.version.removesuffix('S')}.wsdl"


@cache
def _parts(name: str) -> tuple[bytes, bytes]:
    """What stands before and behind the address."""
    before, _, after = files(__package__).joinpath(name).read_bytes().partition(PLACEHOLDER.encode())
    return before, after
