"""What is read from a request, and what a refusal says."""

from stationmaster.transport.handshake import Refusal, UpgradeRequest, refusal_headers, upgrade_request


def _asked(headers: dict[str, str]) -> UpgradeRequest:
    return upgrade_request(b"/ocpp/CS1", headers, subprotocols=(), tenants={}, remote_address="")


def test_a_malformed_authorization_is_flagged_and_no_error() -> None:
    asked = _asked({"authorization": "Basic ???"})
    assert asked.basic_auth is None
    assert asked.authorization_malformed


def test_headers_that_carry_secrets_are_not_handed_on() -> None:
    asked = _asked({"authorization": "Basic eDp5", "cookie": "a=b", "user-agent": "CS"})
    assert asked.headers == {"user-agent": "CS"}


def test_a_401_says_which_scheme_it_asks_for() -> None:
    assert refusal_headers(Refusal(status=401)) == {"WWW-Authenticate": 'Basic realm="OCPP"'}
    own = {"www-authenticate": 'Basic realm="mine"'}
    assert refusal_headers(Refusal(status=401, headers=own)) == own
    assert refusal_headers(Refusal(status=404)) == {}
