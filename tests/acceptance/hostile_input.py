"""What hostile stations say, and what they call themselves."""

FRAMES: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "-1", "RpcFrameworkError"),
    "no JSON": (b"hello", "-1", "RpcFrameworkError"),
    "an object": (b'{"a":1}', "-1", "RpcFrameworkError"),
    "an empty array": (b"[]", "-1", "RpcFrameworkError"),
    "a number": (b"2", "-1", "RpcFrameworkError"),
    "truncated after the id": (b'[2,"x","Heartbeat"', "x", "FormatViolation"),
    "truncated in a text": (b'[2,"x","Heartbeat",{"a":"b', "x", "FormatViolation"),
    "truncated in a key": (b'[2,"x","Heartbeat",{"', "x", "FormatViolation"),
    "trailing text": (b'[2,"x","Heartbeat",{}]]', "x", "FormatViolation"),
    "no action": (b'[2,"x"]', "x", "RpcFrameworkError"),
    "an action that is no text": (b'[2,"x",5,{}]', "x", "RpcFrameworkError"),
    "an id that is no text": (b'[2,5,"Heartbeat",{}]', "-1", "RpcFrameworkError"),
    "an id of a megabyte": (b'[2,"' + b"x" * 200_000 + b'","Heartbeat",{}]', "-1", "RpcFrameworkError"),
    "an action without end": (b'[2,"x","' + b"A" * 200_000 + b'",{}]', "x", "RpcFrameworkError"),
    "no payload": (b'[2,"x","Heartbeat"]', "x", "FormatViolation"),
    "a payload that is a list": (b'[2,"x","Heartbeat",[]]', "x", "FormatViolation"),
    "a payload that is a text": (b'[2,"x","Heartbeat","{}"]', "x", "FormatViolation"),
    "deep lists": (b'[2,"x","Heartbeat",{"a":' + b"[" * 60_000 + b"]" * 60_000 + b"}]", "x", "FormatViolation"),
    "deep objects": (
        b'[2,"x","Heartbeat",' + b'{"a":' * 30_000 + b"1" + b"}" * 30_000 + b"]",
        "x",
        "FormatViolation",
    ),
    "brackets without end": (b"[" * 200_000, "-1", "RpcFrameworkError"),
    "half a surrogate": (
        b'[2,"x","Authorize",{"idToken":{"idToken":"\\ud800","type":"Local"}}]',
        "x",
        "FormatViolation",
    ),
    "a control character": (b'[2,"x","Authorize",{"idToken":{"idToken":"\x00"}}]', "x", "FormatViolation"),
    "not a number": (b'[2,"x","Heartbeat",{"a":NaN}]', "x", "FormatViolation"),
    "an action nobody has": (b'[2,"x","MakeCoffee",{}]', "x", "NotImplemented"),
    "an action with a NUL": (b'[2,"x","Heart\\u0000beat",{}]', "x", "NotImplemented"),
    "an action of the other side": (b'[2,"x","Reset",{"type":"Immediate"}]', "x", "NotSupported"),
    "an action of another version": (b'[2,"x","StartTransaction",{}]', "x", "NotImplemented"),
}
"""Text, id and code of the CALLERROR that answers it in 2.x."""

HOSTILE_TEXTS = (
    "'",
    "'; DROP TABLE stations; --",
    '" OR ""="',
    "%_\\%",
    "a\x00b",
    "a\r\nb",
    "\u202egnirts",
    "🔌" * 9,
    "null",
    "{{7*7}}${7*7}<script>",
    "../../etc/passwd",
)

MOMENTS = {
    "the year 1": "0001-01-01T00:00:00Z",
    "before the year 1": "0001-01-01T00:00:00+14:00",
    "the year 9999": "9999-12-31T23:59:59.999999Z",
    "after the year 9999": "9999-12-31T23:59:59-14:00",
    "1970": "1970-01-01T00:00:00Z",
    "a leap second": "2016-12-31T23:59:60Z",
    "an odd zone": "2026-03-01T12:00:00+23:59",
    "a zone with seconds": "2026-03-01T12:00:00+00:00:30",
    "no zone": "2026-03-01T12:00:00",
    "a week": "2026-W10-7",
    "a word": "yesterday",
    "nothing": "",
    "a number": 1772366400,
    "an object": {"seconds": 1},
}

NUMBERS = (
    "1e999999",
    "-1e999999",
    "1e-999999",
    "9" * 5000,
    "9" * 100_000,
    "0." + "1" * 5000,
    str(2**64),
    "-0.0",
)

BAD_PATHS = {
    "/ocpp/%00": 400,
    "/ocpp/a%00b": 400,
    "/ocpp/a%0d%0aX-Evil:1": 400,
    "/ocpp/..": 400,
    "/ocpp/%2e%2e": 400,
    "/ocpp/../../etc/passwd": 400,
    "/ocpp/%": 400,
    "/ocpp/%zz": 400,
    "/ocpp/%c3%28": 400,
    "/ocpp/%ed%a0%80": 400,
    "/ocpp/%e2%80%ae": 400,
    "/ocpp/" + "x" * 256: 400,
    "/ocpp/" + "x" * 3000: 400,
    "/ocpp/" + "x" * 65: 404,
    "/ocpp/a:b": 404,
    "/ocpp/nobody/EVIL": 404,
    "/ocpp/default%2f..%2fother/EVIL": 404,
    "/ocpp/DEFAULT/EVIL": 404,
    "/ocpp/%20default/EVIL": 404,
}

ODD_IDENTITIES = ("'; DROP TABLE stations; --", "ÄÖ-Ünïcode-日本", "a b", "%2e", "a/b", "🔌", "CS?x", "cs?x", "*.>")
