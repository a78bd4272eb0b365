"""Every study has a summary as text and as HTML."""

import pytest

import nestling as nl

TRUTH = nl.Population(
    "y ~ X + (1 | g)", {"(Intercept)": 0, "X": 0.4}, {"g": 1}, 1, {"X": nl.normal(0, 1)}
)
DESIGN = nl.nested(g=8, id=5)
STUDIES = {
    "power": lambda: nl.power(TRUTH, DESIGN, 12, seed=1),
    "models": lambda: nl.power(
        TRUTH, DESIGN, 6, seed=1, formula={"a": "y ~ X + (1 | g)", "b": "y ~ 1 + (1 | g)"}
    ),
    "recovery": lambda: nl.recovery(TRUTH, DESIGN, 12, seed=1),
    "power curve": lambda: nl.power_curve(TRUTH, DESIGN, along={"g": [8, 16]}, n_sims=8, seed=1),
    "precision": lambda: nl.precision_curve(TRUTH, DESIGN, along={"g": [8, 16]}, n_sims=8, seed=1),
}


@pytest.mark.parametrize("make", STUDIES.values(), ids=STUDIES)
def test_summaries_are_what_studies_print(make):
    study = make()
    summary = study.summary()
    assert str(summary) == summary.text == str(study)
    assert summary._repr_html_() == summary.html == study._repr_html_()
    assert "<table" in summary.html
