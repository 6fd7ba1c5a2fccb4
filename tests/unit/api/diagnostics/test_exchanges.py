"""A frame over the API, beside what its version says of each member."""

import pytest

from stationmaster.domain.queries import LoggedFrame
from stationmaster.domain.records import FrameRecord


def add_frame(world, key: int, kind: str, frame: str, action: str | None = "Heartbeat") -> None:
    world.queries.all_frames.append(
        LoggedFrame(
            key,
            FrameRecord(
                station_key=1,
                at=world.clock.now(),
                direction="in",
                kind=kind,
                message_id="m1",
                action=action,
                frame=frame,
            ),
        )
    )


async def test_a_call_stands_beside_its_answer(world, operator):
    world.add_station(1, version="1.6")
    add_frame(world, 4, "call", '[2,"m1","Heartbeat",{"extra":1}]')
    add_frame(world, 5, "result", '[3,"m1",{"currentTime":"2030-01-01T00:00:00Z"}]')
    for key in (4, 5):
        told = (await operator.get(f"/api/v1/messages/{key}")).json()
        assert (told["version"], told["station_identity"], told["asked"]) == ("1.6", "CS-1", key)
        assert (told["call"]["message"]["key"], told["answer"]["message"]["key"]) == (4, 5)
        (extra,) = told["call"]["lines"]
        assert (extra["name"], extra["value"], extra["field"]) == ("extra", "1", None)
        assert told["call"]["problems"] == 1
        (time,) = told["answer"]["lines"]
        assert (time["field"]["type"], time["field"]["required"], time["problem"]) == ("date-time", True, None)


@pytest.mark.parametrize(
    ("payload", "version", "problems"),
    [
        ('{"chargePointVendor":"V","chargePointModel":"M"}', "1.6", 0),
        ('{"chargePointVendor":"V"}', "2.0.1", 3),
        ('{"reason":"PowerUp","chargingStation":{"model":"M","vendorName":"V"},"more":1}', "2.0.1", 1),
    ],
)
async def test_what_a_station_sent_before_it_spoke_another_generation_s_words_is_read_in_its_own(
    world, operator, payload, version, problems
):
    world.add_station(1, version="2.0.1")
    add_frame(world, 4, "call", f'[2,"m1","BootNotification",{payload}]', "BootNotification")
    told = (await operator.get("/api/v1/messages/4")).json()
    assert (told["version"], told["call"]["problems"]) == (version, problems)


def soap(body: str) -> str:
    return (
        '<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope">'
        f"<e:Body>{body}</e:Body></e:Envelope>"
    )


async def test_a_call_and_its_fault_in_xml_are_told_in_the_version_that_they_are_in(world, operator):
    world.add_station(1, version="1.6")
    info = (
        '<statusNotificationRequest xmlns="urn://Ocpp/Cs/2012/06/"><connectorId>1</connectorId><status>Broken</status>'
    )
    fault = "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault>"
    add_frame(world, 4, "call", soap(f"{info}</statusNotificationRequest>"), "StatusNotification")
    add_frame(world, 5, "error", soap(fault), "StatusNotification")
    told = (await operator.get("/api/v1/messages/4")).json()
    assert (told["version"], told["call"]["object"]) == ("1.5", "StatusNotificationRequest")
    lines = {line["name"]: line for line in told["call"]["lines"]}
    assert {name for name, line in lines.items() if line["problem"]} == {"errorCode", "status"}
    assert "Reserved" in lines["status"]["field"]["values"]
    assert [(line["name"], line["value"]) for line in told["answer"]["lines"]] == [
        ("Code", '"Sender"'),
        ("Reason", '"no"'),
    ]


async def test_what_has_no_other_half_and_cannot_be_read_is_told_too(world, operator):
    world.add_station(1)
    add_frame(world, 9, "other", "no json", None)
    told = (await operator.get("/api/v1/messages/9")).json()
    assert (told["version"], told["call"]) == ("2.1", None)
    assert told["answer"]["unreadable"]


async def test_a_message_that_is_not_there_is_not_found(world, operator, viewer, stranger):
    assert (await operator.get("/api/v1/messages/9")).status_code == 404
    add_frame(world, 9, "other", "no json", None)
    assert (await viewer.get("/api/v1/messages/9")).status_code == 403
    assert (await stranger.get("/api/v1/messages/9")).status_code == 404


async def test_the_fields_of_a_message_are_told(viewer):
    told = (await viewer.get("/api/v1/protocol/2.0.1/BootNotification")).json()
    assert (told["sender"], told["request"]) == ("station", "BootNotificationRequest")
    (request,) = [each for each in told["objects"] if each["name"] == told["request"]]
    fields = {field["name"]: field for field in request["fields"]}
    assert fields["chargingStation"]["object"] == "ChargingStationType"
    assert "PowerUp" in fields["reason"]["values"]


async def test_the_messages_of_a_version_are_told(viewer):
    told = (await viewer.get("/api/v1/protocol/2.1")).json()
    names = [each["action"] for each in told["actions"]]
    assert names == sorted(names)
    assert {"action": "NotifyPeriodicEventStream", "sender": "station", "answered": False} in told["actions"]


@pytest.mark.parametrize("path", ["9.9", "1.1", "1.2/DataTransfer", "1.6/TransactionEvent", "9.9/Heartbeat"])
async def test_what_no_version_has_is_not_found(viewer, path):
    assert (await viewer.get(f"/api/v1/protocol/{path}")).status_code == 404
