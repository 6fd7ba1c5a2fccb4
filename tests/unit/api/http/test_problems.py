"""Every error is a problem document."""

import httpx
import pytest
import structlog

from stationmaster.api.app import MAX_BODY_BYTES


def assert_problem(answer: httpx.Response, status: int) -> dict:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "errors"}
    assert (problem["status"], problem["instance"]) == (status, answer.request.url.path)
    return problem


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/api/v1/stations/CS-1", 404),
        ("PUT", "/api/v1/stations", 405),
        ("GET", "/api/v1/stations/77", 404),
    ],
)
async def test_what_is_not_there_is_a_problem(viewer, method, path, status):
    assert_problem(await viewer.request(method, path), status)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("stations?limit=0", "query.limit"),
        ("stations?limit=1001", "query.limit"),
        ("stations?limit=many", "query.limit"),
        ("stations?cursor=" + "x" * 5000, "query.cursor"),
        ("stations?cursor=nonsense", "query.cursor"),
        ("stations?text=" + "x" * 201, "query.text"),
        ("stations?connected=maybe", "query.connected"),
        ("transactions?station=0", "query.station"),
        ("transactions?open=maybe", "query.open"),
        ("transactions?format=xml", "query.format"),
        ("transactions?from=never", "query.from"),
        ("transactions?to=never", "query.to"),
        ("stations/1/commands?state=lost", "query.state"),
        ("events?" + "kind=A&" * 51, "query.kind"),
    ],
)
async def test_parameters_have_bounds_and_the_problem_names_them_as_they_were_sent(viewer, query, path):
    problem = assert_problem(await viewer.get(f"/api/v1/{query}"), 422)
    assert [error["path"] for error in problem["errors"]] == [path]
    assert len(problem["errors"][0]["detail"]) < 600


async def test_a_header_is_named_as_it_was_sent(viewer):
    problem = assert_problem(await viewer.get("/api/v1/events", headers={"Last-Event-ID": "-1"}), 422)
    assert [error["path"] for error in problem["errors"]] == ["header.Last-Event-ID"]


async def test_every_parameter_that_is_wrong_is_named(viewer):
    problem = assert_problem(await viewer.get("/api/v1/transactions?open=maybe&station=x"), 422)
    assert {error["path"] for error in problem["errors"]} == {"query.open", "query.station"}


OF_STATIONS = (
    "connected, count, cursor, firmware_version, limit, model, registration, site, sort, state, text, vendor, version"
)


@pytest.mark.parametrize(
    ("path", "unknown", "known"),
    [
        (
            "/api/v1/stations?limt=5",
            "limt",
            OF_STATIONS,
        ),
        (
            "/api/v1/stations?limt",
            "limt",
            OF_STATIONS,
        ),
        (
            "/api/v1/transactions?station_key=1",
            "station_key",
            "charging_state, closed, count, cursor, energy, format, from, limit, open, site, station, text, to, token, "
            "transaction_id",
        ),
        ("/api/v1/stations/77?station_key=1", "station_key", None),
        ("/api/v1/transactions/1/meter-values?from=x", "from", "cursor, format, limit"),
        ("/api/v1/events?Last-Event-ID=1", "Last-Event-ID", "kind, station"),
        ("/api/v1/health?x=1", "x", None),
        ("/metrics?x=1", "x", None),
        ("/?x=1", "x", None),
    ],
)
async def test_a_query_parameter_that_is_not_known_is_refused_and_the_known_ones_are_told(viewer, path, unknown, known):
    problem = assert_problem(await viewer.get(path), 400)
    assert problem["type"] == "urn:stationmaster:problem:unknown-parameter"
    assert [error["path"] for error in problem["errors"]] == [f"query.{unknown}"]
    assert problem["detail"].endswith(f"those that it has are {known}." if known else "it has none.")


async def test_what_is_said_of_unknown_parameters_is_bounded(viewer):
    query = "&".join(f"{'x' * 500}{number}=1" for number in range(50)) + "&" + "&".join(f"y{n}=1" for n in range(50))
    answer = await viewer.get(f"/api/v1/stations?{query}")
    assert len(assert_problem(answer, 400)["errors"]) == 10
    assert len(answer.content) < 3000


async def test_nobody_without_a_key_is_told_which_parameters_there_are(world):
    assert_problem(await world.client().get("/api/v1/stations?limt=5"), 401)


async def test_a_path_tells_its_methods_whatever_query_they_would_have(viewer):
    answer = await viewer.request("OPTIONS", "/api/v1/transactions?open=true&nonsense=1")
    assert answer.status_code == 204 and "GET" in answer.headers["allow"]


