"""Sub-protocols offered and taken."""

from stationmaster.transport.subprotocol import negotiate, offered_subprotocols


def test_names_of_all_headers_count_in_order_each_once() -> None:
    headers = ["ocpp2.0.1 , ocpp1.6", ",", "ocpp1.6,ocpp2.1"]
    assert offered_subprotocols(headers) == ("ocpp2.0.1", "ocpp1.6", "ocpp2.1")


def test_a_flood_of_names_is_cut() -> None:
    assert len(offered_subprotocols([",".join(f"p{number}" for number in range(1000))])) == 16


def test_the_clients_first_choice_that_we_support_wins() -> None:
    assert negotiate(("ocpp2.1", "ocpp1.6", "ocpp2.0.1"), {"ocpp2.0.1", "ocpp1.6"}) == "ocpp1.6"


def test_nothing_in_common_or_nothing_offered_is_none() -> None:
    assert negotiate(("ocpp1.5", "OCPP1.6"), {"ocpp1.6"}) is None
    assert negotiate((), {"ocpp1.6"}) is None
