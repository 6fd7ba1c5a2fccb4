"""M, A02, A03 Certificates in 2.x."""

from collections.abc import Mapping
from typing import Any

from stationmaster.dialects.alike import read_delete, read_hash
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, Unsupported, WireCall, one_call
from stationmaster.dialects.v2.parts import read_answer, read_status_info, write_status_info
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
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_INSTALL_USES: Mapping[str, v21.InstallCertificateUseEnumType] = words(v21.InstallCertificateUseEnumType)
_INSTALLED_USES: Mapping[str, v21.GetCertificateIdUseEnumType] = words(v21.GetCertificateIdUseEnumType)
_SIGNING_USES: Mapping[str, v21.CertificateSigningUseEnumType] = words(v21.CertificateSigningUseEnumType)
_INSTALL: Mapping[str, v21.InstallCertificateStatusEnumType] = words(v21.InstallCertificateStatusEnumType)
_DELETE: Mapping[str, v21.DeleteCertificateStatusEnumType] = words(v21.DeleteCertificateStatusEnumType)
_ALGORITHMS: Mapping[str, v21.HashAlgorithmEnumType] = words(v21.HashAlgorithmEnumType)
_LONGEST_20 = 800
_USES_20 = ("CSMSRootCertificate", "ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate")


def read_install(facts: StationFacts, message: wire.InstallCertificateRequest) -> InstallCertificate:
    if message.certificate is None or message.certificate_type is None:
        raise Unattributable("certificate" if message.certificate is None else "certificateType")
    return InstallCertificate(use=message.certificate_type, certificate=message.certificate)


def write_install_answer(
    facts: StationFacts, request: InstallCertificate, answer: CommandAnswer
) -> v21.InstallCertificateResponse:
    return v21.InstallCertificateResponse(
        status=_INSTALL.get(answer.status, "Failed"), status_info=write_status_info(answer)
    )


def write_install(facts: StationFacts, request: InstallCertificate) -> v21.InstallCertificateRequest:
    length = len(request.certificate)
    if facts.version == "2.0" and length > _LONGEST_20:
        raise Unsupported(
            f"OCPP 2.0 installs certificates of up to {_LONGEST_20} characters, and this one has {length}; as PEM only "
            "small ones fit (elliptic curves, short names). The station needs OCPP 2.0.1, or another way to get it"
        )
    return v21.InstallCertificateRequest(
        certificate_type=_known(_INSTALL_USES, request.use), certificate=request.certificate
    )


def write_delete_answer(
    facts: StationFacts, request: DeleteCertificate, answer: CommandAnswer
) -> v21.DeleteCertificateResponse:
    return v21.DeleteCertificateResponse(
        status=_DELETE.get(answer.status, "Failed"), status_info=write_status_info(answer)
    )


def write_delete(facts: StationFacts, request: DeleteCertificate) -> v21.DeleteCertificateRequest:
    return v21.DeleteCertificateRequest(certificate_hash_data=_write_hash(request.hash))


def read_installed(facts: StationFacts, message: wire.GetInstalledCertificateIdsRequest) -> GetInstalledCertificateIds:
    return GetInstalledCertificateIds(uses=tuple(message.certificate_type))


def write_installed_answer(
    facts: StationFacts, request: GetInstalledCertificateIds, answer: InstalledCertificates
) -> v21.GetInstalledCertificateIdsResponse:
    chains = tuple([_write_chain(each) for each in answer.certificates])
    return v21.GetInstalledCertificateIdsResponse(
        status="Accepted" if chains else "NotFound",
        status_info=write_status_info(answer),
        certificate_hash_data_chain=chains,
    )


