"""How bytes travel: WebSocket and HTTP, and what stands in for them in memory."""
