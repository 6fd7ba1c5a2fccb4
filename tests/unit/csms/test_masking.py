"""No secret reaches the message log."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.csms.masking import MASK, masked

SECRET = "s3cr3t-0123456789"


def frame(*content: object) -> bytes:
    return msgspec.json.encode(list(content))


@pytest.mark.parametrize(
    "data",
    [
        frame(2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": SECRET}),
        frame(
            2,
            "1",
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "attributeValue": SECRET,
                        "component": {"name": "SecurityCtrlr"},
                        "variable": {"name": "BasicAuthPassword"},
                    }
                ]
            },
        ),
        frame(2, "1", "SetNetworkProfile", {"connectionData": {"basicAuthPassword": SECRET}}),
        frame(2, "1", "SetNetworkProfile", {"connectionData": {"apn": {"apnPassword": SECRET}}}),
        frame(2, "1", "Authorize", {"idToken": {"idToken": SECRET, "type": "KeyCode"}}),
        frame(2, "1", "GetLog", {"log": {"remoteLocation": f"ftp://user:{SECRET}@host/x"}}),
        frame(2, "1", "DataTransfer", {"vendorId": "v", "data": f'{{"password": "{SECRET}"}}'}),
        frame(3, "1", {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": SECRET}]}),
        frame(2, "1", "X", {"deep": [[[{"Password": SECRET}]]]}),
        frame(2, "1", "DataTransfer", {"vendorId": "v", "data": f' \n{{"password": "{SECRET}"}}'}),
        frame(2, "1", "ChangeConfiguration", {"key": "AUTHORIZATIONKEY", "value": SECRET}),
        frame(2, "1", "X", {"Pin": SECRET}),
        frame(2, "1", "SetNetworkProfile", {"connectionData": {"apn": {"simPin": SECRET}}}),
        frame(2, "1", "SetNetworkProfile", {"connectionData": {"vpn": {"password": "x", "key": SECRET}}}),
        frame(2, "1", "X", {"clientSecret": SECRET}),
        frame(2, "1", "X", {"passPhrase": SECRET}),
        frame(3, "1", {"x": f"wss://a:{SECRET}@h"}),
        frame(3, f"ftp://a:{SECRET}@h", {}),
        b'[2,"1","GetDiagnostics",{"location":"ftp:\\/\\/user:' + SECRET.encode() + b'@host\\/x"}]',
        b'[2,"1","X",{"\\u0070assword":"' + SECRET.encode() + b'"}]',
        b'[2,"1","X",{"pas\\u0053word":"' + SECRET.encode() + b'"}]',
        b'[2,"1","X",{"url":"ftp:\\u002f\\u002Fa:' + SECRET.encode() + b'@host"}]',
        b'[2,"1","X",{"note":"\xff","password":"' + SECRET.encode() + b'"}]',
        b'[2,"1","X",{"password":"' + SECRET.encode(),
    ],
)
def test_a_secret_is_masked_wherever_it_stands(data: bytes) -> None:
    assert SECRET not in masked(data)


def test_the_rest_of_a_masked_frame_can_still_be_read() -> None:
    data = frame(2, "17", "ChangeConfiguration", {"key": "AuthorizationKey", "value": SECRET})
    expected = [2, "17", "ChangeConfiguration", {"key": "AuthorizationKey", "value": MASK}]
    assert msgspec.json.decode(masked(data).encode()) == expected


def test_a_frame_without_secrets_is_logged_to_the_letter() -> None:
    for data in (
        b'[2, "1", "MeterValues" ,{"connectorId":1}]',
        b'[3, "1",{ }]',
        b'[2,"1", "X",{"keys":"a@b.c","spinning":"\\"\\u20ac"}]',
    ):
        assert masked(data).encode() == data


WORDS = st.sampled_from(["password", "secret", "passphrase", "authorizationKey", "pin", "simPin", "vpnKey"])


@given(WORDS, st.lists(st.tuples(st.booleans(), st.booleans()), min_size=16, max_size=16), st.text(max_size=200))
def test_no_way_to_write_a_name_gets_its_secret_into_the_log(
    word: str, ways: list[tuple[bool, bool]], before: str
) -> None:
    cased = [letter.upper() if upper else letter.lower() for letter, (upper, _) in zip(word, ways, strict=False)]
    name = "".join(
        f"\\u{ord(letter):04x}" if escaped else letter for letter, (_, escaped) in zip(cased, ways, strict=False)
    )
    content = msgspec.json.encode({"before": before}).decode()[:-1]
    data = f'[2,"1","X",{content},"{name}":"{SECRET}"}}]'.encode("utf-8", "replace")
    assert SECRET not in masked(data)


def test_id_tokens_are_masked_only_where_the_tenant_wants_it() -> None:
    data = frame(2, "1", "Authorize", {"idTag": "DEADBEEF"})
    assert "DEADBEEF" in masked(data)
    assert "DEADBEEF" not in masked(data, id_tokens=True)


def test_the_id_token_of_2_x_is_masked_inside_its_object() -> None:
    data = frame(2, "1", "Authorize", {"idToken": {"idToken": "DEADBEEF", "type": "ISO14443"}})
    assert "DEADBEEF" not in masked(data, id_tokens=True)
    assert "ISO14443" in masked(data, id_tokens=True)


def test_hostile_depth_does_not_raise() -> None:
    assert masked(b'[2,"1","X",{"password":' + b"[" * 5000) == (
        "(a frame that is not JSON and may hold a secret was left out)"
    )
