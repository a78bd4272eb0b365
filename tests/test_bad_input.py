"""What bad input gets: an exception of nestling's own that says what was given and what to do.

Every row is one mistake a user can make: the call, the class, and what the message must say.
Warnings are errors here, so that no warning of numpy or pandas comes before the message.
"""

import numpy as np
import pandas as pd
import pytest

import nestling as nl
from nestling import errors
from nestling.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    FormulaError,
    ModelError,
    RankDeficiencyWarning,
)

RNG = np.random.default_rng(1)
G = np.repeat(np.arange(10), 6)
X = RNG.normal(size=60)
Y = 1.0 + X + RNG.normal(size=10)[G] + RNG.normal(size=60)
H = np.array(["a", "b"] * 30)
PLAIN = "y ~ x + (1 | g)"
WITH_H = "y ~ h + (1 | g)"
ROW = {"x": [1.0], "g": [1]}


def data(**changes):
    return {"y": Y, "x": X, "g": G, "h": H, **changes}


def at(value, row=3):
    """The predictor with one value changed."""
    changed = X.copy()
    changed[row] = value
    return changed


def lmer(formula=PLAIN, *, weights=None, offset=None, contrasts=None, reml=True,
         na_action="omit", **changes):  # fmt: skip
    return nl.lmer(
        formula, data(**changes), reml=reml, weights=weights, offset=offset, contrasts=contrasts,
        na_action=na_action,
    )  # fmt: skip


TRUTH = nl.Population(
    "y ~ 1 + x + (1 | g)",
    fixed={"(Intercept)": 1, "x": 2},
    random={"g": 1},
    residual=1,
    predictors={"x": nl.normal(0, 1)},
)


@pytest.fixture(scope="module")
def fit():
    return lmer()


def check(call, error, *said):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    for each in said:
        assert each in message


ROWS = [
    (lambda: lmer(x=at(np.inf)), DataError, "Column 'x' is infinite (inf) in row 3"),
    (lambda: lmer(y=at(-np.inf)), DataError, "Column 'y' is infinite (-inf) in row 3"),
    (lambda: lmer(g=at(np.inf)), DataError, "Column 'g' is infinite", "mark it as missing"),
    (lambda: lmer(x=at(np.nan), na_action="fail"), DataError, "1 of 60 rows", "'x' in 1 rows", "na_action='omit'"),
    (lambda: lmer(x=X * np.nan), DataError, "No rows are left", "'x' in 60 rows"),
    (lambda: lmer(na_action="drop"), ArgumentError, "na_action='drop'", "'omit'", "'fail'"),
    (lambda: lmer(na_action=["omit"]), ArgumentError, "na_action=['omit']", "'fail'"),
    (lambda: lmer(reml="ML"), ArgumentTypeError, "reml='ML'", "False for maximum likelihood"),
    (lambda: lmer(y=Y * 0.0 + 3.0), DataError, "'y' is 3 in all 60 rows"),
    (lambda: lmer(y=H), DataError, "'y' holds categories ('a', 'b'", "Convert it"),
    (lambda: lmer(x=X[:5]), DataError, "different lengths", "'x': 5"),
    (lambda: lmer(x=np.c_[X, X]), DataError, "'x' has shape (60, 2)"),
    (lambda: lmer(x=3), DataError, "'x' is 3", "one value per row"),
    (lambda: lmer(x=set(range(60))), DataError, "'x' is {0, 1", "one value per row"),
    (lambda: lmer(x=X * 1j), DataError, "'x'", "complex128", "Convert it"),
    (lambda: lmer(x=[[1]] * 60), DataError, "'x' mixes values of type list"),
    (lambda: lmer(g=[b"a", b"b"] * 30), DataError, "'g'", "bytes", "Make them all"),
    (lambda: lmer(x=pd.Series(pd.date_range("2020", periods=60))), DataError, "'x' holds dates", "number of days"),
    (lambda: lmer(y=Y * 1e300), DataError, "'y' reach", "1e140", "Change the unit"),
    (lambda: lmer(x=X * 1e300), DataError, "'x' reach", "1e140", "Change the unit"),
    (lambda: lmer(x=X * 1e-300), DataError, "'x' reach", "1e-140", "Change the unit"),
    (lambda: nl.lmer(PLAIN, pd.DataFrame({"y": [], "x": [], "g": []})), DataError, "no rows", "Check how"),
    (lambda: nl.lmer(PLAIN, {}), DataError, "no rows"),
    (lambda: nl.lmer(PLAIN, pd.DataFrame(np.c_[Y, X, G, G], columns=list("yxgg"))), DataError, "more than one column 'g'", "Rename"),
    (lambda: nl.lmer(PLAIN, None), ArgumentTypeError, "data is of type NoneType", "pandas, polars"),
    (lambda: nl.lmer(PLAIN, "data.csv"), ArgumentTypeError, "data is of type str", "dict of arrays"),
    (lambda: nl.lmer(PLAIN, np.ones((60, 3))), ArgumentTypeError, "data is of type ndarray"),
]  # fmt: skip

