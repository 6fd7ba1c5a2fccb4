"""The OCPP message schemas: fetched from two published wheels, corrected, and handed on by version.

The wheels are downloaded once into ``.cache/schemas`` at the root of the checkout, checked against
their digests, and read as archives; nothing of them is installed.
"""

import hashlib
import json
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corrections import CORRECTIONS

Schema = dict[str, Any]

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "schemas"
VERSIONS = ("v16", "v20", "v201", "v21")

_WHEELS = {
    "2.1.0": "0e452c14c21e2995431334ce1513d5ad8246ecb5c8fb90ed4143e2ecdd9e2845",
    "0.26.0": "b176ca520f77434d2434e84aae77b67ce4b45f4e476524a832d0c7b1281483f5",
}
_SOURCE = {"v16": "2.1.0", "v20": "0.26.0", "v201": "2.1.0", "v21": "2.1.0"}


def load(version: str) -> dict[str, Schema]:
    """Every schema of a version by message name (``AuthorizeRequest``, ``AuthorizeResponse``), corrected.

    Numbers with a fraction are decimals.

    Raises ``RuntimeError`` if the download fails or is not the expected file.
    """
    schemas = {}
    with zipfile.ZipFile(_wheel(_SOURCE[version])) as archive:
        for member in sorted(archive.namelist()):
            if member.startswith(f"ocpp/{version}/schemas/") and member.endswith(".json"):
                name = message_name(version, Path(member).stem)
                schemas[name] = _parsed(archive.read(member))
    for correction in CORRECTIONS:
        if correction.version == version:
            correction.apply(schemas[correction.message])
    return schemas


def message_name(version: str, stem: str) -> str:
    """The message a schema file describes: 1.6 leaves out ``Request``, 2.0 appends its revision."""
    name = stem.removesuffix("_v1p0")
    return name if version != "v16" or name.endswith("Response") else f"{name}Request"


def _parsed(raw: bytes) -> Schema:
    # One schema of 2.0 writes its references without the slash that makes them JSON pointers.
    text = raw.decode("utf-8-sig").replace('"#definitions/', '"#/definitions/')
    schema: Schema = json.loads(text, parse_float=Decimal)
    return schema


def _wheel(release: str) -> Path:
    path = CACHE / f"ocpp-{release}-py3-none-any.whl"
    if not path.exists():
        _download(release, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != _WHEELS[release]:
        raise RuntimeError(f"{path} is not the expected file: sha256 {digest}")
    return path


def _download(release: str, path: Path) -> None:
    """Fetch beside the cache and move in one step, as several test processes may do this at once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=CACHE) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        outcome = subprocess.run([*command, f"ocpp=={release}"], capture_output=True, text=True, check=False)
        if outcome.returncode:
            raise RuntimeError(f"the schemas could not be downloaded: {outcome.stderr.strip()}")
        (Path(folder) / path.name).replace(path)
