"""What R makes of random input (golden/, made by golden/make.R)."""

import json
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"


def read(name: str) -> list[dict[str, Any]]:
    """Return the cases of a file."""
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text().splitlines()]


def doubles(texts: list[str]) -> list[float]:
    """Return numbers written as hexadecimal doubles; NA and NaN are NaN."""
    return [float("nan") if text == "NA" else float.fromhex(text) for text in texts]
