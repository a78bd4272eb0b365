"""Traces and products against the dense structure, which has all of Z'V^-1 Z at hand."""

import numpy as np
import pytest
from tests.builders import MODELS, STRUCTURES, arrangements, pose_model, theta_at

import nestling.fit.second_order as module
from nestling.fit.criterion import evaluate
from nestling.fit.second_order import blocks_at, squares, trace_products

ARRANGED = [pair for pair in arrangements() if pair[1] != "dense"]


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("point", ["interior", "zero variance", "zero", "rank one", "large"])
@pytest.mark.parametrize(("name", "structure"), ARRANGED)
def test_traces_are_those_of_the_dense_structure(name, structure, point, reml, monkeypatch):
    found = []
    for kind in ("each level" if structure == "collapsed" else "dense", structure):
        posed = pose_model(MODELS[name], structure=STRUCTURES[kind])
        blocks = blocks_at(posed.problem, evaluate(posed.problem, theta_at(posed, point)))
        directions = posed.problem.parameters.units()
        values = [
            trace_products(posed.problem.structure, posed.statistics, blocks, directions, reml=reml)
        ]
        if kind == "nested":  # the other way too
            monkeypatch.setattr(module, "DEARER", 1e12)
            values.append(
                trace_products(
                    posed.problem.structure, posed.statistics, blocks, directions, reml=reml
                )
            )
        if reml:
            # R is unique only up to its signs
            values.append(np.abs(squares(blocks, directions)))
        found.append((kind, values))
    (_, expected), (kind, others) = found
    traces = expected[0]
    scale = np.sqrt(np.outer(np.diag(traces), np.diag(traces)))
    for other in others[: 2 if kind == "nested" else 1]:
        np.testing.assert_allclose(other / scale, traces / scale, atol=1e-9)
    if reml:
        np.testing.assert_allclose(
            others[-1], expected[-1], atol=1e-9 * expected[-1].max(initial=1)
        )
