"""What a connection may cost us: every bound in one place."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one listener or one dialled connection. Sizes in bytes, times in seconds of the event loop."""

    max_message_bytes: int = 256 * 1024
    """Of one message after reassembly and inflation. The longest fields of OCPP are some 17,000 characters, but
    stations that ignore BytesPerMessage report their whole device model at once (100-200 KB)."""
    max_fragments: int = 256
    """Frames that one message may come in."""
    max_header_bytes: int = 8 * 1024
    max_connections: int = 20_000
    """Open sockets, those still shaking hands included."""
    max_write_buffer_bytes: int = 1024 * 1024
    """What may wait for a peer that reads too slowly before it is closed with 1008."""
    receive_buffer_bytes: int = 64 * 1024
    """SO_RCVBUF. It also bounds what a flood can make the frame parser hold: the parser's buffer doubles whenever
    one read fills it."""
    handshake_timeout_s: float = 10.0
    ping_interval_s: float = 60.0
    """Silence after which the peer is pinged; 0 turns pings off."""
    ping_timeout_s: float = 30.0
    """Silence after a ping that ends the connection. Any whole frame is a sign of life, not only the pong."""
    close_timeout_s: float = 5.0
    """How long the peer may take to answer our close."""
