"""A progress bar for what takes longer than a second."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

PATIENCE = 1.0
"""Seconds before the bar appears of its own accord."""


def progress_bar(
    total: int, unit: str, *, progress: bool | None = None
) -> AbstractContextManager[Any]:
    """Return tqdm's bar, or a context of None where there is to be none.

    Parameters
    ----------
    total : int
    unit : str
        What is counted.
    progress : bool, optional
        Always, never, or (default) in a terminal and after a second.

    Examples
    --------
    >>> with progress_bar(10, "refit", progress=False) as bar:
    ...     print(bar)
    None
    """
    if progress is False:
        return nullcontext()
    from tqdm import tqdm

    bar: AbstractContextManager[Any] = tqdm(
        total=total,
        unit=unit,
        leave=False,
        delay=0.0 if progress else PATIENCE,
        disable=None if progress is None else False,
    )
    return bar
