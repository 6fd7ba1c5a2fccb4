"""Settings: one's own account, how long things are kept, which bills wait, and how the node is set up."""

from stationmaster.ui.pages.settings import account, bills, node, retention

__all__ = ["account", "bills", "node", "retention"]
