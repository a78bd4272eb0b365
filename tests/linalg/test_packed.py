import numpy as np

from nestling.linalg.packed import doubling, pack, pairs, places


def test_a_symmetric_matrix_comes_back():
    A = np.arange(9.0).reshape(3, 3)
    A += A.T
    assert (pack(A)[places(3)] == A).all()
    assert len(pairs(3)) == 6


def test_doubling_makes_a_full_sum_of_a_packed_one():
    A = np.arange(16.0).reshape(4, 4)
    A += A.T
    assert doubling(4) @ pack(A) == A.sum()


def test_no_rows():
    assert pack(np.empty((0, 0, 5))).shape == (0, 5)
