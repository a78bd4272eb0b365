"""One BLAS thread around matrices that are too small to share.

Threads that wait for busy cores make a matrix of order 100 to 3000 slower by a factor of two to
twenty; on idle cores they gain less than two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

SHARED = 64
"""Up to this order OpenBLAS takes one thread of its own accord."""


@contextmanager
def one_blas_thread(order: int, *, scipy: bool = False) -> Iterator[None]:
    """Hold BLAS to one thread for matrices of this order; usable as a decorator.

    NumPy and SciPy bring a BLAS each; `scipy` says that both are at work.

    Examples
    --------
    >>> with one_blas_thread(order=500):
    ...     pass
    """
    if order <= SHARED:
        yield
        return
    with _controller(scipy=scipy).limit(limits=1):
        yield


@cache
def _controller(*, scipy: bool) -> "ThreadpoolController":
    """Find the libraries, once: that takes longer than many a fit."""
    from threadpoolctl import ThreadpoolController

    if scipy:
        import_module("scipy.linalg.lapack")  # a library must be loaded to be found
    return ThreadpoolController()
