"""The functional blocks of the specification, as a station has them: they see the domain and the station's ports."""
