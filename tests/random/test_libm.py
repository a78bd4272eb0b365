import math

import numpy as np
import pytest

from nestling.random import libm


@pytest.mark.parametrize("agrees", [True, False])
def test_logarithms_are_the_c_library_s(agrees, monkeypatch):
    monkeypatch.setattr(libm, "_numpy_agrees", lambda: agrees)
    values = np.array([1e-18, 0.3, 0.9, 7.0])
    expected = [math.log(value) for value in values]
    np.testing.assert_allclose(libm.log(values), expected, rtol=2.0**-52 if agrees else 0.0)


def test_exponentials_overflow_to_infinity():
    assert libm.exp(np.array([-1000.0, 0.0, 800.0])).tolist() == [0.0, 1.0, math.inf]
