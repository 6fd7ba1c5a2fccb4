"""Nodes that the commands run: each with an application of the API that was made once."""

from collections.abc import Iterator

import pytest
from in_process import applications_of_nodes


@pytest.fixture(autouse=True)
def _applications() -> Iterator[None]:
    with applications_of_nodes():
        yield
