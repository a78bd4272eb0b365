import pytest

from nestling.cli import study
from nestling.design.design import crossed, nested
from nestling.errors import ArgumentError, DesignError
from nestling.model.spreads import corr, cov, icc, sd


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("g=5", 5),
        ("g=sd(2)", sd(2)),
        ("g=icc(0.1)", icc(0.1)),
        ("g=cov([[5, 1], [1, 3]])", cov([[5, 1], [1, 3]])),
        ("g=corr([2, 1], 0.3)", corr([2, 1], 0.3)),
        ("g=corr(sd=[2, 1], r=0.3)", corr([2, 1], 0.3)),
        ("g=[5, 3]", [5, 3]),
        ("g={'(Intercept)': 5, 'X': sd(1)}", {"(Intercept)": 5, "X": sd(1)}),
    ],
)
def test_spreads(text, value):
    assert study.spreads([text]) == {"g": value}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("X=normal(0, 1)", "nl.normal(0, 1)"),
        ("X=normal(0,3)@Cluster", "nl.normal(0, 3, level='Cluster')"),
        ("X=normal(0, 3, level='Cluster')", "nl.normal(0, 3, level='Cluster')"),
        ("X=uniform(0, 10) @ pupil:school", "nl.uniform(0, 10, level='pupil:school')"),
        ("X=bernoulli(0.5)@g", "nl.bernoulli(0.5, level='g')"),
        ("X=constant(1)", "nl.constant(1)"),
        ("X=values([0, 1, 2, 3])@time", "nl.values([0, 1, 2, 3], level='time')"),
        ("X=categorical({'a@b': 0.5, 'c': 0.5})", "nl.categorical({'a@b': 0.5, 'c': 0.5})"),
    ],
)
def test_predictors(text, shown):
    assert str(study.predictors([text])["X"]) == shown


@pytest.mark.parametrize(
    ("text", "design"),
    [
        ("Cluster=20, ID=50", nested(Cluster=20, ID=50)),
        ("school=3,pupil=[20, 25, 18]", nested(school=3, pupil=[20, 25, 18])),
        ("crossed(subject=30, item=20)", crossed(subject=30, item=20)),
        ("nested(crossed(s=3, i=2), trial=4)", nested(crossed(s=3, i=2), trial=4)),
    ],
)
def test_designs(text, design):
    assert study.design(text) == design


@pytest.mark.parametrize(
    ("text", "seed"),
    [("7", 7), ("Cluster=707, X=555, residual=777", {"Cluster": 707, "X": 555, "residual": 777})],
)
def test_seeds(text, seed):
    assert study.seed(text) == seed


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (study.fixed_effects, ["X=1", "X=2"], "--fixed names 'X' twice"),
        (study.fixed_effects, ["X"], "--fixed 'X' is not of the form name=value"),
        (study.spreads, ["g=5", "g=6"], "--random names 'g' twice"),
        (study.predictors, ["X=5"], "expected one of normal"),
        (study.predictors, ["X=nomal(0, 1)"], "Did you mean 'normal'"),
        (study.predictors, ["X=normal(0)"], "missing 1 required positional argument: 'sd'"),
        (study.design, "20, ID", "cannot be read: it may hold numbers"),
        (study.seed, "1.5", "whole number"),
        (study.seed, "a", "--seed"),
    ],
)
def test_what_cannot_be_read_names_the_option(read, text, message):
    with pytest.raises(ArgumentError, match=message):
        read(text)


def test_a_design_speaks_for_itself():
    with pytest.raises(DesignError, match="Cluster"):
        study.design("Cluster=0, ID=50")
