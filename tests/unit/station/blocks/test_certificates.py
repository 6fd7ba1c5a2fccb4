import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.domain.certificates import (
    CertificateHash,
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
    SignCertificate,
)
from stationmaster.domain.messages import CommandAnswer
from stationmaster.security.certificates import hash_of, read_chain, read_one
from stationmaster.station.blocks.certificates import Certificates
from stationmaster.station.settings import Configuration, Settings
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing.certificates import Authority

CSMS_ROOT = "CSMSRootCertificate"


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


class Bench:
    """The block, with a CSMS that answers every request for a certificate with ``status``."""

    def __init__(self, spawn: Callable[[Any], object], **settings: Any) -> None:
        self.clock = VirtualClock()
        self.memory = RamMemory()
        self.status = "Accepted"
        self.asked: list[tuple[float, SignCertificate]] = []
        self.noted: list[str] = []
        self._spawn = spawn
        self._settings = Settings(**settings)
        self.root = Authority("Root", self.clock.now())
        self.restart()

    def restart(self) -> None:
        configuration = Configuration(self.memory, self._settings)
        self.block = Certificates("SN1", self.memory, self, self.clock, configuration, self._spawn)
        self.block.note = lambda kind, _: self.noted.append(kind)

    online = True

    async def perform(self, request: Any, *, triggered: bool = False) -> Any:
        self.asked.append((self.clock.monotonic(), request))
        return CommandAnswer(status=self.status)

    async def install(self, pem: str, use: str = CSMS_ROOT) -> str:
        return (await self.block.install(InstallCertificate(use=use, certificate=pem))).status  # type: ignore[attr-defined,no-any-return]

    async def installed(self, *uses: str) -> list[tuple[str, str]]:
        answer: Any = await self.block.installed(GetInstalledCertificateIds(uses=uses))
        assert answer.status == ("Accepted" if answer.certificates else "NotFound")
        return [(each.use, each.hash.serial_number) for each in answer.certificates]

    async def delete(self, wanted: CertificateHash) -> str:
        return (await self.block.delete(DeleteCertificate(hash=wanted))).status  # type: ignore[attr-defined,no-any-return]

    async def signed(self, chain: str, **fields: Any) -> str:
        return (await self.block.signed(CertificateSigned(chain=chain, **fields))).status  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
async def made(request: pytest.FixtureRequest) -> Any:
    tasks: list[asyncio.Task[None]] = []

    def spawn(coroutine: Any) -> None:
        tasks.append(asyncio.ensure_future(coroutine))

    yield lambda **settings: Bench(spawn, **settings)
    for task in tasks:
        task.cancel()


def serial(pem: str) -> str:
    return f"{read_one(pem).serial_number:x}"


async def test_m05_fr_01_what_is_installed_is_told_by_its_hash_and_survives_a_restart(made: Any) -> None:
    bench = made()
    sub = Authority("Sub", bench.clock.now(), bench.root)
    assert await bench.install(bench.root.pem) == "Accepted"
    assert await bench.install(sub.pem, "ManufacturerRootCertificate") == "Accepted"
    bench.restart()
    assert await bench.installed(CSMS_ROOT) == [(CSMS_ROOT, serial(bench.root.pem))]
    assert len(await bench.installed()) == 2
    answer: Any = await bench.block.installed(GetInstalledCertificateIds(uses=("ManufacturerRootCertificate",)))
    assert answer.certificates[0].hash == hash_of(read_one(sub.pem), read_one(bench.root.pem))


async def test_m03_fr_02_nothing_of_a_use_is_not_found(made: Any) -> None:
    bench = made()
    await bench.install(bench.root.pem)
    assert await bench.installed("MORootCertificate") == []


@pytest.mark.parametrize("why", ["text", "leaf", "later", "stranger"])
async def test_m05_fr_07_what_cannot_stand_as_a_root_is_rejected(made: Any, why: str) -> None:
    bench = made()
    now = bench.clock.now()
    pem = {
        "text": "tea",
        "leaf": bench.root.issue("leaf"),
        "later": bench.root.issue("later", ca=True, begins=now + timedelta(days=1)),
        "stranger": Authority("Sub", now, Authority("Other", now)).pem,
    }[why]
    assert await bench.install(pem) == "Rejected"
    assert await bench.installed() == []


