"""From what was asked to a `Bootstrap`: which resampler, and what it is checked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.random.rrandom import RRandom
from nestling.random.streams import seed_sequence
from nestling.results.bootstrap import Bootstrap, BootstrapKind
from nestling.results.bootstrap_chunk import Statistic, asked
from nestling.results.bootstrap_clusters import by_clusters
from nestling.results.bootstrap_responses import GivenResponses, parametric, residual
from nestling.results.bootstrap_run import Resampler, run
from nestling.results.bootstrap_values import value_names, values_of
from nestling.results.profile_parameters import parameter_names

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

KINDS: tuple[BootstrapKind, ...] = ("parametric", "residual", "cluster")


def bootstrap(
    fit: LmerFit,
    n_sims: int,
    *,
    seed: Any,
    kind: str,
    statistic: Statistic | None,
    use_u: bool,
    resample_rows: bool,
    n_jobs: int,
    progress: bool | None,
) -> Bootstrap:
    """Make replicates; see `LmerFit.bootstrap`."""
    way = _checked(n_sims, kind, statistic, use_u=use_u, resample_rows=resample_rows, n_jobs=n_jobs)
    if statistic is None:
        estimates, known = fit.estimates, parameter_names(fit)
        names = value_names(fit)
        original = values_of(
            known,
            estimates.beta[None],
            np.array([estimates.sigma]),
            [T[None] for T in estimates.roots],
        )[0]
    else:
        answer = asked(statistic, fit)
        names, original = tuple(answer), np.array(list(answer.values()))
    resampler: Resampler
    if isinstance(seed, RRandom):
        if way != "parametric" or use_u:
            raise ArgumentError(
                "An RRandom draws what R's bootMer(use.u = FALSE, type = 'parametric') draws. "
                "Give a whole number as seed for other kinds."
            )
        resampler = GivenResponses(fit, fit.simulate(n_sims, seed), statistic, names)
    else:
        root = seed_sequence(seed)
        if way == "parametric":
            resampler = parametric(fit, root, use_u=use_u, statistic=statistic, names=names)
        elif way == "residual":
            resampler = residual(fit, root, statistic=statistic, names=names)
        else:
            resampler = by_clusters(
                fit, root, within=resample_rows, statistic=statistic, names=names
            )
    found = run(resampler, n_sims, n_jobs=n_jobs, progress=progress)
    return Bootstrap(
        fit,
        resampler,
        way,
        names,
        original,
        found.values,
        found.errors,
        found.outcomes,
        statistic,
        n_jobs,
    )


def _checked(
    n_sims: Any, kind: Any, statistic: Any, *, use_u: bool, resample_rows: bool, n_jobs: Any
) -> BootstrapKind:
    if isinstance(n_sims, bool) or not isinstance(n_sims, int | np.integer) or n_sims < 2:
        raise ArgumentError(f"n_sims={n_sims!r} must be a whole number of at least 2.")
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int | np.integer) or n_jobs == 0:
        raise ArgumentError(
            f"n_jobs={n_jobs!r} must be a whole number: how many processes, or -1 for all cores."
        )
    if statistic is not None and not callable(statistic):
        raise ArgumentTypeError(
            f"statistic is of type {type(statistic).__name__}. Give a function of a fit that "
            "returns numbers, as lambda fit: fit.sigma."
        )
    for known in KINDS:
        if kind == known:
            if use_u and known != "parametric":
                raise ArgumentError("use_u=True holds random effects in kind='parametric' only.")
            if resample_rows and known != "cluster":
                raise ArgumentError("resample_rows=True belongs to kind='cluster' only.")
            return known
    raise ArgumentError(f"kind={kind!r} is not a bootstrap. {did_you_mean(str(kind), KINDS)}")
