"""Secrets of payment codes can be made again, and by nobody else."""

from stationmaster.security.web_payment_secrets import LENGTH, shared_secret


def test_each_station_and_each_generation_has_its_own() -> None:
    made = {shared_secret(station, generation, pepper) for station in (1, 11) for generation in (1, 11)
            for pepper in (b"a", b"b")}  # fmt: skip
    assert len(made) == 8
    assert {len(secret) for secret in made} == {LENGTH}
    assert shared_secret(1, 2, b"a") == shared_secret(1, 2, b"a")
