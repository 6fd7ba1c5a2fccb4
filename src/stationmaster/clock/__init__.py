"""Time as a port: the wall clock, a faster one for demonstrations, and a virtual one for tests."""
