"""The cheapest structure that holds a model."""

import numpy as np
import pytest

from builders import MODELS, matrices, ones, pose_model, term
from nestling.errors import ModelError
from nestling.fit import choose
from nestling.fit.choose import best_chain, is_nested, structure_of


def _many(kind):
    """More random effects than the dense structure takes."""
    rng = np.random.default_rng(71)
    n = 900
    s = np.append(np.arange(300), rng.integers(0, 300, n - 300))
    other = {"nested": s // 7, "crossed": rng.permutation(np.arange(n) % 40)}[kind]
    return matrices(
        rng.normal(size=n), (ones(n),), term("s", s, ones(n)), term("o", other, ones(n))
    )


@pytest.mark.parametrize(
    ("given", "structure"),
    [
        (MODELS["slope"], "OneFactor"),
        (MODELS["uncorrelated"], "OneFactor"),
        (MODELS["repeated designs"], "OneFactor"),
        (MODELS["nested"], "Dense"),
        (MODELS["crossed"], "Dense"),
        (_many("nested"), "Nested"),
        (_many("crossed"), "Crossed"),
    ],
)
def test_choice(given, structure):
    assert type(pose_model(given).problem.structure).__name__ == structure


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith(("nest", "cross"))])
def test_nesting_is_recognised(name):
    statistics = pose_model(MODELS[name]).statistics
    assert is_nested(statistics) == name.startswith("nested")


def test_repeated_designs_collapse():
    structure = structure_of(pose_model(MODELS["repeated designs"]).statistics)
    assert structure.counts is not None
    assert structure.counts.sum() == 70
    assert structure.A.shape[2] <= 6


@pytest.mark.parametrize(
    ("name", "chain"),
    [
        ("crossed", (0,)),
        ("three crossed", (0,)),
        ("crossed and nested", (0,)),
        ("crossed with nested", (0, 2)),
        ("crossed between nested", (0, 2)),
    ],
)
def test_chain_that_leaves_least(name, chain):
    assert best_chain(pose_model(MODELS[name]).statistics) == chain


def test_too_large_for_memory(monkeypatch):
    monkeypatch.setattr(choose, "memory_available", lambda: 1000)
    with pytest.raises(ModelError, match="dense matrix of 40 random effects"):
        pose_model(_many("crossed"))
