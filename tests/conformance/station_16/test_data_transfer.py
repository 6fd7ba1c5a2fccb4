"""Data transfer of 1.6 (§4.3, §5.6)."""

from charge_point_case import ChargePointCase


async def test_1_6_s5_6_a_vendor_that_it_does_not_know(case: ChargePointCase) -> None:
    assert await case.ask("DataTransfer", vendorId="org.nobody", data="x") == {"status": "UnknownVendorId"}