MODELS = [
    (lambda: lmer(g=G * 0), ModelError, "'g' has 1 level", "at least 2", "(1 | g)"),
    (lambda: lmer(g=np.arange(60)), ModelError, "'g' has 60 levels for 60 rows", "residual"),
    (lambda: lmer("y ~ x + (poly(x, 5) | g)"), ModelError, "(poly(x, 5) | g) has 60 random effects for 60 rows", "fewer effects"),
    (lambda: lmer("y ~ factor(n) + (1 | g)", n=np.arange(60)), ModelError, "60 fixed effects for 60 rows", "more data"),
    (lambda: lmer("y ~ x + z + (1 | g)", z=2.0 * X), RankDeficiencyWarning, "dropping 1 column", "z", "leave them out"),
    (lambda: lmer(y=X * 1.0), ModelError, "explains the response exactly", "Leave out the predictor"),
    (lambda: lmer(h=np.array(["a"] * 60), formula=WITH_H), DataError, "'h' has only the level 'a'", "Leave the factor out"),
    (lambda: lmer("y ~ x"), FormulaError, "'y ~ x' has no random effects", "(1 | group)"),
    (lambda: lmer("y ~ y + (1 | g)"), FormulaError, "'y' also stands on the right", "Leave it out"),
    (lambda: lmer("y ~ x + (1 | y)"), FormulaError, "'y' also stands on the right"),
    (lambda: lmer("log(y) ~ I(y^2) + (1 | g)"), FormulaError, "'y' also stands on the right"),
    (lambda: lmer("y ~ x + (y | g)"), FormulaError, "'y' also stands on the right"),
    (lambda: lmer("y ~ height + (1 | g)", heigth=X), DataError, "no column 'height'", "Did you mean 'heigth'?"),
    (lambda: lmer("y ~ x + (1 | gg)"), DataError, "no column 'gg'", "Did you mean 'g'?"),
    (lambda: lmer("Response ~ x + (1 | g)"), DataError, "no column 'Response'", "Known: 'y', 'x', 'g'"),
    (lambda: lmer("y ~ lgo(x) + (1 | g)"), FormulaError, "'lgo' is not a function", "Did you mean 'log'?", "as a column first"),
    (lambda: lmer("y ~ log(x) + (1 | g)"), DataError, "'log(x)' is not a finite number in row 3", "x = -1.30316", "Correct the values"),
    (lambda: lmer("y ~ I(1/g) + (1 | g)"), DataError, "'I(1/g)' is not a finite number in row 0", "g = 0"),
    (lambda: lmer("y ~ poly(x, 70) + (1 | g)"), FormulaError, "poly(x, 70)", "less than the number of distinct values, 60"),
    (lambda: lmer("y ~ x + 3 + (1 | g)"), FormulaError, "The number 3 cannot be a term", "I(3 * x)"),
    (lambda: lmer("y ~ x + (1 | g + h)"), FormulaError, "'g + h' cannot be a grouping factor", "a:b"),
    (lambda: lmer("y ~ x + 1 | g"), FormulaError, "parentheses"),
    (lambda: lmer("~ x + (1 | g)"), FormulaError, "no response"),
    (lambda: lmer("cbind(y, x) ~ 1 + (1 | g)"), FormulaError, "'cbind(y, x)' has two columns"),
    (lambda: lmer(""), FormulaError, "formula is empty", "y ~ x + (1 | group)"),
    (lambda: lmer(None), FormulaError, "'None' has no '~'"),
]  # fmt: skip

