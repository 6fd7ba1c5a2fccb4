"""Python's garbage collector, tuned for a program that holds much and makes no cycles while it handles messages."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 50_000
MIDDLE = 20
OLD = 100


@contextmanager
def loading() -> Iterator[None]:
    """Not while modules are loaded: nothing of them goes, and looking again and again takes a quarter of that time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def calm() -> None:
    """Leave alone what start-up has made, and look at the rest less often.

    A message makes some hundred objects, all of which go when it is answered; at the usual threshold of 700 the
    collector walks the aggregates of all stations again and again and finds nothing: a fifth of the processor.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