async def test_m05_fr_06_a_full_store_rejects_and_fr_17_takes_the_same_again(made: Any) -> None:
    bench = made(certificate_entries=1)
    assert await bench.install(bench.root.pem) == "Accepted"
    assert await bench.install(Authority("More", bench.clock.now()).pem) == "Rejected"
    assert await bench.install(bench.root.pem) == "Accepted"
    assert len(await bench.installed()) == 1


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA512"])
async def test_m04_fr_02_a_certificate_is_deleted_by_any_hash_of_it(made: Any, algorithm: str) -> None:
    bench = made()
    await bench.install(bench.root.pem)
    root = read_one(bench.root.pem)
    named = hash_of(root, root, algorithm)
    shouted = CertificateHash(algorithm, named.issuer_name_hash.upper(), named.issuer_key_hash, named.serial_number)
    assert await bench.delete(shouted) == "Accepted"
    assert await bench.installed() == []
    assert await bench.delete(shouted) == "NotFound"  # M04.FR.04


async def test_a_hash_that_ocpp_does_not_have_names_nothing(made: Any) -> None:
    assert await made().delete(CertificateHash("MD5", "a", "b", "1")) == "NotFound"


async def test_a02_a_certificate_of_the_key_asked_for_is_taken_once_and_never_deleted(made: Any) -> None:
    bench = made()
    await bench.block.triggered["SignChargingStationCertificate"](None)
    (_, asked), *_ = bench.asked
    chain = bench.root.sign(asked.csr) + bench.root.pem
    assert await bench.signed(chain, request_id=asked.request_id) == "Accepted"
    assert await bench.signed(chain) == "Rejected"
    bench.restart()
    leaf, root = read_one(bench.root.sign(asked.csr)), read_one(bench.root.pem)
    assert await bench.delete(hash_of(leaf, root)) == "NotFound"  # another serial number
    own = read_chain(chain)[0]
    assert await bench.delete(hash_of(own, root)) == "Failed"  # M04.FR.06
    assert bench.noted == []


@pytest.mark.parametrize("why", ["key", "later", "request_id", "text"])
async def test_a02_fr_06_a_certificate_that_does_not_fit_is_rejected(made: Any, why: str) -> None:
    bench = made()
    await bench.block.sign()
    ((_, asked),) = bench.asked
    later = bench.clock.now() + timedelta(days=1)
    chain = {
        "key": bench.root.issue("SN1"),
        "later": bench.root.sign(asked.csr, begins=later),
        "request_id": bench.root.sign(asked.csr),
        "text": "tea",
    }[why]
    number = asked.request_id + 1 if why == "request_id" else None
    assert await bench.signed(chain, request_id=number) == "Rejected"
    assert bench.noted == ([] if why == "request_id" else ["InvalidChargingStationCertificate"])


async def test_a02_fr_17_it_asks_again_with_doubled_waits_and_then_stops(made: Any) -> None:
    bench = made(cert_signing_wait_minimum_s=10, cert_signing_repeat_times=3)
    await bench.block.sign()
    await bench.clock.sleep(1000)
    assert [at - bench.asked[0][0] for at, _ in bench.asked] == [0, 10, 30, 70]
    assert len({asked.csr for _, asked in bench.asked}) == 1


async def test_a02_fr_20_after_a_refusal_nothing_is_asked_again(made: Any) -> None:
    bench = made()
    bench.status = "Rejected"
    await bench.block.sign()
    await bench.clock.sleep(1000)
    assert len(bench.asked) == 1


async def test_m03_fr_05_a_v2g_chain_is_told_with_its_sub_cas(made: Any) -> None:
    bench = made()
    sub = Authority("Sub", bench.clock.now(), bench.root)
    await bench.install(bench.root.pem, "V2GRootCertificate")
    await bench.block.sign("V2GCertificate")
    ((_, asked),) = bench.asked
    assert await bench.signed(sub.sign(asked.csr) + sub.pem, use="V2GCertificate") == "Accepted"
    answer: Any = await bench.block.installed(GetInstalledCertificateIds(uses=("V2GCertificateChain",)))
    (chain,) = answer.certificates
    assert chain.children == (hash_of(read_one(sub.pem), read_one(bench.root.pem)),)


async def test_keys_do_not_show(made: Any) -> None:
    bench = made()
    await bench.block.sign()
    assert "PRIVATE" not in repr(bench.block._store) and "PRIVATE" not in repr(bench.block._store.waiting)
