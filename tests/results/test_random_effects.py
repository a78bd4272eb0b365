"""Conditional modes and their variances against lme4."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, names


@pytest.mark.parametrize("name", names("lmer"))
def test_conditional_modes_and_variances(name):
    fit = fitted(name)
    frames = fit.ranef(cond_var=True)
    for entry in case(name)["results"]["ranef"]:
        frame = frames[entry["group"]]
        labels = [str(label) for label in frame.index]
        assert list(frame.columns) == entry["columns"]
        if entry["complete"]:
            assert labels == entry["levels"]
        rows = [labels.index(level) for level in entry["levels"]]
        theirs = np.array(entry["values"], dtype=float)
        # to 1e-6 of the spread of the modes, or of 1e-3 sigma where a variance is zero
        scale = max(theirs.std(), 1e-3 * fit.sigma)
        assert np.abs(frame.to_numpy()[rows] - theirs).max() < 1e-6 * scale
        if entry["condVar"] is not None:
            expected = np.array(entry["condVar"], dtype=float)
            ours = frame.attrs["cond_var"][rows][: len(expected)]
            floor = 1e-6 * fit.sigma**2
            assert np.abs(ours - expected.reshape(ours.shape)).max() < 1e-6 * max(
                np.abs(expected).max(), floor
            )


def test_coef_adds_fixed_effects_and_modes():
    fit = fitted("seed_m2")
    expected = case("seed_m2")["extras"]["coef"]["Cluster"]
    # R's come from lme4's default fit, which stops within 1e-3 SE of the optimum
    ours = fit.coef()["Cluster"].to_numpy()[: len(expected["values"])]
    assert np.abs(ours - np.array(expected["values"])).max() < 1e-3
