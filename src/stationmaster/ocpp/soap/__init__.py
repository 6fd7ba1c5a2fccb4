"""OCPP over SOAP, without I/O: what its messages look like, and the way between XML and payload bytes."""
