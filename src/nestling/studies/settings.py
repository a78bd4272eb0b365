"""What a stored study depends on, as JSON that a reader understands and two runs can compare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from nestling._version import __version__
from nestling.studies.plan import Plan
from nestling.studies.replicates import Names

LONG = 60
"""Lists of more values than this are kept as their number and a digest."""

READ = 80
"""Characters of a setting that are shown in a message."""


def settings_of(plan: Plan, names: Names) -> dict[str, Any]:
    """Return everything that decides what a replicate is; its number is all that is missing.

    Two plans with equal settings have equal replicates. How many there are, how they are spread
    over processes, and the level of tests and intervals are not part of it.
    """
    truth = plan.truth
    parameters = truth.parameters
    made = {
        "nestling": __version__,
        "truth": truth.formula.text,
        "fixed": dict(zip(parameters.names, parameters.beta, strict=True)),
        "random": {
            f"{' + '.join(term.names)} | {term.group}": term.covariance for term in parameters.terms
        },
        "family": str(truth.family),
        "residual": parameters.residual if truth.family.has_residual else None,
        "predictors": dict(truth.predictors),
        "weights": truth.weights,
        "offset": truth.offset,
        "contrasts": dict(truth.contrasts),
        "departures": [str(each) for each in truth.departures],
        "design": plan.design.tree,
        "fitted": plan.formula.text,
        "reml": plan.reml,
        "test": plan.tests,
        "predictors drawn": plan.predictors,
        "seed": seed_settings(plan.seed),
        "effects": names.fixed,
        "spreads": names.spreads,
    }
    asked = plan.questions
    if asked:
        made["test"] = [*plan.tests, *(["lrt"] if asked.lrt else [])]
        read = () if names.asked is None else names.asked.hypotheses
        made["hypotheses"] = {
            each.name: {"weights": each.L.tolist(), "values": each.null.tolist()} for each in read
        }
        made["variances"] = asked.variances
    settings: dict[str, Any] = json.loads(json.dumps(_plain(made)))
    return settings


def seed_settings(seed: np.random.SeedSequence) -> dict[str, Any]:
    """Return what makes a seed, as JSON knows it."""
    made = {
        "entropy": seed.entropy, "spawn_key": seed.spawn_key, "pool_size": seed.pool_size
    }  # fmt: skip
    plain: dict[str, Any] = json.loads(json.dumps(_plain(made)))
    return plain


def difference(stored: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return one line per setting that is not the same.

    Examples
    --------
    >>> difference({"seed": 1, "reml": True}, {"seed": 2, "reml": True})
    ['seed: stored 1, now 2']
    """
    names = [*now, *(name for name in stored if name not in now)]
    lines = []
    for name in names:
        old, new = stored.get(name), now.get(name)
        if old == new:
            continue
        old, new = _named(old, new)
        if isinstance(old, dict) and isinstance(new, dict):
            lines += [f"{name} {line}" for line in difference(old, new)]
        else:
            lines.append(f"{name}: stored {_short(old)}, now {_short(new)}")
    return lines


def _named(old: Any, new: Any) -> tuple[Any, Any]:
    """Return two lists of equal length as mappings, so that only what differs is told."""
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new)):
        return old, new
    labels = [
        str(each["name"]) if isinstance(each, dict) and "name" in each else f"{place + 1}"
        for place, each in enumerate(new)
    ]
    if len(set(labels)) < len(labels):
        labels = [f"{place + 1}" for place in range(len(new))]
    return dict(zip(labels, old, strict=True)), dict(zip(labels, new, strict=True))


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= READ else text[: READ - 3] + "..."


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it, whole: nothing that differs becomes the same."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return _listed([_plain(each) for each in value])
    if is_dataclass(value) and not isinstance(value, type):
        parts = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        return {"kind": type(value).__name__} | parts
    return repr(value)


def _listed(values: list[Any]) -> Any:
    if len(values) <= LONG:
        return values
    digest = sha256(json.dumps(values).encode()).hexdigest()
    return f"{len(values)} values, SHA-256 {digest[:32]}"
