"""The collector of garbage is put aside for a while, never for good."""

import gc

import pytest

from stationmaster.cli.collector import loading


def test_it_works_again_once_all_is_loaded() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_works_again_where_something_could_not_be_loaded() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
