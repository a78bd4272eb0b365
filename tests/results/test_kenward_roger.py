"""Kenward-Roger: pbkrtest, matrices of the order of the rows, every structure."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, frame, matrix, names
from tests.results.test_satterthwaite import with_structure

import nestling as nl
from nestling.errors import RefitWarning
from nestling.fit.crossed import Crossed
from nestling.fit.dense import Dense
from nestling.fit.nested import Nested
from nestling.results.contrast_tests import contrast_tests, joint_test
from nestling.results.kenward_roger import kenward_roger

CASES = [
    name for name in names("lmer", "kenward_roger") if "vcov_adj" in case(name)["kenward_roger"]
]


@pytest.mark.parametrize("name", CASES)
def test_adjusted_table_is_that_of_pbkrtest(name):
    fit, expected = fitted(name), case(name)["kenward_roger"]
    order = list(fit.coefficient_names)
    vcov = matrix(expected["vcov_adj"])
    scale = np.sqrt(np.outer(np.diag(vcov), np.diag(vcov)))
    np.testing.assert_allclose(kenward_roger(fit).vcov / scale, vcov / scale, atol=1e-6)
    found = contrast_tests(fit, np.eye(len(order)), "Kenward-Roger")
    for values, key in [(found.df, "ddf"), (found.se, "se"), (found.statistic, "t")]:
        reference = [expected[key][each] for each in order]
        np.testing.assert_allclose(values, reference, rtol=1e-6)
    np.testing.assert_allclose(
        found.p_value, [expected["p_value"][each] for each in order], rtol=1e-5
    )


@pytest.mark.parametrize(
    "name", [n for n in CASES if "joint_nonintercept" in case(n)["kenward_roger"]]
)
def test_joint_test_is_that_of_pbkrtest(name):
    fit = fitted(name)
    joint = case(name)["kenward_roger"]["joint_nonintercept"]
    rows = [fit.coefficient_names.index(each) for each in joint["L_columns"]]
    found = joint_test(fit, np.eye(len(fit.coefficient_names))[rows], "kenward-roger")
    F, q, df, scaling, p = joint["table"]["data"][0]
    assert found.df_numerator == q
    np.testing.assert_allclose(
        [found.statistic, found.df_denominator, found.scaling], [F, df, scaling], rtol=1e-6
    )
    assert found.p_value == pytest.approx(p, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "arrange"),
    [
        ("Pastes_nested", Nested.of),
        ("threelevel_full", Nested.of),
        ("threelevel_full", Crossed.of),
        ("Machines_nested", Nested.of),
        ("Penicillin", Crossed.of),
        ("Pixel_crossed", Crossed.of),
    ],
)
def test_every_structure_answers_alike(name, arrange):
    fit = fitted(name)
    expected, found = (kenward_roger(with_structure(fit, each)) for each in (Dense.of, arrange))
    np.testing.assert_allclose(found.weights, expected.weights, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.vcov, expected.vcov, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["unbal_weights", "sleepstudy_uncorr", "Machines_unbalanced"])
def test_blocks_give_what_matrices_of_the_rows_give(name):
    """The formulas as the paper has them, with V of the order of the rows."""
    fit = fitted(name)
    X = np.column_stack([fit.matrices.columns[j] for j in fit.basis.kept])
    n = len(X)
    weights = np.ones(n) if fit.matrices.weights is None else fit.matrices.weights
    parts, V = [], np.diag(fit.sigma**2 / weights)
    for term, covariance in zip(fit.matrices.random, fit.estimates.covariances, strict=True):
        same = term.codes[:, None] == term.codes
        Z = np.column_stack(term.columns)
        V += same * (Z @ covariance @ Z.T)
        for i in range(len(covariance)):
            for j in range(i + 1):
                E = np.zeros_like(covariance)
                E[i, j] = E[j, i] = 1.0
                parts.append(same * (Z @ E @ Z.T))
    parts.append(np.diag(1.0 / weights))
    inverse = np.linalg.inv(V)
    Phi = np.linalg.inv(X.T @ inverse @ X)
    P = inverse - inverse @ X @ Phi @ X.T @ inverse
    information = np.array([[np.sum((P @ a) * (P @ b).T) for b in parts] for a in parts])
    W = 2.0 * np.linalg.inv(information)
    half = [inverse @ part @ inverse @ X for part in parts]
    total = sum(
        W[i, j] * (half[i].T @ V @ half[j] - (X.T @ half[i]) @ Phi @ (X.T @ half[j]))
        for i in range(len(parts))
        for j in range(len(parts))
    )
    np.testing.assert_allclose(kenward_roger(fit).vcov, Phi + 2.0 * Phi @ total @ Phi, rtol=1e-6)


def test_methods_differ_where_they_must():
    """Random slopes with unequal clusters: SE and df both change."""
    fit = fitted("unbal_plain")
    rows = np.eye(len(fit.coefficient_names))
    one, other = contrast_tests(fit, rows), contrast_tests(fit, rows, "kenward-roger")
    assert (other.se > one.se).all()
    assert (np.abs(other.df / one.df - 1.0) > 1e-3).all()


def test_fit_by_maximum_likelihood_is_fitted_again():
    data = frame("sleepstudy_slope")
    fit = nl.lmer("Reaction ~ Days + (Days | Subject)", data, reml=False)
    with pytest.warns(RefitWarning, match="reml=True"):
        found = contrast_tests(fit, np.eye(2), "kenward-roger")
    expected = contrast_tests(fitted("sleepstudy_slope"), np.eye(2), "kenward-roger")
    np.testing.assert_allclose(found.se, expected.se, rtol=1e-6)
    np.testing.assert_allclose(found.df, expected.df, rtol=1e-6)
