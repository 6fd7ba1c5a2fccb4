import pytest

from stationmaster.simulator.catalogue import DC_150, EV_MODELS, SOCKET_22, STATION_MODELS, ev_model, station_model


def test_names_are_unique():
    assert len({model.name for model in EV_MODELS}) == len(EV_MODELS)
    assert len({station.model for station in STATION_MODELS}) == len(STATION_MODELS)


def test_every_model_is_found_by_its_name():
    assert all(ev_model(model.name) is model for model in EV_MODELS)
    assert all(station_model(station.model) is station for station in STATION_MODELS)


@pytest.mark.parametrize("find", [ev_model, station_model])
def test_an_unknown_name_is_an_error(find):
    with pytest.raises(KeyError):
        find("no such thing")


@pytest.mark.parametrize("model", EV_MODELS, ids=lambda model: model.name)
def test_every_car_fits_some_station(model):
    assert any(evse.fits(model) for station in STATION_MODELS for evse in station.evses)


def test_a_car_fits_a_dc_outlet_only_with_the_matching_inlet():
    hybrid = ev_model("Plug-in hybrid 13")
    assert SOCKET_22.fits(hybrid)
    assert not DC_150.fits(hybrid)


@pytest.mark.parametrize("station", STATION_MODELS, ids=lambda station: station.model)
def test_boot_fields_keep_within_the_lengths_of_every_version(station):
    assert 0 < len(station.vendor_name) <= 20
    assert 0 < len(station.model) <= 20
    assert 0 < len(station.firmware_version) <= 50
