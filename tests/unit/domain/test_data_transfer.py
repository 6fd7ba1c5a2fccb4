import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stationmaster.domain.data_transfer import (
    UNKNOWN_MESSAGE,
    UNKNOWN_VENDOR,
    DataTransfer,
    DataTransferAnswer,
    VendorCall,
    handler_of,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOWTO = Path(__file__).parents[3] / "docs/howto/handle-data-transfer.md"


def named(answer: str) -> Any:
    return lambda _: DataTransferAnswer(status="Accepted", data=answer)


VENDORS = {"com.acme": {"Ping": named("ping"), "": named("none"), "*": named("any")}, "org.few": {"Ping": named("p")}}


def answer_to(vendor: str, message: str | None) -> Any:
    found = handler_of(VENDORS, DataTransfer(vendor_id=vendor, message_id=message))
    if isinstance(found, DataTransferAnswer):
        return found
    call = VendorCall(message=DataTransfer(vendor_id=vendor, message_id=message), role="csms", at=NOW)
    return found(call).data  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("vendor", "message", "answer"),
    [
        ("com.acme", "Ping", "ping"),
        ("COM.ACME", "pING", "ping"),
        ("com.acme", None, "none"),
        ("com.acme", "Other", "any"),
        ("org.few", "Ping", "p"),
    ],
)
def test_a_message_finds_its_handler_in_whatever_case(vendor: str, message: str | None, answer: str) -> None:
    assert answer_to(vendor, message) == answer


def test_p02_fr_06_a_vendor_that_nobody_installed_is_unknown() -> None:
    assert answer_to("org.nobody", "Ping") is UNKNOWN_VENDOR


@pytest.mark.parametrize("message", ["Pong", None, "*", ""])
def test_p02_fr_07_a_message_that_its_vendor_does_not_list_is_unknown(message: str | None) -> None:
    assert answer_to("org.few", message) is UNKNOWN_MESSAGE


def example() -> dict[str, Any]:
    """The module in the how-to, as a reader would copy it."""
    code = re.search(r"```python\n(.*?)```", HOWTO.read_text("utf-8"), re.DOTALL)
    assert code is not None
    module: dict[str, Any] = {}
    exec(re.sub(r"^ {3}", "", code[1], flags=re.MULTILINE), module)
    return module


async def test_the_how_to_s_example_answers_as_it_says() -> None:
    messages = example()["MESSAGES"]
    closed = DataTransfer(vendor_id="com.acme.parking", message_id="Barrier", data="closed")
    call = VendorCall(message=closed, role="csms", at=NOW, station="CS-1")
    assert messages["Barrier"](call) == DataTransferAnswer(status="Accepted", data={"occupied": True})
    odd = VendorCall(message=DataTransfer(vendor_id="com.acme.parking", data=7), role="csms", at=NOW)
    assert messages["Barrier"](odd).status == "Rejected"
    assert (await messages["Ping"](call)).data == "csms"
