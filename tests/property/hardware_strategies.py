"""Certificates, logs, firmware, security events, customers' data, network profiles and data transfer: requests and
their answers, as far as a version can carry them, at random."""

from typing import Any, get_args

from device_model_strategies import maybe, moments, numbers, some, text
from hypothesis import strategies as st

from stationmaster.domain import certificates as c
from stationmaster.domain import messages as m
from stationmaster.domain.data_transfer import DataTransfer, DataTransferAnswer
from stationmaster.domain.device_model.network_profile import Apn, NetworkProfile, SetNetworkProfile, Vpn
from stationmaster.domain.diagnostics.customer_information import CustomerInformation, NotifyCustomerInformation
from stationmaster.domain.diagnostics.log_upload import GetLog, GetLogAnswer, LogStatus, LogStatusNotification
from stationmaster.domain.diagnostics.security_events import CRITICAL, SecurityEventNotification
from stationmaster.domain.firmware import updates as f
from stationmaster.domain.identity import IdToken

Strategies = dict[type[m.Request], st.SearchStrategy[Any]]

_reasons: dict[str, Any] = {"reason": maybe(text(20))}
_retries: dict[str, Any] = {"retries": maybe(numbers), "retry_interval_s": maybe(numbers)}
_acknowledged = st.just(m.ACKNOWLEDGED)


def one_of(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words)


def all_but(words: Any, *without: str) -> st.SearchStrategy[str]:
    return st.sampled_from([word for word in get_args(words) if word not in without])


# ── Certificates ────────────────────────────────────────────────────────────────────────────────────────────────────

hashes = st.builds(c.CertificateHash, one_of("SHA256", "SHA384", "SHA512"), text(128), text(128), text(40))
_OF_BOTH = ("CSMSRootCertificate", "ManufacturerRootCertificate")
_SIGNING = ("ChargingStationCertificate", "V2GCertificate")


def _installs(*uses: str) -> st.SearchStrategy[Any]:
    return st.builds(c.InstallCertificate, use=one_of(*uses), certificate=text(99))


def _installed(found: st.SearchStrategy[Any], **fields: Any) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda certificates, **more: c.InstalledCertificates(
            status="Accepted" if certificates else "NotFound", certificates=tuple(certificates), **more
        ),
        st.lists(found, max_size=3),
        **fields,
    )


_deletes = st.builds(c.DeleteCertificate, hash=hashes)
# Without a use 1.x asks once for each, and an answer names what was asked for: so it is always the same.
_V1_CERTIFICATES: Strategies = {
    c.InstallCertificate: _installs(*_OF_BOTH),
    c.DeleteCertificate: _deletes,
    c.GetInstalledCertificateIds: st.just(c.GetInstalledCertificateIds(uses=_OF_BOTH[:1])),
    c.SignCertificate: st.builds(c.SignCertificate, csr=text(99)),
    c.CertificateSigned: st.builds(c.CertificateSigned, chain=text(99)),
}
_V1_CERTIFICATE_ANSWERS: Strategies = {
    c.InstallCertificate: st.builds(m.CommandAnswer, status=one_of("Accepted", "Rejected", "Failed")),
    c.DeleteCertificate: st.builds(m.CommandAnswer, status=one_of("Accepted", "Failed", "NotFound")),
    c.GetInstalledCertificateIds: _installed(st.builds(c.InstalledCertificate, use=st.just(_OF_BOTH[0]), hash=hashes)),
}
_V2_CERTIFICATES: Strategies = {
    c.InstallCertificate: _installs(*_OF_BOTH, "V2GRootCertificate", "MORootCertificate"),
    c.DeleteCertificate: _deletes,
    c.GetInstalledCertificateIds: st.builds(
        c.GetInstalledCertificateIds,
        uses=st.lists(one_of(*_OF_BOTH, "V2GCertificateChain"), max_size=3, unique=True).map(tuple),
    ),
    c.SignCertificate: st.builds(c.SignCertificate, csr=text(99), use=one_of(*_SIGNING)),
    c.CertificateSigned: st.builds(c.CertificateSigned, chain=text(99), use=maybe(one_of(*_SIGNING))),
}
_V2_CERTIFICATE_ANSWERS: Strategies = {
    c.InstallCertificate: st.builds(m.CommandAnswer, status=one_of("Accepted", "Rejected", "Failed"), **_reasons),
    c.DeleteCertificate: st.builds(m.CommandAnswer, status=one_of("Accepted", "Failed", "NotFound"), **_reasons),
    c.GetInstalledCertificateIds: _installed(
        st.builds(
            c.InstalledCertificate,
            use=one_of(*_OF_BOTH, "V2GCertificateChain"),
            hash=hashes,
            children=st.lists(hashes, max_size=4).map(tuple),
        ),
        **_reasons,
    ),
}

