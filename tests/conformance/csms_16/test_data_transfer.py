"""Data transfer of 1.6 (§4.3, §5.6)."""

from case_16 import Case16

from stationmaster.domain.data_transfer import DataTransfer


async def test_1_6_s4_3_an_unknown_vendor_is_told_so_without_data(case: Case16) -> None:
    answer = await case.client.call("DataTransfer", {"vendorId": "org.nobody", "messageId": "M", "data": "x"})
    assert answer == {"status": "UnknownVendorId"}
    (told,) = await case.view.told("DataTransfer")
    assert told.data["data"] == '"x"'


async def test_1_6_s5_6_a_vendor_s_message_goes_as_text(case: Case16) -> None:
    asked, command = await case.commanded(DataTransfer(vendor_id="com.acme", data={"a": 1}), "DataTransfer")
    assert asked == {"vendorId": "com.acme", "data": '{"a":1}'}
    assert command.state == "accepted"
