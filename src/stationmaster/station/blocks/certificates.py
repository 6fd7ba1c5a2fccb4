"""M, A02, A03 Certificates, as a station: a store of what is installed, and requests for certificates of its own.

The store is what is asked about (M03), added to (M05) and taken from (M04); all of it is kept in memory, with the keys
of requests that wait for their certificate.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
import structlog
from cryptography import x509

from stationmaster.domain.certificates import (
    OWN,
    CertificateHash,
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstalledCertificate,
    InstalledCertificates,
    SignCertificate,
)
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Answer, CommandAnswer, Request
from stationmaster.security.certificates import (
    ALGORITHMS,
    BadCertificate,
    fits_key,
    hash_of,
    is_valid_at,
    issuer_among,
    may_issue,
    new_request,
    read_chain,
    read_one,
)
from stationmaster.station.ports import Clock, Line, Memory, NotTold, Spawn
from stationmaster.station.settings import Configuration

log = structlog.get_logger(__name__)

_KEY = "certificates"
_CHAIN = "V2GCertificateChain"
_CHAIN_OF: Mapping[str, str] = {"V2GCertificate": _CHAIN, "V2G20Certificate": _CHAIN}
_ACCEPTED = CommandAnswer(status="Accepted")

NoteSecurity = Callable[[str, str | None], None]
"""Tell of a security event: its type (part 2, appendix 1) and what is known of it."""
Handler = Callable[[Any], Awaitable[Answer]]
Send = Callable[[Evse | None], Awaitable[None]]


class Waiting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request whose certificate has not come yet; ``key`` is the private one."""

    key: str
    csr: str
    request_id: int

    def __repr__(self) -> str:
        return f"Waiting(request_id={self.request_id})"


