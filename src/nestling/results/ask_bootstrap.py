"""The bootstrap, asked of a fitted model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from nestling.results.asked import Asked

if TYPE_CHECKING:
    from nestling.results.bootstrap import Bootstrap
    from nestling.results.lmer_fit import LmerFit


class BootstrapQuestions(Asked):
    """The bootstrap."""

    __slots__ = ()

    def bootstrap(
        self,
        n_sims: int = 1000,
        seed: Any = None,
        kind: Literal["parametric", "residual", "cluster"] = "parametric",
        statistic: Callable[[LmerFit], Any] | None = None,
        *,
        use_u: bool = False,
        resample_rows: bool = False,
        n_jobs: int = 1,
        progress: bool | None = None,
    ) -> Bootstrap:
        """Draw samples, fit the model to each, and keep the estimates.

        Parameters
        ----------
        n_sims : int
            Replicates.
        seed : int, SeedSequence, Generator, RRandom or None
            Replicate r has a stream of its own, the r-th child of the seed: it does not depend
            on `n_sims` or `n_jobs`. An `RRandom` draws what R draws in lme4's `bootMer` after
            `set.seed`.
        kind : {"parametric", "residual", "cluster"}
            New random effects and residuals from the fitted normal distributions, as lme4's
            `bootMer(use.u = FALSE)`; conditional modes and residuals drawn with replacement
            after they were given the variances of the model (Carpenter, Goldstein and Rasbash
            2003); or whole clusters of the top level drawn with replacement.
        statistic : callable, optional
            Of a fit: a number, a sequence, or a dict or Series of numbers. Every replicate is
            then a full fit, slower by far.
        use_u : bool
            Parametric: hold the random effects at their modes. The intervals then say nothing
            of how clusters differ, and are far too narrow for the population.
        resample_rows : bool
            Cluster: also draw rows with replacement inside each unit of the lowest level.
        n_jobs : int
            Processes; 1 starts none, -1 is one per core. More than one are joblib's workers,
            which on Windows and macOS import the calling script: guard it by
            `if __name__ == "__main__":`.
        progress : bool, optional
            Show a progress bar. By default in a terminal, when it takes more than a second.

        Returns
        -------
        Bootstrap
            `.estimates`, `.status`, `.bias`, `.se`, `.table`, `.confint()`.

        Raises
        ------
        ArgumentError
            For the cluster bootstrap of crossed factors, and arguments out of range.

        Notes
        -----
        The parametric bootstrap makes no rows: the sufficient statistics of the response are
        drawn from their exact distribution.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> boot = fit.bootstrap(200, seed=1)
        >>> list(boot.table.index)
        ['sd_(Intercept)|g', 'sigma', '(Intercept)', 'X', 'g.(Intercept)']
        >>> boot.confint("beta_").shape
        (2, 2)
        """
        from nestling.results.bootstrap_make import bootstrap

        return bootstrap(
            self._fit,
            n_sims,
            seed=seed,
            kind=kind,
            statistic=statistic,
            use_u=use_u,
            resample_rows=resample_rows,
            n_jobs=n_jobs,
            progress=progress,
        )
