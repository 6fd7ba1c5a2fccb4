"""What can go wrong with a request. Ports promise the builtin bases: their users need not know an engine."""


class NobodyThere(LookupError):
    """Nobody serves the subject. The port's promise is LookupError."""


class ServiceFailed(RuntimeError):
    """Whoever serves the subject could not answer. The port's promise is RuntimeError; the cause is in the log of
    the node that serves."""
