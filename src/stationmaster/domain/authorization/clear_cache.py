"""C11 The CSMS has a station forget what it knows of tokens."""

from stationmaster.domain.messages import Request


class ClearCache(Request, frozen=True, kw_only=True, omit_defaults=True):
    """C11, and 1.6 §5.4. Answered Accepted, or Rejected where there is no cache in use."""