ARGUMENTS = [
    (lambda: lmer(weights=-np.ones(60)), ArgumentError, "weights has the value -1 in row 0", "must be positive"),
    (lambda: lmer(weights=np.arange(60.0)), ArgumentError, "weights has the value 0 in row 0", "Leave out rows"),
    (lambda: lmer(weights=np.ones(59)), ArgumentError, "weights has shape (59,)", "60 rows"),
    (lambda: lmer(weights=2.0), ArgumentError, "weights has shape ()", "one number per row"),
    (lambda: lmer(weights="ww"), DataError, "no column 'ww'"),
    (lambda: lmer(weights="h"), DataError, "weights='h' names a column of categories"),
    (lambda: lmer(weights=["a"] * 60), ArgumentTypeError, "weights is of type list", "a column's name"),
    (lambda: lmer(weights=np.ones(60) * 1j), ArgumentTypeError, "weights holds complex numbers"),
    (lambda: lmer(weights=np.full(60, np.inf)), ArgumentError, "weights is infinite in row 0", "NaN to leave the row out"),
    (lambda: lmer(offset=np.ones(59)), ArgumentError, "offset has shape (59,)", "60 rows"),
    (lambda: lmer(offset=at(np.inf)), ArgumentError, "offset is infinite in row 3"),
    (lambda: lmer(offset="xy"), DataError, "no column 'xy'", "Did you mean"),
    (lambda: lmer(offset=1), ArgumentError, "offset has shape ()"),
    (lambda: lmer("y ~ x + offset(h) + (1 | g)"), DataError, "offset(h)", "must be a column of numbers"),
    (lambda: lmer(WITH_H, contrasts={"h": "contr.smu"}), ArgumentError, "'contr.smu'", "Did you mean 'sum'?"),
    (lambda: lmer(WITH_H, contrasts={"hh": "sum"}), ArgumentError, "names 'hh'", "Did you mean 'h'?"),
    (lambda: lmer(contrasts={"x": "sum"}), ArgumentError, "names 'x'", "not a factor"),
    (lambda: lmer(WITH_H, contrasts="sum"), ArgumentTypeError, "contrasts='sum'", "{'A': 'contr.sum'}"),
    (lambda: lmer(WITH_H, contrasts={"h": np.ones((3, 2))}), ArgumentError, "shape (3, 2)", "2 levels (a, b)"),
    (lambda: lmer(WITH_H, contrasts={"h": [[1], [1]]}), ArgumentError, "singular"),
    (lambda: lmer(WITH_H, contrasts={"h": [[np.nan], [1]]}), ArgumentError, "contrasts={'h'", "not finite"),
    (lambda: lmer(WITH_H, contrasts={"h": [[1, 2], [3]]}), ArgumentError, "neither a name nor a matrix"),
]  # fmt: skip

# code in disguise, and formulas that would exhaust the machine
INJECTED = {
    "import": "__import__('os').system('touch broken')",
    "exec": "exec('1')",
    "eval": "eval(x)",
    "open": "open('f')",
    "getattr": "getattr(x, 'real')",
    "call a lambda": "(lambda: 1)()",
    "lambda inside": "I((lambda z: z)(x))",
    "import inside": "I(__import__('os'))",
    "import as argument": "log(x, base=__import__('os'))",
    "braces": "{x}",
    "format string": "f'{x}'",
    "index": "x[0]",
    "comprehension": "[z for z in x]",
    "statement": "x; y",
    "newline": "x\nimport os",
    "walrus": "x := 3",
    "decorator": "@x",
    "module": "np.log(x)",
    "method": "x.sum()",
    "nul": "\x00",
    "conditional": "x if x else x",
    "number tower": "I(9^9^9^9^9)",
    "power": "(x + g)^9999999",
    "deep parentheses": "(" * 5000 + "x" + ")" * 5000,
    "deep calls": "log(" * 3000 + "x" + ")" * 3000,
    "deep signs": "-" * 5000 + "x",
    "many interactions": "*".join(f"x{i}" for i in range(40)),
    "long": "x" * 100_000,
    "huge degree": "poly(x, 1e9)",
}
# names that would be attributes elsewhere are names of columns, as in R
DOTTED = ["x.__class__", "I(x.real)", "h.str", "`x.__class__`", "`__import__('os')`"]


@pytest.mark.parametrize(("call", "error", "said"), [(c, e, s) for c, e, *s in ROWS])
def test_data(call, error, said):
    check(call, error, *said)


@pytest.mark.parametrize(("call", "error", "said"), [(c, e, s) for c, e, *s in MODELS])
def test_models(call, error, said):
    check(call, error, *said)


@pytest.mark.parametrize(("call", "error", "said"), [(c, e, s) for c, e, *s in ARGUMENTS])
def test_arguments(call, error, said):
    check(call, error, *said)


