"""The REST API against its own OpenAPI document: no server error, no answer that the document does not know."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
import requests
import schemathesis
from crash_server import HOST, CsmsProcess
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import booleans
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_ENDLESS = "/api/v1/events"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a running CSMS and its first key."""
    process = CsmsProcess(tmp_path_factory.mktemp("server"))
    key = asyncio.run(_started(process))
    try:
        yield f"http://{HOST}:{process.api_port}", key
    finally:
        asyncio.run(process.kill())


async def _started(process: CsmsProcess) -> str:
    await process.start()
    async with asyncio.timeout(10):
        while (key := re.search(r"\bsm_[A-Za-z0-9_-]{20,}", process.said())) is None:
            await asyncio.sleep(0.05)
    return key[0]


@pytest.mark.parametrize(
    "examples", [4, pytest.param(100, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)])], ids=["a few", "many"]
)
def test_no_operation_answers_what_its_description_does_not_know(server: tuple[str, str], examples: int) -> None:
    address, key = server
    headers = {"Authorization": f"Bearer {key}"}
    station = httpx.post(f"{address}/api/v1/stations", json={"identity": "S1"}, headers=headers).json()["station"][
        "key"
    ]
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", headers=headers)
    operations = [result.ok() for result in schema.get_all_operations()]
    failures: list[str] = []
    statuses: Counter[int] = Counter()
    with requests.Session() as session:
        session.headers.update(headers)
        session.trust_env = False
        for operation in sorted(operations, key=lambda each: "api-keys" in each.path):  # last: they may revoke ours
            if operation.path == _ENDLESS:
                continue
            try:
                _probe(operation, session, station, statuses, examples)
            except (Exception, BaseExceptionGroup) as failure:  # all operations are looked at before the test fails
                failures.append(f"{operation.label}: {failure}")
    assert not failures, "\n\n".join(failures)
    assert len(operations) > 30
    assert statuses[401] < statuses.total() / 10
    assert sum(count for status, count in statuses.items() if status < 300) > len(operations)


def _probe(
    operation: schemathesis.APIOperation,
    session: requests.Session,
    station: int,
    statuses: Counter[int],
    examples: int,
) -> None:
    """Some examples of one operation; what is asked of a station is asked of one that is there."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), known=booleans())
    def probe(case: schemathesis.Case, known: bool) -> None:
        if known and "station_key" in case.path_parameters and case.method != "DELETE":
            case.path_parameters["station_key"] = station
        case.query.pop("wait", None)  # the station is not connected, so it would be waited for
        answer = case.call_and_validate(session=session, headers=dict(session.headers), checks=_CHECKS, timeout=30)
        statuses[answer.status_code] += 1

    probe()
