"""Firmware as an operator handles it: over REST, with simulated stations of every version at the other end."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from firmware_site import MAKER, SIGNING, FirmwareSite, words_of
from station_ways import every_version

from stationmaster.ocpp.version import Version
from stationmaster.testing.firmware import image_of

CONTENT = image_of("2.0", install_s=5)


async def updated(site: FirmwareSite, identity: str, image: int, status: int = 201, **draft: Any) -> Any:
    path = f"/stations/{site.key(identity)}/firmware-updates"
    return await site.ask("POST", path, status, json={"image": image, **draft})


async def seen(site: FirmwareSite, identity: str, key: int) -> Any:
    return await site.ask("GET", f"/stations/{site.key(identity)}/firmware-updates/{key}")


@every_version
async def test_an_update_is_followed_from_the_request_to_the_proof(site: FirmwareSite, version: Version) -> None:
    await site.add("S1", version)
    image = await site.posted_image()
    asked = await updated(site, "S1", image, allow_unsigned=version.is_soap)
    assert asked["state"] in ("queued", "requested", "accepted")
    await site.clock.sleep(300)
    answer = await seen(site, "S1", asked["key"])
    update = answer["update"]
    assert (update["state"], update["status"], update["version"]) == ("installed", "Installed", "2.0")
    assert (update["from_version"], update["image"]) == ("1.0.0", image)
    assert update["signed"] == (None if version.family == 2 else not version.is_soap)
    assert update["confirmed_at"] is not None
    told = [entry["status"] for entry in answer["statuses"]]
    assert told == words_of(version)
    assert all(entry["in_order"] for entry in answer["statuses"])
    station = await site.ask("GET", f"/stations/{site.key('S1')}")
    assert (site.version("S1"), station["info"]["firmware_version"]) == ("2.0", "2.0")
    command = await site.ask("GET", f"/stations/{site.key('S1')}/commands/{asked['key']}")
    assert (command["type"], command["status"]) == ("UpdateFirmware", "Accepted")
    assert (await site.ask("GET", "/firmware-updates"))["items"] == [update]


async def test_an_image_tells_what_came_and_what_its_signature_is_worth(site: FirmwareSite) -> None:
    draft = {"name": "Winter", "version": "2.0", "vendor": "Stationmaster", "file_name": "w.bin"}
    image = await site.ask("POST", "/firmware-images", 201, json=draft)
    assert (image["state"], image["verdict"]["signature"]) == ("empty", "unsigned")
    path = f"/firmware-images/{image['key']}"
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    image = await site.ask("PUT", f"{path}/content", content=CONTENT, headers={"Repr-Digest": f"sha-256=:{digest}:"})
    assert (image["state"], image["size_bytes"]) == ("ready", len(CONTENT))
    assert image["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert image["md5"] == hashlib.md5(CONTENT).hexdigest()
    signature = {"signature": SIGNING.sign(CONTENT), "signing_certificate": SIGNING.certificate}
    signed = await site.ask("PUT", f"{path}/signature", json=signature)
    assert (signed["verdict"]["signature"], signed["verdict"]["scheme"]) == ("verified", "ECDSA")
    wrong = {**signature, "signature": SIGNING.sign(b"something else")}
    assert (await site.ask("PUT", f"{path}/signature", json=wrong))["verdict"]["signature"] == "wrong"
    assert await site.ask("GET", path) == (await site.ask("GET", "/firmware-images"))["items"][0]


async def test_content_is_taken_once_whole_and_as_it_was_announced(site: FirmwareSite) -> None:
    image = await site.ask("POST", "/firmware-images", 201, json={"name": "A", "version": "2.0"})
    path = f"/firmware-images/{image['key']}/content"
    other = base64.b64encode(hashlib.sha256(b"?").digest()).decode()
    problem = await site.ask("PUT", path, 409, content=CONTENT, headers={"Repr-Digest": f"sha-256=:{other}:"})
    assert "SHA-256" in problem["detail"]
    await site.ask("PUT", path, 400, content=CONTENT, headers={"Repr-Digest": "sha-256=?"})
    assert "no content" in (await site.ask("PUT", path, 409, content=b""))["detail"]
    await site.ask("PUT", path, content=CONTENT)
    assert "already" in (await site.ask("PUT", path, 409, content=CONTENT))["detail"]


async def test_an_image_that_is_not_signed_is_sent_only_where_the_operator_says_so(site: FirmwareSite) -> None:
    await site.add("S1", Version.V201, firmware_signed_only=False)
    image = await site.ask("POST", "/firmware-images", 201, json={"name": "A", "version": "2.0"})
    for unsigned in (True, False):
        refused = await updated(site, "S1", image["key"], 409, allow_unsigned=unsigned)
        assert refused["detail"] == "The image has no content yet."
    await site.ask("PUT", f"/firmware-images/{image['key']}/content", content=CONTENT)
    assert "not signed" in (await updated(site, "S1", image["key"], 409))["detail"]
    asked = await updated(site, "S1", image["key"], allow_unsigned=True)
    await site.clock.sleep(200)
    assert (await seen(site, "S1", asked["key"]))["update"]["state"] == "installed"


async def test_a_retired_image_is_sent_no_more_and_one_in_use_is_not_deleted(site: FirmwareSite) -> None:
    await site.add("S1", Version.V21)
    image = await site.posted_image()
    later = (site.clock.now() + timedelta(hours=2)).isoformat()
    await updated(site, "S1", image, retrieve_at=later)
    await site.clock.sleep(5)
    await site.ask("DELETE", f"/firmware-images/{image}", 409)
    await site.ask("PATCH", f"/firmware-images/{image}", json={"retired": True})
    assert "retired" in (await updated(site, "S1", image, 409))["detail"]
    await site.clock.sleep(3 * 3600)
    await site.ask("DELETE", f"/firmware-images/{image}", 204)
    await site.ask("GET", f"/firmware-images/{image}", 404)
    assert not await site.csms.files.blobs.sizes()


async def test_a_station_of_16_that_checks_no_signature_is_asked_plainly_or_not_at_all(site: FirmwareSite) -> None:
    """A station without the security extension refuses the signed form."""
    client = await site.bench.boot("OLD", Version.V16)
    client.on("UpdateFirmware", {})
    image = await site.posted_image()
    asked = await updated(site, "OLD", image)
    await site.clock.sleep(5)
    update = (await seen(site, "OLD", asked["key"]))["update"]
    assert update["state"] == "unsupported"
    assert "security extension" in update["detail"]
    asked = await updated(site, "OLD", image, allow_unsigned=True)
    await site.clock.sleep(5)
    update = (await seen(site, "OLD", asked["key"]))["update"]
    assert (update["state"], update["signed"]) == ("accepted", False)
    for status in ("Downloading", "Downloaded", "Installing", "Installed"):
        await client.call("FirmwareStatusNotification", {"status": status})
    assert (await seen(site, "OLD", asked["key"]))["update"]["state"] == "installed"
    boot = {"chargePointVendor": "V", "chargePointModel": "M", "firmwareVersion": "2.0"}
    await client.call("BootNotification", boot)
    assert (await seen(site, "OLD", asked["key"]))["update"]["confirmed_at"] is not None


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        ({"status": "Rejected", "statusInfo": {"reasonCode": "InvalidURL"}}, "rejected", "Rejected: InvalidURL"),
        ({"status": "InvalidCertificate"}, "rejected", "InvalidCertificate"),
        ({"status": "Nonsense"}, "rejected", "Nonsense"),
        (None, "unanswered", "no answer"),
    ],
)
async def test_what_a_station_answers_badly_stands_in_the_update(
    site: FirmwareSite, answer: Any, state: str, detail: str
) -> None:
    client = await site.bench.boot("S1", Version.V201)
    client.on("UpdateFirmware", lambda _: answer)
    asked = await updated(site, "S1", await site.posted_image())
    await site.clock.sleep(60)
    update = (await seen(site, "S1", asked["key"]))["update"]
    assert update["state"] == state
    assert detail in update["detail"]


async def test_a_station_without_the_message_leaves_a_failed_update(site: FirmwareSite) -> None:
    await site.bench.boot("S1", Version.V201)
    asked = await updated(site, "S1", await site.posted_image())
    await site.clock.sleep(5)
    update = (await seen(site, "S1", asked["key"]))["update"]
    assert (update["state"], "NotSupported" in update["detail"]) == ("failed", True)


async def test_a_station_that_never_comes_leaves_an_expired_update(site: FirmwareSite) -> None:
    await site.add("S1", Version.V201)
    await site.stop("S1")
    asked = await updated(site, "S1", await site.posted_image(), lifetime_s=600)
    assert asked["state"] == "queued"
    await site.clock.sleep(700)
    assert (await seen(site, "S1", asked["key"]))["update"]["state"] == "expired"


async def test_a_station_that_says_nothing_more_is_silent_and_may_still_speak(site: FirmwareSite) -> None:
    client = await site.bench.boot("S1", Version.V201)
    client.on("UpdateFirmware", {"status": "Accepted"})
    asked = await updated(site, "S1", await site.posted_image())
    await site.clock.sleep(25 * 3600)
    answer = await seen(site, "S1", asked["key"])
    assert answer["update"]["state"] == "silent"
    request_id = answer["update"]["request_id"]
    await client.call("FirmwareStatusNotification", {"status": "Downloading", "requestId": request_id})
    assert (await seen(site, "S1", asked["key"]))["update"]["state"] == "under_way"


async def test_what_is_told_out_of_order_or_of_nothing_is_kept_and_noted(site: FirmwareSite) -> None:
    client = await site.bench.boot("S1", Version.V201)
    client.on("UpdateFirmware", {"status": "Accepted"})
    asked = await updated(site, "S1", await site.posted_image())
    await site.clock.sleep(5)
    request_id = (await seen(site, "S1", asked["key"]))["update"]["request_id"]
    for status, number in (("SignatureVerified", request_id), ("Downloading", 999), ("Installed", request_id)):
        await client.call("FirmwareStatusNotification", {"status": status, "requestId": number})
    answer = await seen(site, "S1", asked["key"])
    assert [(entry["status"], entry["in_order"]) for entry in answer["statuses"]] == [
        ("SignatureVerified", False),
        ("Installed", True),
    ]
    counts = {odd.kind for odd in await site.bench.view("S1").oddities()}
    assert {"firmware_order", "firmware_unknown_request"} <= counts


async def test_a_station_that_says_installed_and_boots_with_the_old_version_did_not_do_it(site: FirmwareSite) -> None:
    client = await site.bench.boot("S1", Version.V201)
    client.on("UpdateFirmware", {"status": "Accepted"})
    asked = await updated(site, "S1", await site.posted_image())
    await site.clock.sleep(5)
    request_id = (await seen(site, "S1", asked["key"]))["update"]["request_id"]
    await client.call("FirmwareStatusNotification", {"status": "Installed", "requestId": request_id})
    about = {"vendorName": "Maker", "model": "Model", "firmwareVersion": "1.0"}
    await client.call("BootNotification", {"reason": "FirmwareUpdate", "chargingStation": about})
    update = (await seen(site, "S1", asked["key"]))["update"]
    assert (update["state"], update["status"]) == ("wrong_version", "Installed")
    assert "1.0" in update["detail"]


async def test_a_boot_with_the_new_version_concludes_an_update_that_nobody_called_installed(site: FirmwareSite) -> None:
    client = await site.bench.boot("S1", Version.V201)
    client.on("UpdateFirmware", {"status": "Accepted"})
    asked = await updated(site, "S1", await site.posted_image())
    await site.clock.sleep(5)
    about = {"vendorName": "Maker", "model": "Model", "firmwareVersion": "2.0"}
    await client.call("BootNotification", {"reason": "FirmwareUpdate", "chargingStation": about})
    await site.clock.sleep(1800)
    update = (await seen(site, "S1", asked["key"]))["update"]
    assert (update["state"], update["confirmed_at"] is not None) == ("installed", True)


async def test_other_tenants_see_nothing_of_it(site: FirmwareSite) -> None:
    await site.add("S1", Version.V201)
    image = await site.posted_image()
    await site.ask("GET", f"/firmware-images/{image + 1}", 404)
    await site.ask("GET", f"/stations/{site.key('S1')}/firmware-updates/{image}", 404)
    await site.ask("POST", f"/stations/{site.key('S1')}/firmware-updates", 422, json={"image": 12345})


async def test_the_credentials_of_an_image_stand_in_no_frame_and_no_command(site: FirmwareSite) -> None:
    await site.add("S1", Version.V201)
    asked = await updated(site, "S1", await site.posted_image())
    await site.clock.sleep(60)
    command = await site.ask("GET", f"/stations/{site.key('S1')}/commands/{asked['key']}")
    assert command["type"] == "UpdateFirmware"
    url = site.csms.files.url(asked["key"], "firmware", "firmware.bin")
    password = url.partition("@")[0].rpartition(":")[2]
    frames = await site.ask("GET", "/messages", params={"limit": 200})
    told = str(frames) + str(command)
    assert "firmware.bin" in told
    assert password not in told


async def test_a_root_that_was_installed_later_is_trusted_too(site: FirmwareSite) -> None:
    await site.add("S1", Version.V201)
    site.hardware["S1"].firmware.roots = ()
    image = await site.posted_image()
    refused = await updated(site, "S1", image)
    await site.clock.sleep(5)
    assert "InvalidCertificate" in (await seen(site, "S1", refused["key"]))["update"]["detail"]
    certificate = {"use": "ManufacturerRootCertificate", "certificate": MAKER.root}
    await site.ask("POST", f"/stations/{site.key('S1')}/certificates", 201, json=certificate)
    await site.clock.sleep(5)
    taken = await updated(site, "S1", image)
    await site.clock.sleep(200)
    assert (await seen(site, "S1", taken["key"]))["update"]["state"] == "installed"


async def test_a_local_controller_is_asked_to_publish_and_to_stop(site: FirmwareSite) -> None:
    client = await site.bench.boot("LC", Version.V201)
    client.on("PublishFirmware", {"status": "Accepted"})
    client.on("UnpublishFirmware", {"status": "Unpublished"})
    image = await site.posted_image()
    path = f"/stations/{site.key('LC')}/publications"
    asked = await site.ask("POST", path, 201, json={"image": image})
    assert asked["checksum"] == hashlib.md5(CONTENT).hexdigest()
    await site.clock.sleep(1)
    places = ["http://lc.test/f.bin"]
    done = {"status": "Published", "requestId": asked["request_id"], "location": places}
    await client.call("PublishFirmwareStatusNotification", done)
    (publication,) = (await site.ask("GET", path))["items"]
    assert (publication["state"], publication["locations"]) == ("published", places)
    stopped = await site.ask("DELETE", f"{path}/{asked['key']}", 201)
    await site.clock.sleep(1)
    command = await site.ask("GET", f"/stations/{site.key('LC')}/commands/{stopped['command']}")
    assert (command["state"], command["status"]) == ("accepted", "Unpublished")
    assert (await site.ask("GET", path))["items"][0]["state"] == "unpublished"
    await site.bench.boot("OLD", Version.V16)
    refused = await site.ask("POST", f"/stations/{site.key('OLD')}/publications", 201, json={"image": image})
    await site.clock.sleep(2)
    (publication,) = (await site.ask("GET", f"/stations/{site.key('OLD')}/publications"))["items"]
    assert (publication["key"], publication["state"]) == (refused["key"], "failed")
    assert "published" in publication["detail"]


async def test_wrong_requests_say_where_they_are_wrong(site: FirmwareSite) -> None:
    async def places(path: str, status: int = 422, **draft: Any) -> list[str]:
        problem = await site.ask("POST", path, status, json=draft)
        return [error["path"] for error in problem["errors"]]

    assert await places("/firmware-images", name="A") == ["body.version"]
    assert await places("/firmware-images", name="A", version="") == ["body.version"]
    assert await places("/firmware-images", name="A", version="2", file_name="../x") == ["body.file_name"]
    await site.add("S1", Version.V201)
    path = f"/stations/{site.key('S1')}/firmware-updates"
    assert await places(path, image="1") == ["body.image"]
    assert await places(path, image=1, retrieve_at="2030-01-01T00:00:00") == ["body.retrieve_at"]
    await site.ask("GET", f"{path}/1", 404)
    await site.ask("GET", "/firmware-updates", 400, params={"status": "Installed"})
