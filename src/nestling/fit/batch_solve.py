"""Many responses to one design, solved together.

One grouping factor goes through the batched kernel; other structures go response by response
from the optimum of the first, since what they share is little beside what each one needs.
"""

from dataclasses import dataclass, replace

import numpy as np

from nestling.arrays import BoolArray, FloatArray, IntArray
from nestling.fit.batch import BatchDesign, BatchPoint, Responses
from nestling.fit.batch_newton import minimise_batch
from nestling.fit.choose import structure_of
from nestling.fit.criterion import Problem
from nestling.fit.solve import Status, solve
from nestling.fit.start import DROWNED, FLOOR, moments_at_identity
from nestling.statistics.layout import Layout
from nestling.statistics.sufficient import FactorBlocks, SufficientStatistics

CHUNK_CELLS = 1 << 14
"""Levels times responses that are carried together: what a processor's cache holds."""

NULL = 1e-4
"""Relative standard deviations below this are looked at one by one: zero or a saddle."""


@dataclass(frozen=True, slots=True)
class BatchSolution:
    """The optima of R responses, in the basis.

    Attributes
    ----------
    theta : (m, R) array
    criterion, square : (R,) arrays
        Without the problem's constant.
    beta : (p, R) array
    unscaled : (p, p, R) array
        (X'V^-1 X)^-1.
    status : tuple of str
        As in `Convergence.status`, per response.
    evaluations : (R,) array of int
    """

    theta: FloatArray
    criterion: FloatArray
    square: FloatArray
    beta: FloatArray
    unscaled: FloatArray
    status: tuple[Status, ...]
    evaluations: IntArray


@dataclass(frozen=True, slots=True)
class ResponseBlocks:
    """What R responses have of their own: Z'y per factor (k, J, R), X'y (p, R) and y'y (R,)."""

    Zy: tuple[FloatArray, ...]
    Xy: FloatArray
    yy: FloatArray

    def statistics(self, design: SufficientStatistics, r: int) -> SufficientStatistics:
        """Return the sufficient statistics of one response."""
        WW = design.WW.copy()
        WW[:-1, -1] = WW[-1, :-1] = self.Xy[:, r]
        WW[-1, -1] = self.yy[r]
        factors = []
        for factor, Zy in zip(design.factors, self.Zy, strict=True):
            ZW = factor.ZW.copy()
            ZW[:, -1] = Zy[:, :, r]
            factors.append(FactorBlocks(factor.ZZ, ZW))
        return replace(design, WW=WW, factors=tuple(factors))


