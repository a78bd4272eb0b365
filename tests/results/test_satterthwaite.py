"""Satterthwaite's degrees of freedom: lmerTest, finite differences, every structure."""

import dataclasses

import numpy as np
import pytest
from tests.reference_cases import case, fitted, matrix, names

from nestling.fit.criterion import evaluate
from nestling.fit.crossed import Crossed
from nestling.fit.dense import Dense
from nestling.fit.nested import Nested
from nestling.results.contrast_tests import contrast_tests
from nestling.results.satterthwaite import joint_df, sensitivity

CASES = [
    name for name in names("lmer", "satterthwaite") if "anova_III" in case(name)["satterthwaite"]
]


def with_structure(fit, arrange):
    """Return the fit with its statistics arranged otherwise, at the same optimum."""
    solution = fit.solution
    problem = dataclasses.replace(solution.problem, structure=arrange(fit.statistics))
    point = evaluate(problem, solution.point.theta)
    return dataclasses.replace(
        fit, solution=dataclasses.replace(solution, problem=problem, point=point)
    )


@pytest.mark.parametrize("name", CASES)
def test_coefficient_table_is_that_of_lmertest(name):
    fit = fitted(name)
    expected = matrix(case(name)["satterthwaite"]["coef"])
    found = contrast_tests(fit, np.eye(len(fit.coefficient_names)), "Satterthwaite")
    # what lmerTest differentiates numerically is good to 2e-7; a p value far out in the tail
    # carries the error of df and SE many times
    np.testing.assert_allclose(found.se, expected[:, 1], rtol=1e-7)
    np.testing.assert_allclose(found.statistic, expected[:, 3], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.df, expected[:, 2], rtol=1e-6)
    np.testing.assert_allclose(found.p_value, expected[:, 4], rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "arrange"),
    [
        ("Pastes_nested", Nested.of),
        ("Pastes_nested", Crossed.of),
        ("threelevel_full", Nested.of),
        ("threelevel_sid", Nested.of),
        ("threelevel_full", Crossed.of),
        ("Machines_nested", Nested.of),
        ("Penicillin", Crossed.of),
        ("Pixel_crossed", Crossed.of),
    ],
)
def test_every_structure_answers_alike(name, arrange):
    fit = fitted(name)
    rows = np.eye(len(fit.coefficient_names))
    expected = sensitivity(with_structure(fit, Dense.of)).df(rows)
    found = sensitivity(with_structure(fit, arrange)).df(rows)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize(
    "name", ["sleepstudy_slope", "sleepstudy_slope_ml", "unbal_weights", "threelevel_sid"]
)
def test_hessian_and_slopes_are_those_of_finite_differences(name):
    fit = fitted(name)
    problem, centre = fit.solution.problem, fit.solution.point
    r = len(centre.theta)
    root = fit.basis.transform[:-1, :-1]

    def criterion(at):
        # the criterion with sigma free, from the profiled one
        point = evaluate(problem, at[:r])
        nu, square = problem.nu, point.square
        own = nu * (1.0 + np.log(2.0 * np.pi * square / nu))
        free = nu * np.log(2.0 * np.pi * np.exp(2.0 * at[r])) + square / np.exp(2.0 * at[r])
        return point.criterion - own + free

    def vcov(at):
        scale = fit.basis.response_scale * np.exp(at[r])
        return scale**2 * root @ evaluate(problem, at[:r]).unscaled @ root.T

    at = np.append(centre.theta, 0.5 * np.log(centre.square / problem.nu))
    steps = 1e-3 * np.eye(r + 1)
    found = sensitivity(fit)
    hessian = np.array(
        [
            [
                (
                    criterion(at + h + k)
                    - criterion(at + h - k)
                    - criterion(at - h + k)
                    + criterion(at - h - k)
                )
                / 4e-6
                for k in steps
            ]
            for h in steps
        ]
    )
    # differences of second order with steps of 1e-3: truncation about 1e-5
    np.testing.assert_allclose(
        2.0 * np.linalg.inv(hessian),
        found.covariance,
        rtol=1e-3,
        atol=1e-4 * found.covariance.max(),
    )
    slopes = np.array([(vcov(at + h) - vcov(at - h)) / 2e-3 for h in steps])
    np.testing.assert_allclose(found.slopes, slopes, rtol=1e-4, atol=1e-5 * np.abs(slopes).max())


def test_predictor_of_clusters_has_as_many_df_as_clusters():
    """A two-level design, Z constant within clusters: not the rows but the clusters count."""
    fit = fitted("seed_m1")
    found = contrast_tests(fit, np.eye(3)).df
    which = dict(zip(fit.coefficient_names, found, strict=True))
    clusters = next(iter(fit.n_groups.values()))
    assert which["Z"] < clusters
    assert which["X"] > 5 * clusters


def test_variance_at_zero_leaves_the_residual_df():
    """Dyestuff2: with no variance between batches the mean has n - 1 df."""
    found = sensitivity(fitted("Dyestuff2_reml"))
    np.testing.assert_allclose(found.df(np.eye(1)), 29.0, rtol=1e-9)


@pytest.mark.parametrize(
    ("nu", "expected"),
    [
        ([7.5], 7.5),
        ([10.0, 10.0], 10.0),
        ([1.5, 30.0], 2.0),
        # E = 4 / 2 + 6 / 4 = 3.5; 7 / 1.5
        ([4.0, 6.0], 14.0 / 3.0),
    ],
)
def test_denominator_of_several_rows(nu, expected):
    assert joint_df(np.array(nu)) == pytest.approx(expected, rel=1e-12)
