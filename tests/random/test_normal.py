import mpmath
import numpy as np
import pytest

from nestling.random.normal import normal_quantile, standard_normal, standard_normals
from nestling.random.stream import Stream

# both sides of the borders at |p - 0.5| = 0.425 and r = 5, and the smallest p that can be drawn
PROBABILITIES = [
    1e-18, 1e-12, np.exp(-25.0), 1.3e-11, 1.5e-11, 1e-5, 0.0749999, 0.075, 0.0750001, 0.3, 0.5,
    0.7, 0.9249999, 0.9250001, 0.99999,
]  # fmt: skip


@pytest.mark.parametrize("p", PROBABILITIES)
def test_quantiles_against_extended_precision(p):
    with mpmath.workdps(40):
        exact = float(mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(p) - 1))
    # Wichura states an accuracy of about 1 part in 1e16; rounding adds a few units
    np.testing.assert_allclose(normal_quantile(np.array([p]))[0], exact, rtol=1e-15)


def test_one_by_one_and_in_bulk_are_the_same():
    stream = Stream(12)
    assert [standard_normal(stream) for _ in range(20_000)] == standard_normals(
        Stream(12), 20_000
    ).tolist()


def test_symmetric():
    p = np.array([0.01, 0.25, 0.4])
    np.testing.assert_array_equal(normal_quantile(1.0 - p[1:]), -normal_quantile(p[1:]))
