"""Which firmware images there are to choose from."""

from stationmaster.ui.api import Api
from stationmaster.ui.parts.data_table import Row

_MOST = 200


async def ready_images(api: Api) -> dict[int, str]:
    """The newest images that can be sent, by key, as they are named in a choice. Raises Problem."""
    page = await api.get("/firmware-images", {"limit": _MOST})
    return images_to_choose(page["items"])


def images_to_choose(images: list[Row]) -> dict[int, str]:
    """Those whose content is there."""
    return {image["key"]: _image_name(image) for image in images if image["state"] == "ready"}


def _image_name(image: Row) -> str:
    made_for = " ".join(word for word in (image["vendor"], image["model"]) if word)
    signed = "" if image["signature"] else ", not signed"
    return f"{image['name']} {image['version']}" + (f" for {made_for}" if made_for else "") + signed