@pytest.mark.parametrize("name", list(INJECTED))
@pytest.mark.parametrize("where", ["y ~ {} + (1 | g)", "{} ~ x + (1 | g)", "y ~ x + (1 | {})"])
def test_a_formula_is_not_code(name, where, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((FormulaError, DataError)):
        lmer(where.replace("{}", INJECTED[name]))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", DOTTED)
def test_dots_are_part_of_names(text):
    check(lambda: lmer(f"y ~ {text} + (1 | g)"), DataError, "no column", "Known")


def test_rows_with_missing_values_are_counted():
    fit = lmer(x=at(np.nan), weights=np.r_[np.nan, np.ones(59)])
    assert (fit.nobs, fit.matrices.n_omitted) == (58, 2)


def test_every_class_has_one_root():
    for each in vars(errors).values():
        if isinstance(each, type) and issubclass(each, Exception):
            assert issubclass(each, errors.NestlingError | errors.NestlingWarning)
    assert issubclass(DataError, ValueError)


AFTER = [
    (lambda f: f.confint("xx"), ArgumentError, "parm='xx'", "Did you mean 'x'?"),
    (lambda f: f.confint(["x", "sigm"]), ArgumentError, "parm='sigm'", "Did you mean 'sigma'?"),
    (lambda f: f.confint(3), ArgumentTypeError, "parm=3", "theta_"),
    (lambda f: f.confint([0]), ArgumentTypeError, "parm holds 0", "beta_"),
    (lambda f: f.confint(level=95), ArgumentError, "level=95", "0.95"),
    (lambda f: f.confint(level=0), ArgumentError, "level=0", "between 0 and 1"),
    (lambda f: f.confint(level=np.nan), ArgumentError, "level=nan"),
    (lambda f: f.confint(level="0.95"), ArgumentTypeError, "level is of type str"),
    (lambda f: f.confint(method="wlad"), ArgumentError, "method='wlad'", "Did you mean 'wald'?"),
    (lambda f: f.predict({"g": [1]}), DataError, "no column 'x'"),
    (lambda f: f.predict({"x": [1.0], "g": [99]}), DataError, "level of 'g' the fit has not seen", "new_levels='zero'"),
    (lambda f: f.predict(ROW, new_levels="zeor"), ArgumentError, "new_levels='zeor'", "Did you mean 'zero'?"),
    (lambda f: f.predict(ROW, random=["gg"]), ArgumentError, "random names 'gg'", "Did you mean 'g'?"),
    (lambda f: f.predict(ROW, random=3), ArgumentTypeError, "random=3", "True, False or a list"),
    (lambda f: f.predict({"x": ["a"], "g": [1]}), DataError, "'x' holds categories here and numbers in"),
    (lambda f: f.predict({"x": [np.inf], "g": [1]}), DataError, "Column 'x' is infinite"),
    (lambda f: f.predict({"x": [], "g": []}), DataError, "no rows"),
    (lambda f: f.predict("abc"), ArgumentTypeError, "data is of type str"),
    (lambda f: f.refit(Y[:5]), ArgumentError, "y has shape (5,)", "60 rows"),
    (lambda f: f.refit(np.ones((60, 2, 2))), ArgumentError, "y has shape (60, 2, 2)"),
    (lambda f: f.refit(None), (ArgumentError, ArgumentTypeError), "y "),
    (lambda f: f.refit(["a"] * 60), ArgumentTypeError, "y is of type list", "one number per row"),
    (lambda f: f.refit(at(np.nan)), ArgumentError, "y is not finite in row 3"),
    (lambda f: f.refit(np.zeros(60)), ArgumentError, "y is the same number in all 60 rows"),
    (lambda f: f.refit(np.c_[Y, np.ones(60)]), ArgumentError, "y in column 1", "same number"),
    (lambda f: f.simulate(0, 1), ArgumentError, "n_sims=0", "at least 1"),
    (lambda f: f.simulate(1.5, 1), ArgumentError, "n_sims=1.5", "whole number"),
    (lambda f: f.simulate(True, 1), ArgumentError, "n_sims=True"),
    (lambda f: f.simulate(1, "a"), ArgumentTypeError, "seed='a'", "whole number"),
    (lambda f: f.simulate(1, 1.5), ArgumentTypeError, "seed=1.5"),
    (lambda f: f.simulate(1, -1), ArgumentError, "seed=-1 is negative"),
    (lambda f: f.residuals("deviant"), ArgumentError, "kind='deviant'", "'pearson'"),
    (lambda f: f.residuals(None), ArgumentError, "kind=None", "'pearson'"),
    (lambda f: nl.compare(f, TRUTH), ArgumentTypeError, "LmerFit and Population", "Population first"),
    (lambda _: nl.compare(TRUTH, None), ArgumentTypeError, "Population and NoneType"),
    (lambda _: nl.compare(TRUTH, lmer(WITH_H)), ArgumentError, "no true value for 'hb'", "population's own model"),
    (lambda f: nl.compare(TRUTH, f, level=95), ArgumentError, "level=95"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "said"), [(c, e, s) for c, e, *s in AFTER])
def test_after_the_fit(call, error, said, fit):
    check(lambda: call(fit), error, *said)


def test_sizes_of_numpy_are_whole_numbers(fit):
    assert fit.simulate(np.int64(2), np.int64(3)).shape == (60, 2)