class Store(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``roots``: PEM texts by use. ``own``: the chain in use by signing use; its ``keys`` beside it."""

    roots: dict[str, tuple[str, ...]] = {}
    own: dict[str, str] = {}
    keys: dict[str, str] = {}
    waiting: dict[str, Waiting] = {}
    requests: int = 0

    def __repr__(self) -> str:
        return f"Store(uses={sorted(self.roots)}, own={sorted(self.own)})"


class Certificates:
    """``handlers`` answer the CSMS; ``triggered`` is what it may trigger; ``note`` is for the security log."""

    def __init__(
        self, identity: str, memory: Memory, line: Line, clock: Clock, configuration: Configuration, spawn: Spawn
    ) -> None:
        self._identity = identity
        self._memory = memory
        self._line = line
        self._clock = clock
        self._configuration = configuration
        self._spawn = spawn
        self.note: NoteSecurity = lambda kind, detail: log.warning("security event", kind=kind, detail=detail)
        kept = memory.get(_KEY)
        self._store = Store() if kept is None else msgspec.json.decode(kept, type=Store)
        self.handlers: Mapping[type[Request], Handler] = {
            GetInstalledCertificateIds: self.installed,
            InstallCertificate: self.install,
            DeleteCertificate: self.delete,
            CertificateSigned: self.signed,
        }
        self.triggered: Mapping[str, Send] = {
            "SignChargingStationCertificate": partial(self._sign_triggered, OWN),
            "SignV2GCertificate": partial(self._sign_triggered, "V2GCertificate"),
            "SignV2G20Certificate": partial(self._sign_triggered, "V2G20Certificate"),
        }

    # What is installed ────────────────────────────────────────────────────────────────────────────────────────────

    async def installed(self, request: GetInstalledCertificateIds) -> Answer:
        """M03."""
        wanted = [use for use in (*self._store.roots, _CHAIN) if not request.uses or use in request.uses]
        found = tuple(each for use in wanted for each in self._of_use(use))
        return InstalledCertificates(status="Accepted" if found else "NotFound", certificates=found)

    async def install(self, request: InstallCertificate) -> Answer:
        """M05: what cannot be read, does not hold now, or is of no known issuer is Rejected (M05.FR.07)."""
        try:
            certificate = read_one(request.certificate)
        except BadCertificate as bad:
            return _rejected("InvalidCertificate", str(bad))
        if not is_valid_at(certificate, self._clock.now()) or not may_issue(certificate):
            return _rejected("InvalidCertificate", "it does not hold now, or may not issue others")
        if issuer_among(certificate, self._all_roots()) is None:
            return _rejected("InvalidCertificate", "its issuer is not installed")
        others = tuple(pem for pem in self._store.roots.get(request.use, ()) if read_one(pem) != certificate)
        roots = {**self._store.roots, request.use: (*others, request.certificate)}
        if sum(map(len, roots.values())) > self._configuration.now.certificate_entries:  # M05.FR.06
            return _rejected("OutOfStorage", "the store is full")
        self._keep(roots=roots)
        return _ACCEPTED

    async def delete(self, request: DeleteCertificate) -> Answer:
        """M04: never the station's own (M04.FR.06)."""
        wanted = request.hash
        if wanted.algorithm not in ALGORITHMS:
            return CommandAnswer(status="NotFound")
        roots = {
            use: tuple(pem for pem in pems if not self._is(read_one(pem), wanted))
            for use, pems in self._store.roots.items()
        }
        if roots != self._store.roots:
            self._keep(roots={use: pems for use, pems in roots.items() if pems})
            return _ACCEPTED
        own = any(self._is(each, wanted) for chain in self._store.own.values() for each in read_chain(chain))
        return CommandAnswer(status="Failed" if own else "NotFound")

    @property
    def entries(self) -> int:
        """How many were installed (SecurityCtrlr.CertificateEntries); its own chains are not among them."""
        return sum(map(len, self._store.roots.values()))

    def roots(self, use: str) -> tuple[str, ...]:
        """What is installed for a use (PEM)."""
        return self._store.roots.get(use, ())

    def _of_use(self, use: str) -> list[InstalledCertificate]:
        if use == _CHAIN:
            return [self._chain(pem) for name, pem in self._store.own.items() if name in _CHAIN_OF]
        return [InstalledCertificate(use=use, hash=self._hash(read_one(pem))) for pem in self._store.roots[use]]

    def _chain(self, pem: str) -> InstalledCertificate:
        """M03.FR.05."""
        leaf, *children = [self._hash(each, read_chain(pem)) for each in read_chain(pem)]
        return InstalledCertificate(use=_CHAIN, hash=leaf, children=tuple(children[:4]))

    def _all_roots(self) -> list[x509.Certificate]:
        return [read_one(pem) for pems in self._store.roots.values() for pem in pems]

    def _hash(
        self, certificate: x509.Certificate, chain: tuple[x509.Certificate, ...] = (), algorithm: str = "SHA256"
    ) -> CertificateHash:
        """Where the issuer is not known (any more), the certificate stands for it."""
        issuer = issuer_among(certificate, (*chain, *self._all_roots()))
        return hash_of(certificate, issuer or certificate, algorithm)

    def _is(self, certificate: x509.Certificate, wanted: CertificateHash) -> bool:
        chains = [each for pem in self._store.own.values() for each in read_chain(pem)]
        return self._hash(certificate, tuple(chains), wanted.algorithm).key == wanted.key

    # Its own ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def sign(self, use: str = OWN, *, triggered: bool = False) -> None:
        """A02.FR.01-.03: make a new key and ask for a certificate of it. Raises NotTold."""
        name, organization = self._identity, self._configuration.now.organization_name
        key, csr = new_request(name, organization)
        number = self._store.requests + 1
        waiting = Waiting(key=key, csr=csr, request_id=number)
        self._keep(waiting={**self._store.waiting, use: waiting}, requests=number)
        answer = await self._ask(use, waiting, triggered=triggered)
        if answer.status == "Accepted":  # A02.FR.20: nothing follows a refusal
            self._spawn(self._ask_again(use, waiting))

    async def signed(self, request: CertificateSigned) -> Answer:
        """A02.FR.06-.08: only a whole chain that holds now and is of the key that was asked for."""
        use = request.use or OWN
        waiting = self._store.waiting.get(use)
        if waiting is None or request.request_id not in (None, waiting.request_id):  # A02.FR.26
            return _rejected("InvalidCertificate", "no such request waits for a certificate")
        try:
            fits_key(request.chain, waiting.key, self._clock.now())
        except BadCertificate as bad:
            self.note("InvalidChargingStationCertificate", str(bad))
            return _rejected("InvalidCertificate", str(bad))
        self._keep(
            own={**self._store.own, use: request.chain},
            keys={**self._store.keys, use: waiting.key},
            waiting={name: each for name, each in self._store.waiting.items() if name != use},
        )
        return _ACCEPTED

    async def _sign_triggered(self, use: str, _evse: Evse | None) -> None:
        """A02.FR.22, .23."""
        await self.sign(use, triggered=True)

    async def _ask(self, use: str, waiting: Waiting, *, triggered: bool = False) -> CommandAnswer:
        request = SignCertificate(csr=waiting.csr, use=use, request_id=waiting.request_id)
        answer = await self._line.perform(request, triggered=triggered)
        assert isinstance(answer, CommandAnswer)
        return answer

    async def _ask_again(self, use: str, waiting: Waiting) -> None:
        """A02.FR.17-.19: the wait doubles each time, and after the last one nothing is asked until triggered."""
        settings = self._configuration.now
        wait_s = settings.cert_signing_wait_minimum_s
        for _ in range(settings.cert_signing_repeat_times if wait_s else 0):
            await self._clock.sleep(wait_s)
            if self._store.waiting.get(use) != waiting:
                return
            try:
                if (await self._ask(use, waiting)).status != "Accepted":
                    return
            except NotTold as failure:
                log.warning("certificate request not taken", failure=str(failure))
            wait_s *= 2

    def _keep(self, **changes: Any) -> None:
        self._store = msgspec.structs.replace(self._store, **changes)
        self._memory.put(_KEY, msgspec.json.encode(self._store))


def _rejected(reason: str, info: str) -> CommandAnswer:
    return CommandAnswer(status="Rejected", reason=reason, info=info)
