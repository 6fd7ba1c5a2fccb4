"""No secret of a request's body reaches the audit log, wherever in it the secret stands."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.api.http.audit_detail import MAX_DETAIL, told

SECRET = "Zz9-hunter2"
NAMES = st.sampled_from(["name", "value", "stations", "key", "data", "id_token", "variable", "type", "ref", "payload"])
SECRET_NAMES = st.sampled_from(
    ["password", "Password", "basic_auth_password", "secret", "shared_secret", "passphrase", "pin", "simPin", "sim_pin"]
) | st.sampled_from(["AuthorizationKey", "vpn_key", "private_key", "totp_secret", "newPassword"])
PLAIN = st.none() | st.booleans() | st.integers(-5, 5) | st.text('abc {}[]"\\', max_size=120)
SECRETS = st.recursive(
    st.just(SECRET), lambda inner: st.lists(inner, min_size=1, max_size=2) | st.dictionaries(NAMES, inner, min_size=1)
)
SETTINGS = st.sampled_from(
    [
        {"key": "AuthorizationKey", "value": SECRET},
        {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}, "attributeValue": SECRET},
        {"ref": {"component": {"name": "X"}, "variable": {"name": "BasicAuthPassword"}}, "value": SECRET},
        {"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": SECRET},
        {"id_token": {"value": SECRET, "type": "KeyCode"}},
        {"value": SECRET, "type": "KeyCode"},
        {"url": f"ftp://user:{SECRET}@files.test/x"},
        {"data": '{"password": "' + SECRET + '"}'},
    ]
)
HIDING = st.dictionaries(SECRET_NAMES, SECRETS, min_size=1, max_size=2) | SETTINGS


def holding(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    beside = st.dictionaries(NAMES, PLAIN, max_size=3)
    in_object = st.builds(lambda others, name, value: {**others, name: value}, beside, NAMES, inner)
    in_list = st.builds(lambda before, value: [*before, value], st.lists(PLAIN, max_size=8), inner)
    return in_object | in_list


@given(body=st.recursive(HIDING, holding, max_leaves=4))
def test_no_secret_is_told_wherever_it_stands(body: Any) -> None:
    text = told(msgspec.json.encode(body))
    assert SECRET not in text
    assert len(text) <= MAX_DETAIL


@given(body=st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=50))
def test_a_short_body_without_secrets_is_told_as_it_is(body: Any) -> None:
    written = msgspec.json.encode(body)
    text = told(written)
    assert text.startswith("(") or len(text) > 100 or msgspec.json.decode(text) == body or "{" in str(body)


@given(body=st.binary(max_size=200))
def test_whatever_comes_is_told_in_bounds(body: bytes) -> None:
    assert len(told(body)) <= MAX_DETAIL
