"""Reference results of lme4 (tests/reference, made by make/make_public.R) and their data."""

import json
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import nestling as nl
from nestling.errors import NestlingWarning

ROOT = Path(__file__).parent / "reference"
INDEX = json.loads((ROOT / "index.json").read_text())


@cache
def case(name: str) -> dict[str, Any]:
    """Return a case by name."""
    return json.loads((ROOT / "cases" / f"{name}.json").read_text())


def names(kind: str, having: str | None = None) -> list[str]:
    """Names of the cases of a kind, or of those that have a certain entry."""
    found = sorted(path.stem for path in (ROOT / "cases").glob("*.json"))
    return [
        name
        for name in found
        if case(name)["kind"] == kind and (having is None or case(name).get(having))
    ]


def frame(name: str) -> pd.DataFrame:
    """Return the data of a case, with R's levels and types."""
    described = case(name)
    data = pd.read_csv(ROOT / "data" / described["data"], na_values=["NA"], keep_default_na=False)
    for column, facts in described["columns"].items():
        if facts["type"] == "logical":
            data[column] = data[column].astype(str).str.upper() == "TRUE"
        elif "levels" in facts:
            labels = data[column].map(_label)
            ordered = bool(facts.get("ordered", False)) or facts["type"] == "ordered"
            data[column] = pd.Categorical(labels, categories=facts["levels"], ordered=ordered)
    data.attrs["name"] = Path(described["data"]).stem
    return data


def _label(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, float | int | np.number):
        return f"{value:g}"
    return str(value)


@cache
def fitted(name: str) -> nl.LmerFit:
    """Fit a case through the public interface."""
    options = case(name)["options"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        return nl.lmer(
            case(name)["formula"],
            frame(name),
            reml=options["REML"],
            weights=options["weights"],
            offset=options["offset"],
            contrasts=options["contrasts"],
        )


def matrix(entry: dict[str, Any]) -> np.ndarray:
    """Return a matrix as the cases store it."""
    return np.array(entry["data"], dtype=float)


def head(entry: Any) -> np.ndarray:
    """Return the values of a vector, or the first of a summarised one."""
    return np.array(entry["first"] if isinstance(entry, dict) else entry, dtype=float)