@pytest.mark.parametrize("key", ["0", "9223372036854775808", "9" * 200])
async def test_keys_that_no_store_can_hold_are_refused(viewer, key):
    problem = assert_problem(await viewer.get(f"/api/v1/stations/{key}"), 422)
    assert problem["errors"][0]["path"] == "path.station_key"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"value": ""}', "body.value"),
        (b'{"value": 1}', "body.value"),
        (b'{"value": "A", "max_concurrent": "2"}', "body.max_concurrent"),
        (b'{"value": "A", "max_concurrent": true}', "body.max_concurrent"),
        (b'{"value": "A", "note": null, "expires_at": 1893456000}', "body.expires_at"),
        (b"null", "body"),
        (b'{"value": "A", "valu": 1}', "body.valu"),
        (b'{"status": "Accepted"}', "body.value"),
        (b'{"value": "A", "expires_at": "2030-01-01T00:00:00"}', "body.expires_at"),
        (b"[]", "body"),
        (b"", "body"),
    ],
)
async def test_a_body_that_is_not_valid_is_named_by_its_place(operator, body, path):
    problem = assert_problem(await operator.post("/api/v1/tokens", content=body), 422)
    assert [error["path"] for error in problem["errors"]] == [path]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("stations", {"identty": "CS-1"}, ("body.identty", "not known here; did you mean identity?")),
        (
            "stations",
            {"identity": "CS 1"},
            (
                "body.identity",
                "it does not fit: As in the URL that the station calls: 1 to 48 of A-Z, a-z, 0-9 and "
                "* - _ = : + | @ . (such as CS-0001)",
            ),
        ),
        (
            "accounts",
            {"name": "fleet", "currency": "euro"},
            ("body.currency", "it does not fit: Three capital letters (ISO 4217) (such as EUR)"),
        ),
        ("stations", {"identity": "A", "strictness": "no"}, ("body.strictness", "one of lenient, observe, strict")),
        ("tokens", {}, ("body.value", "it is needed")),
        ("tokens", {"value": ""}, ("body.value", "it must not be empty")),
        ("tokens", {"value": "x" * 256}, ("body.value", "at most 255 characters")),
        ("tokens", {"value": "A", "max_concurrent": 0}, ("body.max_concurrent", "a whole number of at least 1")),
        (
            "tokens",
            {"value": "A", "max_concurrent": "2"},
            ("body.max_concurrent", "a whole number or null is needed, not a text"),
        ),
        (
            "stations/1/commands",
            {"type": "Reset", "reset_type": "Now"},
            ("body.reset_type", "one of Immediate, ImmediateAndResume, OnIdle"),
        ),
        (
            "stations/1/commands",
            {"type": "Reset", "rest": 1},
            ("body.rest", "not known here; known are evse_id, lifetime_s, reset_type"),
        ),
    ],
)
async def test_what_is_wrong_is_said_in_words_for_people(operator, path, body, said):
    problem = assert_problem(await operator.post(f"/api/v1/{path}", json=body), 422)
    assert [(error["path"], error["detail"]) for error in problem["errors"]] == [said]


async def test_a_kind_of_command_that_is_not_known_is_told_those_that_are(operator):
    problem = assert_problem(await operator.post("/api/v1/stations/1/commands", json={"type": "Nope"}), 422)
    (error,) = problem["errors"]
    assert error["path"] == "body.type"
    assert error["detail"].startswith("one of ") and "TriggerMessage" in error["detail"]


async def test_a_parameter_of_choices_is_told_them(viewer):
    problem = assert_problem(await viewer.get("/api/v1/transactions?format=xml"), 422)
    assert [error["detail"] for error in problem["errors"]] == ["one of csv, json"]


async def test_a_form_is_told_that_json_is_wanted(operator):
    answer = await operator.post("/api/v1/tokens", data={"value": "A"})
    assert "application/x-www-form-urlencoded" in assert_problem(answer, 415)["detail"]
    as_curl_does = {"content-type": "application/x-www-form-urlencoded"}
    assert (await operator.post("/api/v1/tokens", content=b'{"value": "A"}', headers=as_curl_does)).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{nope", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b" " * (MAX_BODY_BYTES + 1), 413),
    ],
    ids=["no JSON", "no UTF-8", "nested deeply", "long"],
)
async def test_a_hostile_body_is_refused_in_words(operator, body, status):
    assert_problem(await operator.post("/api/v1/tokens", content=body), status)


async def test_a_body_that_comes_in_parts_is_bounded_too(operator):
    async def parts():
        for _ in range(20):
            yield b" " * (MAX_BODY_BYTES // 10)

    assert_problem(await operator.post("/api/v1/tokens", content=parts()), 413)


async def test_what_goes_wrong_here_is_logged_but_not_told(world, viewer):
    async def broken(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    world.queries.station = broken
    with structlog.testing.capture_logs() as logged:
        answer = await viewer.get("/api/v1/stations/1")
    assert_problem(answer, 500)
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert [entry["event"] for entry in logged] == ["request failed"]
    assert isinstance(logged[0]["exc_info"], RuntimeError)


async def test_what_could_not_be_stored_may_be_tried_again(world, operator):
    world.store.fail = True
    answer = await operator.post("/api/v1/tokens", json={"value": "A"})
    assert_problem(answer, 503)
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/stations", {"GET", "POST", "OPTIONS"}),
        ("GET", "/api/v1/tokens/import", {"POST", "OPTIONS"}),
    ],
)
async def test_a_method_that_is_not_there_is_told_which_are(viewer, method, path, allowed):
    answer = await viewer.request(method, path)
    assert_problem(answer, 405)
    assert set(answer.headers["allow"].split(", ")) == allowed


async def test_no_answer_is_for_caches_or_for_guessing_at(viewer):
    for path in ("/api/v1/stations", "/api/v1/nowhere"):
        headers = (await viewer.get(path)).headers
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
