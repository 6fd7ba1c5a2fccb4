"""How bytes travel: WebSocket, and its stand-in in memory."""