# ── Data transfer ───────────────────────────────────────────────────────────────────────────────────────────────────

_json = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.decimals(-99, 99, places=2) | text(20, 0),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text(9), inner, max_size=3),
    max_leaves=5,
)


def _transfers(data: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(DataTransfer, vendor_id=text(255), message_id=maybe(text(50)), data=maybe(data))


def _transfer_answers(data: st.SearchStrategy[Any], **fields: Any) -> st.SearchStrategy[Any]:
    known = st.builds(
        DataTransferAnswer, status=one_of("Accepted", "Rejected", "UnknownMessageId"), data=maybe(data), **fields
    )
    return known | st.builds(DataTransferAnswer, status=st.just("UnknownVendorId"), **fields)


# ── Logs, customers' data, security events ──────────────────────────────────────────────────────────────────────────


def _logs() -> st.SearchStrategy[Any]:
    return st.builds(
        GetLog,
        log_type=one_of("DiagnosticsLog", "SecurityLog"),
        request_id=numbers,
        location=text(512),
        oldest_at=maybe(moments),
        latest_at=maybe(moments),
        **_retries,
    )


def _log_answers(**fields: Any) -> st.SearchStrategy[Any]:
    statuses = one_of("Accepted", "Rejected", "AcceptedCanceled")
    return st.builds(GetLogAnswer, status=statuses, filename=maybe(text(255)), **fields)


def _security_events(**fields: Any) -> st.SearchStrategy[Any]:
    return st.builds(
        SecurityEventNotification,
        type=st.sampled_from(sorted(CRITICAL)) | text(50),
        timestamp=moments,
        tech_info=maybe(text(255)),
        **fields,
    )


_tokens = st.builds(IdToken, text(36), one_of("ISO14443", "eMAID"))
_customers: dict[str, Any] = {"request_id": numbers, "report": st.booleans(), "clear": st.booleans()}
_customer_requests = st.one_of(
    st.builds(CustomerInformation, id_token=_tokens, **_customers),
    st.builds(CustomerInformation, certificate=hashes, **_customers),
    st.builds(CustomerInformation, identifier=text(64), **_customers),
)

# ── Firmware ────────────────────────────────────────────────────────────────────────────────────────────────────────

_UPDATE_ANSWERS = ("Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate")
_image: dict[str, Any] = {"location": text(512), "retrieve_at": moments, "install_at": maybe(moments)}
_signed_images = st.builds(f.Firmware, signing_certificate=text(99), signature=text(800), **_image)
_images = _signed_images | st.builds(f.Firmware, **_image)


def _updates(images: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(f.UpdateFirmware, firmware=images, request_id=numbers, **_retries)


# ── Network profiles ────────────────────────────────────────────────────────────────────────────────────────────────

_apns = st.builds(
    Apn,
    apn=text(512),
    authentication=one_of("PAP", "CHAP", "NONE", "AUTO"),
    user_name=maybe(text(20)),
    password=maybe(text(20)),
    sim_pin=maybe(numbers),
    preferred_network=maybe(text(6)),
    use_only_preferred_network=st.booleans(),
)
_vpns = st.builds(
    Vpn,
    server=text(512),
    user=text(20),
    password=text(20),
    key=text(255),
    type=one_of("IKEv2", "IPSec", "L2TP", "PPTP"),
    group=maybe(text(20)),
)
network_profiles = st.builds(
    NetworkProfile,
    csms_url=text(512),
    message_timeout_s=numbers,
    security_profile=st.integers(0, 3),
    interface=one_of("Wired0", "Wireless3"),
    transport=one_of("JSON", "SOAP"),
    ocpp_version=one_of("OCPP12", "OCPP16", "OCPP20"),
    apn=maybe(_apns),
    vpn=maybe(_vpns),
)

# ── All of it ───────────────────────────────────────────────────────────────────────────────────────────────────────

# A station of 1.6 with the security extension: what goes without it is a subject of the unit tests.
V1_REQUESTS: Strategies = {
    **_V1_CERTIFICATES,
    DataTransfer: _transfers(text(99, 0)),
    GetLog: _logs(),
    LogStatusNotification: st.one_of(
        st.builds(
            LogStatusNotification,
            status=all_but(LogStatus, "AcceptedCanceled"),
            request_id=maybe(numbers),
            extended=st.just(True),
        ),
        st.builds(LogStatusNotification, status=one_of("Idle", "Uploading", "Uploaded", "UploadFailure")),
    ),
    SecurityEventNotification: _security_events(extended=st.just(True)),
    f.UpdateFirmware: _updates(_signed_images),
    f.FirmwareStatusNotification: st.one_of(
        st.builds(
            f.FirmwareStatusNotification,
            status=all_but(f.FirmwareStatus),
            request_id=maybe(numbers),
            extended=st.just(True),
        ),
        st.builds(f.FirmwareStatusNotification, status=one_of("Idle", "Downloading", "DownloadFailed", "Installed")),
    ),
}
V1_ANSWERS: Strategies = {
    **_V1_CERTIFICATE_ANSWERS,
    DataTransfer: _transfer_answers(text(99, 0)),
    GetLog: _log_answers(extended=st.just(True)),
    LogStatusNotification: _acknowledged,
    SecurityEventNotification: _acknowledged,
    f.UpdateFirmware: st.builds(f.UpdateFirmwareAnswer, status=one_of(*_UPDATE_ANSWERS), signed=st.just(True)),
    f.FirmwareStatusNotification: _acknowledged,
}
V2_REQUESTS: Strategies = {
    **_V2_CERTIFICATES,
    DataTransfer: _transfers(_json),
    GetLog: _logs(),
    LogStatusNotification: st.builds(LogStatusNotification, status=all_but(LogStatus), request_id=maybe(numbers)),
    CustomerInformation: _customer_requests,
    NotifyCustomerInformation: st.builds(
        NotifyCustomerInformation,
        request_id=numbers,
        seq_no=numbers,
        data=text(512, 0),
        generated_at=moments,
        to_be_continued=st.booleans(),
    ),
    SecurityEventNotification: _security_events(),
    f.UpdateFirmware: _updates(_images),
    f.FirmwareStatusNotification: st.builds(
        f.FirmwareStatusNotification, status=all_but(f.FirmwareStatus), request_id=maybe(numbers)
    ),
    f.PublishFirmware: st.builds(
        f.PublishFirmware, location=text(512), checksum=text(32), request_id=numbers, **_retries
    ),
    f.PublishFirmwareStatusNotification: st.builds(
        f.PublishFirmwareStatusNotification,
        status=all_but(f.PublishStatus),
        request_id=maybe(numbers),
        locations=st.just(()) | some(text(512)),
    ),
    f.UnpublishFirmware: st.builds(f.UnpublishFirmware, checksum=text(32)),
    SetNetworkProfile: st.builds(SetNetworkProfile, slot=numbers, profile=network_profiles),
}
V2_ANSWERS: Strategies = {
    **_V2_CERTIFICATE_ANSWERS,
    DataTransfer: _transfer_answers(_json, **_reasons),
    GetLog: _log_answers(**_reasons),
    LogStatusNotification: _acknowledged,
    CustomerInformation: st.builds(m.CommandAnswer, status=one_of("Accepted", "Rejected", "Invalid"), **_reasons),
    NotifyCustomerInformation: _acknowledged,
    SecurityEventNotification: _acknowledged,
    f.UpdateFirmware: st.builds(f.UpdateFirmwareAnswer, status=one_of(*_UPDATE_ANSWERS), **_reasons),
    f.FirmwareStatusNotification: _acknowledged,
    f.PublishFirmwareStatusNotification: _acknowledged,
    f.UnpublishFirmware: st.builds(m.CommandAnswer, status=one_of("Unpublished", "NoFirmware", "DownloadOngoing")),
    SetNetworkProfile: st.builds(m.CommandAnswer, status=one_of("Accepted", "Rejected", "Failed"), **_reasons),
}
NOT_IN_V1 = frozenset(V2_REQUESTS) - frozenset(V1_REQUESTS)
"""Customers' data, network profiles, and firmware that a local controller publishes."""
