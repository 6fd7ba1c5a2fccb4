"""No secret reaches the message log."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.csms.connection.masking import MASK, fit_to_keep, fit_to_show, masked, masked_together
from stationmaster.domain.command import Command, CommandState
from stationmaster.domain.frame_stretch import SEPARATOR

SECRET = "s3cr3t-0123456789"
HARMLESS = (
    '[2, "1", "MeterValues" ,{"connectorId":1}]',
    '[3, "1",{ }]',
    '[2,"1", "X",{"keys":"a@b.c","spinning":"\\"\\u20ac"}]',
)
PARTS = (*HARMLESS, "", "pass", '[2,"1","X",{"pin":"1234"}]', '[2,"1","X",{"PIN":"1', '{"password":"x"}', "word")


def frame(*content: object) -> str:
    return msgspec.json.encode(list(content)).decode()


@pytest.mark.parametrize(
    "text",
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
        '[2,"1","GetDiagnostics",{"location":"ftp:\\/\\/user:' + SECRET + '@host\\/x"}]',
        '[2,"1","X",{"\\u0070assword":"' + SECRET + '"}]',
        '[2,"1","X",{"pas\\u0053word":"' + SECRET + '"}]',
        '[2,"1","X",{"url":"ftp:\\u002f\\u002Fa:' + SECRET + '@host"}]',
        '[2,"1","X",{"note":"\ufffd","password":"' + SECRET + '"}]',
        '[2,"1","X",{"password":"' + SECRET,
    ],
)
def test_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    assert SECRET not in masked(text)
    for frames in ([text], ["[]", text]):
        assert SECRET not in masked_together(SEPARATOR.join(frames), id_tokens=False)


def soap(body: str) -> str:
    return (
        '<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Header>'
        '<chargeBoxIdentity xmlns="urn:o">CP1</chargeBoxIdentity></e:Header><e:Body>'
        f'<o:x xmlns:o="urn:o">{body}</o:x></e:Body></e:Envelope>'
    )


def keyed(key: str) -> str:
    return soap(f"<o:key>{key}</o:key><o:value>{SECRET}</o:value>")


XML_SECRETS = (
    keyed("AuthorizationKey"),
    keyed(" authorizationkey\n"),
    keyed("Authorization<!-- -->Key"),
    keyed("&#65;uthorizationKey"),
    keyed("<![CDATA[Authorization]]>Key"),
    soap(f"<o:value>{SECRET}</o:value><o:key>BasicAuthPassword</o:key>"),
    soap(
        f"<o:configurationKey><o:key>SimPin</o:key><o:readonly>0</o:readonly><o:value>{SECRET}</o:value></o:configurationKey>"
    ),
    soap(f"<o:configurationKey><o:key>X</o:key><o:value>1</o:value></o:configurationKey><!--{SECRET}-->"),
    soap(f"<o:location>ftp://user:{SECRET}@host/x</o:location>"),
    soap(f"<o:location>ftp://user:{SECRET}&#64;host/x</o:location>"),
    soap(f'<o:y location="ftp://user:{SECRET}@host/x"/>'),
    soap(f'<o:y password="{SECRET}"/>'),
    soap(f"<s:Password xmlns:s='urn:s'>{SECRET}</s:Password>"),
    soap(f"<o:secret><o:inner>{SECRET}</o:inner></o:secret>"),
    soap(f'<o:data>{{"password":"{SECRET}"}}</o:data>'),
    soap(f"<o:data>&lt;a&gt;&lt;password&gt;{SECRET}&lt;/password&gt;&lt;/a&gt;</o:data>"),
    soap(f"<o:data>&lt;a p='pass&amp;#119;ord'&gt;{SECRET}&lt;/a&gt;</o:data>"),
    soap(f"<o:password>{SECRET}</o:password>")[:-5],
    "<a>" * 100 + f"<password>{SECRET}",
    f"<!DOCTYPE a [<!ENTITY e '{SECRET}'>]><a>&e;</a>",
)


@pytest.mark.parametrize("text", XML_SECRETS)
def test_a_secret_in_xml_is_masked_wherever_it_stands(text: str) -> None:
    for tokens in (False, True):
        assert SECRET not in masked(text, id_tokens=tokens)
    assert SECRET not in masked_together(SEPARATOR.join(["[]", text]), id_tokens=False)


def test_the_rest_of_masked_xml_can_still_be_read() -> None:
    assert masked(keyed("AuthorizationKey")) == (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Header>'
        '<chargeBoxIdentity xmlns="urn:o">CP1</chargeBoxIdentity></env:Header><env:Body>'
        '<x xmlns="urn:o"><key>AuthorizationKey</key><value>***</value></x></env:Body></env:Envelope>'
    )


def test_xml_without_secrets_is_logged_to_the_letter() -> None:
    for text in (
        soap("<o:key>HeartbeatInterval</o:key><o:value>300</o:value>"),
        soap("<o:configurationKey><o:key>X</o:key></o:configurationKey>\n<o:unknownKey>y</o:unknownKey>"),
        soap("<o:idTag>DEADBEEF</o:idTag>"),
        "<cut",
    ):
        assert masked(text) == text


def test_id_tokens_in_xml_are_masked_only_where_the_tenant_wants_it() -> None:
    text = soap("<o:idTag>DEADBEEF</o:idTag><o:info><o:parentIdTag>DEADBEEF</o:parentIdTag></o:info><o:idTag/>")
    assert "DEADBEEF" in masked(text)
    assert masked(text, id_tokens=True).count("***") == 2
    assert "DEADBEEF" not in masked(text, id_tokens=True)
    inside = soap("<o:data>&lt;idTag&gt;DEADBEEF&lt;/idTag&gt;</o:data>")
    assert "DEADBEEF" not in masked(inside, id_tokens=True)


def test_xml_that_is_none_and_may_hold_a_secret_is_left_out() -> None:
    assert masked("<password>x") == "(a frame that is not XML and may hold a secret was left out)"


def test_a_long_message_of_ours_is_masked_as_a_short_one() -> None:
    entries = "<o:d><o:idTag>DEADBEEF</o:idTag></o:d>" * 30_000
    assert "DEADBEEF" not in masked(soap(entries), id_tokens=True)


def test_the_rest_of_a_masked_frame_can_still_be_read() -> None:
    text = frame(2, "17", "ChangeConfiguration", {"key": "AuthorizationKey", "value": SECRET})
    expected = [2, "17", "ChangeConfiguration", {"key": "AuthorizationKey", "value": MASK}]
    assert msgspec.json.decode(masked(text)) == expected


def test_a_frame_without_secrets_is_logged_to_the_letter() -> None:
    for text in HARMLESS:
        assert masked(text) == text


@pytest.mark.parametrize("count", [1, 2, 200])
def test_of_many_frames_those_with_a_secret_are_masked_and_the_others_left_to_the_letter(count: int) -> None:
    frames = [HARMLESS[n % 3] for n in range(count - 1)] + [frame(2, "1", "X", {"pin": SECRET})]
    after = masked_together(SEPARATOR.join(frames), id_tokens=False).split(SEPARATOR)
    assert after == [*frames[:-1], frame(2, "1", "X", {"pin": MASK})]


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=70))
def test_together_frames_are_masked_as_each_alone(texts: list[str]) -> None:
    texts = [text.replace(SEPARATOR, "") for text in texts]
    assert masked_together(SEPARATOR.join(texts), id_tokens=False) == SEPARATOR.join(map(masked, texts))


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
    text = f'[2,"1","X",{content},"{name}":"{SECRET}"}}]'
    assert SECRET not in masked(text)


def test_id_tokens_are_masked_only_where_the_tenant_wants_it() -> None:
    text = frame(2, "1", "Authorize", {"idTag": "DEADBEEF"})
    assert "DEADBEEF" in masked(text)
    assert "DEADBEEF" not in masked(text, id_tokens=True)


def test_the_id_token_of_2_x_is_masked_inside_its_object() -> None:
    text = frame(2, "1", "Authorize", {"idToken": {"idToken": "DEADBEEF", "type": "ISO14443"}})
    assert "DEADBEEF" not in masked(text, id_tokens=True)
    assert "ISO14443" in masked(text, id_tokens=True)


def test_hostile_depth_does_not_raise() -> None:
    assert masked('[2,"1","X",{"password":' + "[" * 5000) == (
        "(a frame that is not JSON and may hold a secret was left out)"
    )


def a_command(state: CommandState, request: dict[str, Any], answer: dict[str, Any] | None = None) -> Command:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    return Command(
        key=1,
        station_key=1,
        tenant="default",
        kind="SetVariables",
        request=request,
        answer=answer,
        state=state,
        created_at=at,
        expires_at=at,
    )


def setting(name: str) -> dict[str, Any]:
    return {"settings": [{"ref": {"component": {"name": "C"}, "variable": {"name": name}}, "value": SECRET}]}


def test_a_command_s_secrets_are_never_shown_and_are_kept_only_until_it_is_sent() -> None:
    for state in ("queued", "sent"):
        command = a_command(state, setting("BasicAuthPassword"))
        assert fit_to_keep(command) is command
        assert SECRET not in repr(fit_to_show(command))
    answered = a_command("accepted", setting("SimPin"), {"results": [{**setting("VpnKey")["settings"][0]}]})
    assert SECRET not in repr(fit_to_keep(answered))
    assert fit_to_keep(answered).request["settings"][0]["value"] == "***"
    assert SECRET in repr(fit_to_keep(a_command("accepted", setting("HeartbeatInterval"))))


def test_a_report_s_secret_values_are_masked_in_frames_too() -> None:
    item = {"component": {"name": "C"}, "variable": {"name": "BasicAuthPassword"}}
    told = {"reportData": [{**item, "variableAttribute": [{"value": SECRET}]}]}
    assert SECRET not in masked(frame(2, "1", "NotifyReport", told))


def test_what_a_station_tells_of_a_person_is_not_kept_in_the_log() -> None:
    frame = '[2,"1","NotifyCustomerInformation",{"data":"Jane, 5 sessions","seqNo":0,"requestId":7}]'
    assert "Jane" not in masked(frame)
    assert '"requestId":7' in masked(frame)


def test_credentials_of_a_file_transfer_are_not_kept_in_the_log() -> None:
    frame = r'[2,"1","GetLog",{"log":{"remoteLocation":"http:\/\/t7:abcdef@h:9001\/up\/7\/"}}]'
    assert "abcdef" not in masked(frame)


@pytest.mark.parametrize(
    "text",
    [
        frame(2, "1", "DataTransfer", {"vendorId": "v", "data": '{"idToken":"DEADBEEF","priceText":"0.30"}'}),
        frame(2, "1", "DataTransfer", {"vendorId": "v", "data": ' [{"a":{"parentIdTag":"DEADBEEF"}}]'}),
        frame(2, "1", "DataTransfer", {"data": msgspec.json.encode({"x": '{"idTag":"DEADBEEF"}'}).decode()}),
        frame(2, "1", "DataTransfer", {"data": '{"idTag":"DEADBEEF"'}),
        frame(2, "1", "DataTransfer", {"data": '{"idTag":"DEADBEEF","x":' + "[" * 5000}),
        frame(3, "1", {"status": "Accepted", "data": r'{"\u0069dTag":"DEADBEEF"}'}),
        frame(2, "1", "Authorize", {"additionalInfo": [{"additionalIdToken": "DEADBEEF", "type": "x"}]}),
        frame(2, "1", "NotifySettlement", {"pspRef": "DEADBEEF", "status": "Settled"}),
    ],
)
def test_an_id_token_is_masked_wherever_it_stands(text: str) -> None:
    assert "DEADBEEF" in text
    assert "DEADBEEF" not in masked(text, id_tokens=True)


def test_the_rest_of_a_document_inside_a_document_can_still_be_read() -> None:
    def transfer(token: str) -> str:
        return frame(2, "1", "DataTransfer", {"data": f'{{"idToken":"{token}","priceText":"0.30"}}'})

    assert masked(transfer("DEADBEEF"), id_tokens=True) == transfer(MASK)
    harmless = frame(2, "1", "DataTransfer", {"data": '{ "idTokens" : 0.10 }'})
    assert masked(harmless, id_tokens=True) == harmless