def solve_batch(
    problem: Problem,
    design: SufficientStatistics,
    layout: Layout,
    responses: ResponseBlocks,
    start: FloatArray,
) -> BatchSolution:
    """Find the optimum for every response; `start` is a theta in the basis that is near.

    1. MIVQUE(0) for all responses, 2. Newton for a chunk of them together, 3. what did not
    converge, or came near the boundary, is solved alone with the sign test.
    """
    R = len(responses.yy)
    if len(design.factors) > 1:
        return _joined([_alone(problem, design, layout, responses, r, start) for r in range(R)])
    guesses = batch_guess(moments_at_identity(design, problem.parameters), problem, responses)
    (factor,) = design.factors
    shared = BatchDesign(
        A=factor.ZZ[..., None],
        BX=factor.ZW[:, :-1, :, None],
        XX=design.WW[:-1, :-1, None],
        parameters=problem.parameters,
        n=problem.n,
        reml=problem.reml,
    )
    step = max(16, CHUNK_CELLS // factor.n_levels)
    return _joined(
        [
            _chunk(
                problem, design, layout, responses, shared, guesses, np.arange(a, min(a + step, R))
            )
            for a in range(0, R, step)
        ]
    )


def _chunk(
    problem: Problem,
    design: SufficientStatistics,
    layout: Layout,
    responses: ResponseBlocks,
    shared: BatchDesign,
    guesses: FloatArray,
    index: IntArray,
) -> BatchSolution:
    mine = Responses(responses.Zy[0][:, :, index], responses.Xy[:, index], responses.yy[index])
    point, path = minimise_batch(shared, mine, guesses[:, index])
    doubtful = np.flatnonzero(~path.converged | _near_boundary(problem, point.theta))
    status: list[Status] = ["optimum"] * len(index)
    evaluations = path.evaluations.copy()
    for r in doubtful:
        alone = _alone(problem, design, layout, responses, int(index[r]), point.theta[:, r])
        _write(point, int(r), alone)
        status[r] = alone.status[0]
        evaluations[r] += alone.evaluations[0]
    return BatchSolution(
        point.theta,
        point.criterion,
        point.square,
        point.beta,
        point.unscaled,
        tuple(status),
        evaluations,
    )


def batch_guess(moments: FloatArray, problem: Problem, responses: ResponseBlocks) -> FloatArray:
    """Return a theta (m, R) per response from MIVQUE(0), as `nestling.fit.start` does for one."""
    (entries,), (Zy,) = problem.parameters.entries, responses.Zy
    m, R, k = len(problem.parameters), len(responses.yy), entries.width
    moment = np.einsum("ajr,bjr->abr", Zy, Zy)
    (units,) = problem.parameters.units()
    forms = np.vstack([np.einsum("mab,abr->mr", units, moment), responses.yy])
    scale = np.sqrt(np.maximum(np.diag(moments), np.finfo(float).tiny))
    scaled = np.linalg.pinv(moments / np.outer(scale, scale), rcond=1e-10)
    solution = (scaled @ (forms / scale[:, None])) / scale[:, None]
    total = np.abs(solution).sum(axis=0)
    sigma2 = np.maximum(solution[m], DROWNED * total)
    Sigma = np.einsum("mab,mr->rab", units, solution[:m] / sigma2)
    values, vectors = np.linalg.eigh(Sigma)
    floor = np.maximum(FLOOR, 1e-2 * values[:, -1:])
    root = vectors * np.sqrt(np.maximum(values, floor))[:, None, :]
    upper = np.asarray(np.linalg.qr(root.transpose(0, 2, 1), mode="r"))
    lower = upper.transpose(0, 2, 1)
    T = lower * np.where(np.einsum("rkk->rk", lower) < 0, -1.0, 1.0)[:, None, :]
    assert T.shape == (R, k, k)
    return np.asarray(T[:, entries.row, entries.column].T)


def _near_boundary(problem: Problem, theta: FloatArray) -> BoolArray:
    """Whether a T is all but singular, from the smallest singular value of each."""
    (entries,) = problem.parameters.entries
    T = np.zeros((theta.shape[1], entries.width, entries.width))
    T[:, entries.row, entries.column] = theta[entries.position].T
    values = np.linalg.svd(T, compute_uv=False)
    return np.asarray(values[:, -1] < NULL * np.maximum(1.0, values[:, 0]))


def _alone(
    problem: Problem,
    design: SufficientStatistics,
    layout: Layout,
    responses: ResponseBlocks,
    r: int,
    start: FloatArray,
) -> BatchSolution:
    statistics = responses.statistics(design, r)
    own = replace(problem, structure=structure_of(statistics), constant=0.0)
    usable = np.isfinite(start).all()
    solution = solve(own, statistics, layout, start if usable else None)
    if solution.convergence.status == "not converged":
        solution = solve(own, statistics, layout)
    point = solution.point
    return BatchSolution(
        theta=point.theta[:, None],
        criterion=np.array([point.criterion]),
        square=np.array([point.square]),
        beta=point.beta[:, None],
        unscaled=point.unscaled[:, :, None],
        status=(solution.convergence.status,),
        evaluations=np.array([solution.convergence.evaluations]),
    )


def _write(point: BatchPoint, r: int, alone: BatchSolution) -> None:
    for name in ("theta", "criterion", "square", "beta", "unscaled"):
        getattr(point, name)[..., r] = getattr(alone, name)[..., 0]


def _joined(parts: list[BatchSolution]) -> BatchSolution:
    def along_responses(name: str) -> FloatArray:
        return np.concatenate([getattr(part, name) for part in parts], axis=-1)

    return BatchSolution(
        theta=along_responses("theta"),
        criterion=along_responses("criterion"),
        square=along_responses("square"),
        beta=along_responses("beta"),
        unscaled=along_responses("unscaled"),
        status=tuple(status for part in parts for status in part.status),
        evaluations=np.concatenate([part.evaluations for part in parts]),
    )
