"""Replicates in chunks: in this process or several, with a progress bar when it takes long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from nestling.report.progress import progress_bar
from nestling.results.bootstrap_chunk import Chunk, joined

if TYPE_CHECKING:
    from collections.abc import Iterable


class Resampler(Protocol):
    """A way to make replicates; any of them can be made alone."""

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        ...

    def chunk(self, indices: Sequence[int], *, errors: bool) -> Chunk:
        """Draw and refit these replicates."""
        ...


def run(
    resampler: Resampler,
    n_sims: int,
    *,
    n_jobs: int = 1,
    progress: bool | None = None,
    errors: bool = False,
) -> Chunk:
    """Make replicates 0 .. n_sims - 1.

    No process is started for one job. Several are joblib's loky workers, which import the
    calling script anew on Windows and macOS.
    """
    step = resampler.at_once
    if n_jobs != 1:
        # a few chunks per job, so that none waits long for the last
        step = max(1, min(step, -(-n_sims // (4 * max(n_jobs, 1)))))
    parts = [range(a, min(a + step, n_sims)) for a in range(0, n_sims, step)]
    chunks = []
    with progress_bar(n_sims, "refit", progress=progress) as bar:
        for chunk in _chunks(resampler, parts, n_jobs=n_jobs, errors=errors):
            chunks.append(chunk)
            if bar is not None:
                bar.update(len(chunk.outcomes))
    return joined(chunks)


def _chunks(
    resampler: Resampler, parts: list[range], *, n_jobs: int, errors: bool
) -> Iterable[Chunk]:
    if n_jobs == 1:
        return (resampler.chunk(part, errors=errors) for part in parts)
    from joblib import Parallel, delayed

    work = delayed(resampler.chunk)
    results: Iterable[Chunk] = Parallel(n_jobs=n_jobs, return_as="generator")(
        work(part, errors=errors) for part in parts
    )
    return results
