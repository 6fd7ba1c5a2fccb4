"""The installation's own secret: one for a directory, whole, and its owner's alone."""

import os
import threading
from pathlib import Path

import pytest

from stationmaster.security.pepper import FILE_NAME, load_pepper


def test_it_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    made = load_pepper(tmp_path)
    assert len(made) == 32 and load_pepper(tmp_path) == made
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_have_the_same(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(load_pepper(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1


@pytest.mark.parametrize("dies_at", ["fsync", "link"])
def test_what_was_cut_off_while_it_was_made_is_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as cut_off:
        cut_off.setattr(os, dies_at, dies)
        cut_off.setattr(Path, "unlink", lambda _: None)
        with pytest.raises(SystemExit):
            load_pepper(tmp_path)
    assert len(load_pepper(tmp_path)) == 32
