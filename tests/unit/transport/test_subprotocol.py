"""Sub-protocols offered."""

from stationmaster.transport.subprotocol import offered_subprotocols


def test_names_of_all_headers_count_in_order_each_once() -> None:
    headers = ["ocpp2.0.1 , ocpp1.6", ",", "ocpp1.6,ocpp2.1"]
    assert offered_subprotocols(headers) == ("ocpp2.0.1", "ocpp1.6", "ocpp2.1")


def test_a_flood_of_names_is_cut() -> None:
    assert len(offered_subprotocols([",".join(f"p{number}" for number in range(1000))])) == 16
