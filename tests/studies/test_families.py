"""Studies of truths that are not normal, analysed by a linear mixed model."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentError
from nestling.studies.by_rows import ByRows
from nestling.studies.engines import engine_of
from nestling.studies.plan import make_plan

DESIGN = nl.nested(g=15, id=8)


def truth(family="binomial", **fixed):
    return nl.Population(
        "y ~ X + (1 | g)",
        {"(Intercept)": 0.2, "X": 0.8} | fixed,
        {"g": 0.3},
        predictors={"X": nl.normal(0, 1)},
        family=family,
    )


@pytest.mark.parametrize("predictors", ["redrawn", "fixed"])
def test_rows_are_simulated_and_fitted(predictors):
    plan = make_plan(
        truth(), DESIGN, formula=None, reml=True, test="z", predictors=predictors, seed=1
    )
    assert isinstance(engine_of(plan)[0], ByRows)
    study = nl.recovery(truth(), DESIGN, n_sims=6, test="z", predictors=predictors, seed=1)
    assert study.table["truth"].isna().all()
    assert study.table["bias"].isna().all()
    assert study.table["mean"].notna().all()
    assert "scale of the logit link and those fitted on the scale of y" in str(study)
    assert "fitted as if it were normal" in study._repr_html_()
    data = plan.truth.simulate(plan.design, plan.stream(2))
    assert set(data["y"]) == {0, 1}
    fit = nl.lmer("y ~ X + (1 | g)", data)
    assert fit.fixef["X"] == study.replicates.fixed[2, 1]


def test_fixed_predictors_are_the_same_in_all_replicates_by_rows():
    for predictors in ("fixed", "redrawn"):
        plan = make_plan(
            truth(), DESIGN, formula=None, reml=True, test="z", predictors=predictors, seed=1
        )
        first, second = (plan.truth.simulate(DESIGN, plan.stream(index)) for index in (0, 3))
        assert (first["X"] == second["X"]).all() == (predictors == "fixed")
        assert (first["y"] != second["y"]).any()


def test_power_is_known_and_type_one_rates_are_not():
    study = nl.power(truth(), DESIGN, n_sims=6, test="z", seed=1)
    table = study.table.set_index("effect")
    assert table.loc["X", "power"] > 0.5
    assert table[["truth", "type1", "type_s", "type_m"]].isna().all(axis=None)
    assert "type-I rate is not known" in study.sentence("X")


def test_a_curve_along_an_effect_simulates_each_point():
    """A linear model's estimates do not move with an effect on the logit scale."""
    curve = nl.power_curve(
        truth(), DESIGN, along={"fixed": {"X": [0.0, 0.8]}}, n_sims=6, test="z", seed=1
    )
    alone = nl.power(truth(), DESIGN, n_sims=6, test="z", seed=1).table.set_index("effect")
    table = curve.table
    point = table[(table["effect"] == "X") & (table["value"] == 0.8)]
    assert point["power"].item() == alone.loc["X", "power"]


def test_an_identity_link_has_true_values_but_for_sigma():
    counts = truth(nl.family("poisson", link="identity"), **{"(Intercept)": 20})
    study = nl.recovery(counts, DESIGN, n_sims=4, test="z", seed=1)
    assert study.table["truth"].dropna().to_dict() == {
        "(Intercept)": 20.0,
        "X": 0.8,
        "sd_(Intercept)|g": 0.3**0.5,
        "var_(Intercept)|g": pytest.approx(0.3),
    }
    assert "nl.family('poisson', link='identity')" in str(study)
    fit = nl.lmer("y ~ X + (1 | g)", counts.simulate(DESIGN, seed=1))
    table = nl.compare(counts, fit, method="wald")
    assert table.loc["X", "truth"] == 0.8
    assert np.isnan(table["truth"].get("sigma", np.nan))


def test_compare_refuses_other_scales():
    fit = nl.lmer("y ~ X + (1 | g)", truth().simulate(DESIGN, seed=1))
    with pytest.raises(ArgumentError, match=r"on the scale of the logit link .* do not compare"):
        nl.compare(truth(), fit)


def test_a_store_knows_the_family(tmp_path):
    nl.power(truth(), DESIGN, n_sims=4, test="z", seed=1, store=tmp_path / "study")
    again = nl.power(truth(), DESIGN, n_sims=6, test="z", seed=1, store=tmp_path / "study")
    assert len(again.replicates) == 6
    with pytest.raises(ArgumentError, match=r"family: stored .*'binomial'.*now .*'probit'"):
        nl.power(
            truth(nl.family("binomial", link="probit")), DESIGN, n_sims=4, test="z", seed=1,
            store=tmp_path / "study",
        )  # fmt: skip


def test_an_offset_on_a_link_is_none_on_the_scale_of_y():
    given = {
        "fixed": {"(Intercept)": 0.5, "X": 0.2},
        "random": {"g": 0.1},
        "predictors": {"X": nl.normal(0, 1), "time": nl.uniform(1, 5), "lt": "log(time)"},
        "family": "poisson",
    }
    named = nl.Population("y ~ X + (1 | g)", offset="lt", **given)
    plan = make_plan(named, DESIGN, formula=None, reml=True, test="z", predictors="redrawn", seed=1)
    data = named.simulate(DESIGN, plan.stream(0))
    study = nl.recovery(named, DESIGN, n_sims=2, test="z", seed=1)
    assert study.replicates.fixed[0, 1] == nl.lmer("y ~ X + (1 | g)", data).fixef["X"]
    written = nl.Population("y ~ X + offset(log(time)) + (1 | g)", **given)
    with pytest.raises(ArgumentError, match=r"an offset, .*log\(time\).* Say with formula="):
        nl.recovery(written, DESIGN, n_sims=2, test="z", seed=1)
    study = nl.recovery(
        written, DESIGN, n_sims=2, test="z", seed=1, formula="y ~ X + time + (1 | g)"
    )
    assert study.table["mean"].notna().all()


def test_other_questions_have_answers_but_no_type_one_rate():
    study = nl.power(
        truth(), DESIGN, n_sims=4, test=["z", "lrt"], hypotheses={"both": "X = 0"}, seed=1
    )
    assert study.table["power"].notna().all()
    assert study.table["type1"].isna().all()
