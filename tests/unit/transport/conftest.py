"""Lets the tests of this folder share the modules beside them."""

import sys
from pathlib import Path

_HERE = str(Path(__file__).resolve().parent)

if _HERE not in sys.path:
    sys.path.append(_HERE)
