"""The message log: live, looked back through, and one exchange beside the specification."""

from stationmaster.ui.pages.messages import exchange, history, live

__all__ = ["exchange", "history", "live"]
