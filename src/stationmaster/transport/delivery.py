"""Handing what arrives to a receiver, so that its mistakes stay its own."""

import structlog

from stationmaster.transport.close_codes import INTERNAL_ERROR, INVALID_TEXT
from stationmaster.transport.ports import Connection, Receiver

log = structlog.get_logger(__name__)


def deliver_text(connection: Connection, receiver: Receiver, data: bytes) -> None:
    """Check the encoding and hand over one message. Never raises: bad text closes the connection with 1007, an
    exception of the receiver is logged and closes it with 1011."""
    if not is_utf8(data):
        connection.close(INVALID_TEXT, "not UTF-8")
        return
    try:
        receiver.on_text(data)
    except Exception:
        log.exception("receiver_failed", remote_address=connection.remote_address, message_bytes=len(data))
        connection.close(INTERNAL_ERROR, "internal error")


def deliver_closed(connection: Connection, receiver: Receiver, code: int, reason: str) -> None:
    """Tell the receiver that nothing more will come. Never raises."""
    try:
        receiver.on_closed(code, reason)
    except Exception:
        log.exception("receiver_failed_on_close", remote_address=connection.remote_address, code=code)


def is_utf8(data: bytes) -> bool:
    if data.isascii():  # nearly every message of OCPP, and ten times cheaper than decoding
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
