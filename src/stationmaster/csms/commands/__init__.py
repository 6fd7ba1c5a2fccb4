"""Commands to stations: what can be asked, how it is sent, what became of it."""