def get_installed(facts: StationFacts, request: GetInstalledCertificateIds) -> Exchange:
    """2.0 asks for one use at a time and does not repeat it in the answer; there the answers are put together."""
    asked: tuple[tuple[str, ...], ...] = (request.uses,)
    if facts.version == "2.0":
        asked = tuple([(use,) for use in request.uses or _USES_20])
    found: list[InstalledCertificate] = []
    reason = info = None
    told = True
    for uses in asked:
        message = v21.GetInstalledCertificateIdsRequest(
            certificate_type=tuple([_known(_INSTALLED_USES, use) for use in uses])
        )
        answer = yield WireCall("GetInstalledCertificateIds", message)
        told = told and tells(answer.status, answer.certificate_hash_data_chain)
        found += _read_chains(answer.certificate_hash_data_chain, uses)
        reason, info = read_status_info(answer.status_info)
    return InstalledCertificates(
        status=installed_status(found, told=told), reason=reason, info=info, certificates=tuple(found)
    )


def read_sign(facts: StationFacts, message: wire.SignCertificateRequest) -> SignCertificate:
    if message.csr is None:
        raise Unattributable("csr")
    return SignCertificate(
        csr=message.csr,
        use=message.certificate_type or OWN,
        root=read_hash(message.hash_root_certificate),
        request_id=message.request_id,
    )


def write_sign_answer(
    facts: StationFacts, request: SignCertificate, answer: CommandAnswer
) -> v21.SignCertificateResponse:
    accepted = answer.status == "Accepted"
    return v21.SignCertificateResponse(
        status="Accepted" if accepted else "Rejected", status_info=write_status_info(answer)
    )


def write_sign(facts: StationFacts, request: SignCertificate) -> v21.SignCertificateRequest:
    """What 2.1 added is left out below it; the request means the same without."""
    newest = facts.version == "2.1"
    return v21.SignCertificateRequest(
        csr=request.csr,
        certificate_type=_known(_SIGNING_USES, request.use),
        hash_root_certificate=_write_hash(request.root) if newest and request.root is not None else None,
        request_id=request.request_id if newest else None,
    )


def read_signed(facts: StationFacts, message: wire.CertificateSignedRequest) -> CertificateSigned:
    if message.certificate_chain is None:
        raise Unattributable("certificateChain")
    return CertificateSigned(
        chain=message.certificate_chain, use=message.certificate_type, request_id=message.request_id
    )


def write_signed_answer(
    facts: StationFacts, request: CertificateSigned, answer: CommandAnswer
) -> v21.CertificateSignedResponse:
    accepted = answer.status == "Accepted"
    return v21.CertificateSignedResponse(
        status="Accepted" if accepted else "Rejected", status_info=write_status_info(answer)
    )


def write_signed(facts: StationFacts, request: CertificateSigned) -> v21.CertificateSignedRequest:
    return v21.CertificateSignedRequest(
        certificate_chain=request.chain,
        certificate_type=None if request.use is None else _known(_SIGNING_USES, request.use),
        request_id=request.request_id if facts.version == "2.1" else None,
    )


def _known(uses: Mapping[str, Any], use: str) -> Any:
    found = uses.get(use)
    if found is None:
        raise Unsupported(f"OCPP 2.x has no {use} in this message")
    return found


def _read_chains(chains: tuple[wire.CertificateHashDataChainType, ...], asked: tuple[str, ...]) -> Any:
    """A certificate whose use is not told is of the one that was asked for."""
    for chain in chains:
        found = read_hash(chain.certificate_hash_data)
        use = chain.certificate_type or (asked[0] if len(asked) == 1 else None)
        if found is not None and use is not None:
            children = tuple([each for each in map(read_hash, chain.child_certificate_hash_data) if each is not None])
            yield InstalledCertificate(use=use, hash=found, children=children)


def _write_chain(each: InstalledCertificate) -> v21.CertificateHashDataChainType:
    return v21.CertificateHashDataChainType(
        certificate_type=_known(_INSTALLED_USES, each.use),
        certificate_hash_data=_write_hash(each.hash),
        child_certificate_hash_data=tuple([_write_hash(child) for child in each.children]),
    )


def _write_hash(given: CertificateHash) -> v21.CertificateHashDataType:
    return v21.CertificateHashDataType(
        hash_algorithm=_known(_ALGORITHMS, given.algorithm),
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
