"""M, A02 Certificates in the security extension of 1.6.

It has two kinds of roots, asks for those of one kind at a time, and knows no request but that for the station's own
certificate.
"""

from collections.abc import Mapping

from stationmaster.dialects.alike import read_delete, read_hash
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, Unsupported, WireCall, one_call
from stationmaster.dialects.v1.statuses import read_answer
from stationmaster.dialects.words import words
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
    installed_status,
    tells,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_USES: Mapping[str, v16.CertificateUseEnumType] = {
    "CSMSRootCertificate": "CentralSystemRootCertificate",
    "ManufacturerRootCertificate": "ManufacturerRootCertificate",
}
_USES_2X: Mapping[str, str] = {name_1x: name for name, name_1x in _USES.items()}
_INSTALL: Mapping[str, v16.InstallCertificateStatusEnumType] = words(v16.InstallCertificateStatusEnumType)
_DELETE: Mapping[str, v16.DeleteCertificateStatusEnumType] = words(v16.DeleteCertificateStatusEnumType)
_ALGORITHMS: Mapping[str, v16.HashAlgorithmEnumType] = words(v16.HashAlgorithmEnumType)


def read_install(facts: StationFacts, message: wire.InstallCertificateRequest) -> InstallCertificate:
    if message.certificate is None:
        raise Unattributable("certificate")
    return InstallCertificate(use=_read_use(message.certificate_type), certificate=message.certificate)


def write_install_answer(
    facts: StationFacts, request: InstallCertificate, answer: CommandAnswer
) -> v16.InstallCertificateResponse:
    return v16.InstallCertificateResponse(status=_INSTALL.get(answer.status, "Failed"))


def write_install(facts: StationFacts, request: InstallCertificate) -> v16.InstallCertificateRequest:
    return v16.InstallCertificateRequest(certificate_type=_write_use(request.use), certificate=request.certificate)


def write_delete_answer(
    facts: StationFacts, request: DeleteCertificate, answer: CommandAnswer
) -> v16.DeleteCertificateResponse:
    return v16.DeleteCertificateResponse(status=_DELETE.get(answer.status, "Failed"))


def write_delete(facts: StationFacts, request: DeleteCertificate) -> v16.DeleteCertificateRequest:
    return v16.DeleteCertificateRequest(certificate_hash_data=_write_hash(request.hash))


def read_installed(facts: StationFacts, message: wire.GetInstalledCertificateIdsRequest) -> GetInstalledCertificateIds:
    return GetInstalledCertificateIds(uses=(_read_use(message.certificate_type),))


def write_installed_answer(
    facts: StationFacts, request: GetInstalledCertificateIds, answer: InstalledCertificates
) -> v16.GetInstalledCertificateIdsResponse:
    hashes = tuple([_write_hash(each.hash) for each in answer.certificates])
    return v16.GetInstalledCertificateIdsResponse(
        status="Accepted" if hashes else "NotFound", certificate_hash_data=hashes
    )


def get_installed(facts: StationFacts, request: GetInstalledCertificateIds) -> Exchange:
    """One call for each kind that 1.6 has; NotFound where there is nothing of any (M03.FR.02)."""
    told = True
    uses = [use for use in request.uses or _USES if use in _USES]
    if not uses:
        raise Unsupported(f"OCPP 1.6 has no {', '.join(request.uses)}")
    found: list[InstalledCertificate] = []
    for use in uses:
        answer = yield WireCall(
            "GetInstalledCertificateIds", v16.GetInstalledCertificateIdsRequest(certificate_type=_USES[use])
        )
        told = told and tells(answer.status, answer.certificate_hash_data)
        hashes = map(read_hash, answer.certificate_hash_data)
        found += [InstalledCertificate(use=use, hash=each) for each in hashes if each is not None]
    return InstalledCertificates(status=installed_status(found, told=told), certificates=tuple(found))


def read_sign(facts: StationFacts, message: wire.SignCertificateRequest) -> SignCertificate:
    if message.csr is None:
        raise Unattributable("csr")
    return SignCertificate(csr=message.csr)


def write_sign_answer(
    facts: StationFacts, request: SignCertificate, answer: CommandAnswer
) -> v16.SignCertificateResponse:
    return v16.SignCertificateResponse(status="Accepted" if answer.status == "Accepted" else "Rejected")


def write_sign(facts: StationFacts, request: SignCertificate) -> v16.SignCertificateRequest:
    if request.use != OWN:
        raise Unsupported(f"OCPP 1.6 has no request for a {request.use}")
    return v16.SignCertificateRequest(csr=request.csr)


def read_signed(facts: StationFacts, message: wire.CertificateSignedRequest) -> CertificateSigned:
    if message.certificate_chain is None:
        raise Unattributable("certificateChain")
    return CertificateSigned(chain=message.certificate_chain)


def write_signed_answer(
    facts: StationFacts, request: CertificateSigned, answer: CommandAnswer
) -> v16.CertificateSignedResponse:
    return v16.CertificateSignedResponse(status="Accepted" if answer.status == "Accepted" else "Rejected")


def write_signed(facts: StationFacts, request: CertificateSigned) -> v16.CertificateSignedRequest:
    if request.use not in (None, OWN):
        raise Unsupported(f"OCPP 1.6 has no {request.use}")
    return v16.CertificateSignedRequest(certificate_chain=request.chain)


def _read_use(use: str | None) -> str:
    if use is None:
        raise Unattributable("certificateType")
    return _USES_2X.get(use, use)


def _write_use(use: str) -> v16.CertificateUseEnumType:
    found = _USES.get(use)
    if found is None:
        raise Unsupported(f"OCPP 1.6 has no {use}")
    return found


def _write_hash(given: CertificateHash) -> v16.CertificateHashDataType:
    algorithm = _ALGORITHMS.get(given.algorithm)
    if algorithm is None:
        raise Unsupported(f"OCPP has no hash algorithm {given.algorithm}")
    return v16.CertificateHashDataType(
        hash_algorithm=algorithm,
        issuer_name_hash=given.issuer_name_hash,
        issuer_key_hash=given.issuer_key_hash,
        serial_number=given.serial_number,
    )


INCOMING: Mapping[str, Incoming] = {
    "InstallCertificate": Incoming(read_install, write_install_answer),
    "DeleteCertificate": Incoming(read_delete, write_delete_answer),
    "GetInstalledCertificateIds": Incoming(read_installed, write_installed_answer),
    "SignCertificate": Incoming(read_sign, write_sign_answer),
    "CertificateSigned": Incoming(read_signed, write_signed_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    InstallCertificate: one_call("InstallCertificate", write_install, read_answer),
    DeleteCertificate: one_call("DeleteCertificate", write_delete, read_answer),
    GetInstalledCertificateIds: get_installed,
    SignCertificate: one_call("SignCertificate", write_sign, read_answer),
    CertificateSigned: one_call("CertificateSigned", write_signed, read_answer),
}
