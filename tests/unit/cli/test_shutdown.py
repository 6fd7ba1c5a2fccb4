import asyncio
import signal
import subprocess
import sys

import pytest

from stationmaster.cli.shutdown import run_until_signal

PROGRAM = """
import asyncio, sys
from stationmaster.cli.shutdown import run_until_signal

async def work():
    print("ready", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("draining", flush=True)
        {drain}

print("result", run_until_signal(work()), flush=True)
"""


def start(drain: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(drain=drain)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_the_result_of_the_work_is_handed_on() -> None:
    async def work() -> int:
        return 7

    assert run_until_signal(work()) == 7


def test_an_error_of_the_work_is_handed_on() -> None:
    async def work() -> None:
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        run_until_signal(work())


def test_work_that_is_cancelled_by_no_signal_says_so() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run_until_signal(work())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_the_work_drain_and_the_program_ends_well(number: signal.Signals) -> None:
    process = start(drain="await asyncio.sleep(0)")
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert out == "draining\nresult None\n"
    assert "once more" in err
    assert process.returncode == 0


def test_the_second_signal_ends_it_at_once() -> None:
    process = start(drain="await asyncio.Event().wait()")
    assert process.stdout is not None
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "draining\n"
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert out == ""
    assert process.returncode == 128 + signal.SIGTERM
