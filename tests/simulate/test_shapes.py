"""Every shape has mean 0, variance 1, and the moments of its law."""

from math import comb

import numpy as np
import pytest
from scipy import stats

from nestling.errors import ArgumentTypeError, PopulationError
from nestling.simulate.shapes import Contamination, HeavyTails
from nestling.simulate.skewed_shapes import Exponentiated, Mixture, Skew

N = 40_000


def standardised(law):
    mean, sd = law.mean(), law.std()

    def moment(r):
        """Mean of the r-th power of (x - mean) / sd, from the powers of x."""
        raw = [law.moment(j) if j else 1.0 for j in range(r + 1)]
        return sum(comb(r, j) * raw[j] * (-mean) ** (r - j) for j in range(r + 1)) / sd**r

    return lambda x: law.cdf(mean + sd * x), moment


def mixed(shares, means, sds):
    """Distribution function and raw moments of a mixture of normals."""
    laws = [stats.norm(mean, sd) for mean, sd in zip(means, sds, strict=True)]
    return (
        lambda x: sum(share * law.cdf(x) for share, law in zip(shares, laws, strict=True)),
        lambda r: sum(share * law.moment(r) for share, law in zip(shares, laws, strict=True)),
    )


def mirrored(law):
    cdf, moment = law
    return lambda x: 1 - cdf(-x), lambda r: (-1) ** r * moment(r)


# 0.7 and 0.3 of N(0, 1) and N(4, 0.5²): mean 1.2, variance 3.36 + 0.7 + 0.3 * 0.25 = 4.135
TWO = np.sqrt(4.135)
# 1 / (1 + 0.1 * 8): SD of the clusters that are not outlying
OTHERS = np.sqrt(1 / 1.8)
SHAPES = [
    (HeavyTails(20), standardised(stats.t(20))),
    (HeavyTails(4), (standardised(stats.t(4))[0], None)),
    (Contamination(0.1, 3), mixed([0.9, 0.1], [0, 0], [OTHERS, 3 * OTHERS])),
    (Skew(1), standardised(stats.gamma(4))),
    (Skew(-2), mirrored(standardised(stats.expon()))),
    (Skew(0), standardised(stats.norm())),
    (Exponentiated(0.3), standardised(stats.lognorm(0.3))),
    (
        Mixture([0.7, 0.3], [0, 4], [1, 0.5]),
        mixed([0.7, 0.3], [-1.2 / TWO, 2.8 / TWO], [1 / TWO, 0.5 / TWO]),
    ),
]
IDS = [f"{shape.name}({shape.arguments})" for shape, _ in SHAPES]


@pytest.mark.parametrize(("shape", "law"), SHAPES, ids=IDS)
def test_scores_follow_the_law(shape, law):
    cdf, moment = law
    scores = shape.scores(np.random.default_rng(11), 2, N)
    for row in scores:
        # Kolmogorov's distribution is beyond 2.7 once in a million samples
        assert stats.kstest(row, cdf).statistic * np.sqrt(N) < 2.7
        if moment is None:
            continue
        assert (moment(1), moment(2)) == pytest.approx((0, 1), abs=1e-6)
        for r in (1, 2, 3, 4):
            # the mean of r-th powers has variance (m_2r - m_r²) / n
            se = np.sqrt((moment(2 * r) - moment(r) ** 2) / N)
            assert abs(np.mean(row**r) - moment(r)) < 4.5 * se
    assert abs(np.mean(scores[0] * scores[1])) < 4.5 * np.sqrt(3 / N)


def test_points_without_spread_are_two_values():
    scores = Mixture([0.5, 0.5], [0, 10], [0, 0]).scores(np.random.default_rng(1), 1, 100)
    assert set(scores[0].round(12)) == {-1.0, 1.0}


def test_a_cluster_far_out_is_so_in_all_its_effects():
    for shape, fourth in ((HeavyTails(20), 18 / 16), (Contamination(0.1, 3), 9 / 1.8**2)):
        one, two = shape.scores(np.random.default_rng(3), 2, N)
        both = one**2 * two**2
        # the bound takes its standard error from the sample: moments of order 8 exist
        assert abs(both.mean() - fourth) < 4.5 * both.std() / np.sqrt(N)


@pytest.mark.parametrize("shape", [shape for shape, _ in SHAPES], ids=IDS)
def test_one_more_effect_leaves_the_others_as_they_were(shape):
    alone = shape.scores(np.random.default_rng(5), 1, 50)
    assert np.array_equal(shape.scores(np.random.default_rng(5), 3, 50)[:1], alone)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HeavyTails(2), "df, .*is 2; with 2 or fewer there is no variance"),
        (lambda: HeavyTails(float("nan")), "expected a finite number"),
        (lambda: Contamination(0, 3), "share, of outlying units, is 0; expected a share"),
        (lambda: Contamination(1, 3), "is 1; expected a share between 0 and 1"),
        (lambda: Contamination(0.1, 0), "times.*is 0; expected a number above 0"),
        (lambda: Skew(30), "skewness is 30; expected one between -20 and 20"),
        (lambda: Exponentiated(0), "sigma.*above 0"),
        (lambda: Exponentiated(4), "is 4; expected at most 3"),
        (lambda: Mixture([0.5, 0.6], [0, 1]), r"add up to 0.5 \+ 0.6 = 1.1"),
        (lambda: Mixture([1.5, -0.5], [0, 1]), "above 0 that add up to 1"),
        (lambda: Mixture([1], [0]), "two classes or more"),
        (lambda: Mixture([0.5, 0.5], [0, 1, 2]), "2 classes and means 3"),
        (lambda: Mixture([0.5, 0.5], [0, 1], [1]), "2 classes and sds 1"),
        (lambda: Mixture([0.5, 0.5], [0, 1], [1, -1]), "never negative"),
        (lambda: Mixture([0.5, 0.5], [1, 1], [0, 0]), "leave no variance"),
    ],
)
def test_what_is_impossible_is_refused(make, message):
    with pytest.raises(PopulationError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HeavyTails("4"), "is '4'; expected one number"),
        (lambda: Mixture(0.5, [0, 1]), "shares is 0.5; expected a list"),
        (lambda: Mixture([0.5, "half"], [0, 1]), "'half'; expected one number"),
    ],
)
def test_what_is_no_number_is_refused(make, message):
    with pytest.raises(ArgumentTypeError, match=message):
        make()
