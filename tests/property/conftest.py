"""Lets the schema tests use the generator's own way to the schemas, and the payloads beside them."""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent

for folder in (_HERE, _HERE.parent.parent / "tools"):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
