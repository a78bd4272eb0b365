"""Mistakes in study files: each is named with the line on which it stands."""

import pytest
from typer.testing import CliRunner

from nestling.cli.app import app
from study_files import LEVELS, STUDY


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a study file into the folder in which commands run."""
    monkeypatch.chdir(tmp_path)

    def written(text):
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")

    return written


def run(command, *options):
    return CliRunner().invoke(app, [command, "study.toml", *map(str, options)])


# (command, text in the file, what stands in its place, what is said)
MISTAKES = [
    # the population
    ("simulate", "[model]", "[modell]", "line 4: modell: there is no key 'modell'. Did you mean 'model'?"),
    ("simulate", "formula =", "formla =", "line 5: model.formla: [model] has no key 'formla'. Did you mean 'formula'?"),
    ("simulate", "+ X +", "+ lg(X) +", "line 5: 'lg' is not a function of formulas. Did you mean 'log'?"),
    ("simulate", "+ X +", "+ X + W +", "line 16: The formula uses 'W'"),
    ("simulate", "residual = 1", "residual = -1", "line 6: residual= is -1"),
    ("simulate", "residual = 1", "residual = 'sd(1'", "line 6: model.residual: 'sd(1' cannot be read"),
    ("simulate", "residual = 1", "residual = true", "line 6: residual= is True"),
    ("simulate", "residual = 1", "family = 'binomal'", "line 6: nl.family('binomal'): no such family. Did you mean 'binomial'?"),
    ("simulate", "residual = 1", "residual = 1\ndepartures = ['t_effects(\"scool\")']", "line 7: nl.t_effects() names the grouping factor 'scool'"),
    ("simulate", "residual = 1", "residual = 1\nweights = 'w'", "line 7: weights='w' is not described"),
    ("simulate", "X = 0.3", "W = 0.3", "line 11: fixed= names 'W'"),
    ("simulate", "X = 0.3", "", "line 8: 'X' have no value in fixed="),
    ("simulate", "X = 0.3", "X = '0.3x'", "line 11: fixed.X: '0.3x' cannot be read"),
    ("simulate", "d(0.5)", "dd(0.5)", "line 10: fixed.Z: 'dd(0.5)' cannot be read: 'dd' is not a function here. Did you mean 'd'?"),
    ("simulate", "d(0.5)", "open('x')", "line 10: fixed.Z: \"open('x')\" cannot be read: 'open' is not a function here"),
    ("simulate", "icc(0.15)", "icc(1.5)", "line 14: random.school: nl.icc(1.5): an intraclass correlation is at least 0"),
    ("simulate", '"icc(0.15)"', "-5", "line 14: The variance of (Intercept) of school is -5"),
    ("simulate", "school = \"icc", "scool = \"icc", "line 14: random= names 'scool', which is not a grouping factor of the formula. Did you mean 'school'?"),
    ("simulate", "normal(0, 1)", "norml(0, 1)", "line 18: predictors.X: 'norml(0, 1)' cannot be read: 'norml' is not a function here. Did you mean 'normal'?"),
    ("simulate", "normal(0, 1)", "normal(0, -1)", "line 18: predictors.X: nl.normal(): the SD is -1"),
    ("simulate", "normal(0, 1)", "Q * 2", "line 18: predictors= computes 'X' as 'Q * 2', but 'Q' is no predictor"),
    ("simulate", "level='school'", "level='scool'", "line 17: The predictor 'Z' has level='scool'"),
    ("simulate", "[design]", "[[correlated]]\npredictors = ['X', 'W']\ncorr = 0.1\n[design]", "line 21: correlated.0.predictors: 'W' is not described in [predictors]."),
    ("simulate", "[design]", "[[correlated]]\npredictors = ['X', 'Z']\ncorr = 2\n[design]", "line 20: correlated.0: nl.correlated(): corr=2"),
    ("simulate", "[design]", "[[correlated]]\npredictors = ['X', 'Z']\n\ncor = 2\n[design]", "line 23: correlated.0.cor: [correlated.0] has no key 'cor'. Did you mean 'corr'?"),
    ("simulate", "[design]", "[contrasts]\nA = 'sum'\n[design]", "line 21: contrasts names 'A'"),
    # the design
    ("simulate", "pupil = 5", "pupil = 0", "line 22: The size of 'pupil' is 0"),
    ("simulate", "pupil = 5", "pupil = [1, 2]", "line 22: 2 sizes were given for 'pupil'"),
    ("simulate", "[design]", "[desing]", "line 20: desing: there is no key 'desing'. Did you mean 'design'?"),
    ("simulate", "[design]\nschool = 12\npupil = 5", "", "study.toml: there is no [design]"),
    ("simulate", "school = 12", "scool = 12", "line 17: The predictor 'Z' has level='school', but the design has no unit 'school'"),
    ("simulate", "pupil = 5", "pupil = 'nested(g=3)'", "line 22: design.pupil: a design was given"),
    ("simulate", "school = 12", "school = 1" + "0" * 22, "line 21: With 'school' the design has 1e+22 units"),
    ("simulate", "X = 0.3", "X = 1" + "0" * 400, "line 11: The fixed effect 'X' is 1000"),
    ("simulate", "X = 0.3", "X = { school = 1 }", "line 11: The fixed effect 'X' is {'school': 1}"),
    ("simulate", '"icc(0.15)"', "[[1, 2], [2, 1]]", "line 13: nl.cov(): the matrix"),
    # sections
    ("simulate", "components = true", "component = true", "line 25: simulate.component: [simulate] has no key 'component'. Did you mean 'components'?"),
    ("simulate", "components = true", "seed = 'x'", "line 25: seed='x' is of type str"),
    ("simulate", "components = true", "rng = 'r'", "line 25: rng='r'"),
    ("simulate", "components = true", "output = 3", "line 25: simulate.output: 3 was given; expected text"),
    ("simulate", "[simulate]\ncomponents = true", "[[simulate]]", "line 24: simulate: [{}] was given; expected a table"),
    ("simulate", "seed = 707", "seed = -7", "line 2: seed=-7 is negative"),
    ("power", "n_sims = 20", "n_sim = 20", "line 28: power.n_sim: [power] has no key 'n_sim'. Did you mean 'n_sims'?"),
    ("power", "n_sims = 20", "n_sims = 0", "line 28: n_sims=0; expected at least 2"),
    ("power", "n_sims = 20", "n_sims = '20'", "line 28: n_sims='20'; expected a whole number"),
    ("power", "n_sims = 20", "alpha = 5", "line 28: alpha=5; expected a number between 0 and 1"),
    ("power", "n_sims = 20", "test = 'satterthwait'", "line 28: test='satterthwait'. Did you mean 'satterthwaite'?"),
    ("power", "n_sims = 20", "formula = 'y ~ W + (1 | school)'", "line 28: The data have no column 'W'"),
    ("power", 'predictors = "fixed"', "predictors = ['fixed']", "line 29: predictors=['fixed']"),
    ("power", "n_sims = 20", "truth = 3", "line 28: power.truth: [power] has no key 'truth'"),
    ("power", 'predictors = "fixed"', 'predictors = "fix"', "line 29: predictors='fix'. Did you mean 'fixed'?"),
    ("power", "n_sims = 20", "variances = ['Q']", "line 28: variances='Q' is none of"),
    ("power", "n_sims = 20", "n_sims = 20\n[power.hypotheses]\nno = 'X - Q'", "line 30: hypotheses['no']"),
    ("curve", "along = { school", "along = { scool", "line 32: along names 'scool'"),
    ("curve", "along = { school = [6, 12] }", "of = 'precision'", "line 31: curve: nothing says what the curve runs along"),
    ("curve", "n_sims = 20\npredictors = \"fixed\"\n\n[search]", "of = 'precison'\n\n[search]", "line 33: curve.of: 'precison'. Did you mean 'precision'?"),
    ("curve", "n_sims = 20\npredictors = \"fixed\"\n\n[search]", "effect = 'W'\nn_sims = 2\n[search]", "line 33: effect='W' is neither a fixed effect"),
    ("search", "sizes = { school", "sizes = { scool", "line 37: sizes names 'scool'"),
    ("search", "sizes = { school = [6, 20] }", "", "line 36: search: nothing says which sizes are tried"),
    ("search", 'effect = "X"', "cost = { scool = 3 }", "line 38: cost names 'scool'"),
    ("search", 'effect = "X"', "effect = 3", "line 38: effect=3; expected the name of an effect or hypothesis"),
    ("search", 'effect = "X"', "effect = []", "line 38: effect=[]; expected the name of an effect or hypothesis"),
    # not TOML
    ("power", "[fixed]", "[fixed", "line 8: Expected ']' at the end of a table declaration.\n  [fixed\n        ^"),
    ("power", "X = 0.3", "X = ", "line 11: Invalid value.\n  X = \n"),
    ("power", "X = 0.3", "Z = 1", "line 11: Cannot overwrite a value.\n  Z = 1\n"),
    ("power", '"Schools"', '"Schools', "line 1: "),
]  # fmt: skip


@pytest.mark.parametrize(("command", "old", "new", "said"), MISTAKES)
def test_mistakes_are_named_with_their_line(write, command, old, new, said):
    assert STUDY.count(old) >= 1
    write(STUDY.replace(old, new, 1))
    result = run(command)
    assert result.exit_code == 1, result.output
    start = "Error: study.toml" if said.startswith("line") else "Error: "
    assert result.stderr.startswith(start)
    assert said in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("g10 + u1", "g10 + + u1", "study.toml, line 6: Unexpected '+'."),
        ("b1 = g10", "b7 = g10", "study.toml, line 6: No equation below Level 2"),
        ("g00 = 2", "g01 = 2", "study.toml, line 9: 'g01' is neither a coefficient's symbol"),
        ("u1 = 3", "u2 = 3", "study.toml, line 13: "),
        ("u1 = 3", "", "study.toml, line 11: random="),
        ("Cluster = 4", "Clus = 4", "study.toml, line 3: The grouping factor 'Cluster' needs"),
    ],
)
def test_mistakes_in_equations_are_named_with_their_line(write, old, new, said):
    write(LEVELS.replace(old, new, 1))
    result = run("simulate")
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--fixed", "X=True"], "Error: The fixed effect 'X' is True"),
        (["--residual", "-1"], "Error: residual= is -1"),
        (["--seed", "-1"], "Error: seed=-1 is negative"),
        (["--fixed", "W=1"], "Error: fixed= names 'W'"),
        (["--fixed", "X=dd(1)"], "Error: --fixed 'dd(1)' cannot be read"),
        (["-o", "data.xlsx"], "expected .csv"),
    ],
)
def test_mistakes_in_options_are_not_put_on_the_file(write, options, said):
    write(STUDY)
    result = run("simulate", *options)
    assert result.exit_code == 1
    assert said in result.stderr


def test_mistakes_of_studies_in_options_are_not_put_on_the_file(write):
    write(STUDY)
    assert run("power", "--n-sims", 0).stderr.startswith("Error: n_sims=0; expected")
    assert run("power", "--seed", -3).stderr.startswith("Error: seed=-3 is negative")
