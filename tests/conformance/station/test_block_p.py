"""P Data transfer, as certification tests a station."""

from station_case import StationCase


async def test_TC_P_01_CS_a_vendor_that_it_does_not_know(case: StationCase) -> None:
    answer = await case.ask("DataTransfer", vendorId="org.nobody", messageId="M", data={"a": 1})
    assert answer == {"status": "UnknownVendorId"}  # P01.FR.05


async def test_TC_P_03_CS_custom_data_is_tolerated(case: StationCase) -> None:
    custom = {"vendorId": "com.acme", "note": "anything"}
    assert await case.ask("DataTransfer", vendorId="org.nobody", customData=custom) == {"status": "UnknownVendorId"}


async def test_P02_FR_01_a_message_of_its_own_names_its_vendor(case: StationCase) -> None:
    case.csms.script["DataTransfer"] = lambda _: {"status": "Accepted", "data": [1, {"b": 2}]}
    answer = await case.station.transfer_data("com.acme", "Ping", {"a": 1})
    (said,) = case.take().payloads("DataTransfer")
    assert said == {"vendorId": "com.acme", "messageId": "Ping", "data": {"a": 1}}
    assert (answer.status, answer.data) == ("Accepted", [1, {"b": 2}])
