"""What is looked at before a request: on the loop, where sessions and keys live."""

import threading

import httpx

from stationmaster.api.http import access


async def test_who_calls_is_found_on_the_loop(viewer: httpx.AsyncClient, monkeypatch) -> None:
    threads = []
    found = access._caller

    def noted(*told, **named):
        threads.append(threading.current_thread())
        return found(*told, **named)

    monkeypatch.setattr(access, "_caller", noted)
    assert (await viewer.get("/api/v1/stations")).status_code == 200
    assert threads == [threading.current_thread()]
