"""Simulated responses of a reference case, as a batch sees them."""

from dataclasses import replace

from tests.reference_cases import fitted

from nestling.fit.batch import ResponseBlocks
from nestling.fit.choose import structure_of
from nestling.statistics.responses import response_products
from nestling.statistics.rows import Rows


def simulated(name, count, seed=1):
    """Return the fit of a case and the blocks of responses simulated from it."""
    fit = fitted(name)
    Zy, Xy, yy, _ = response_products(Rows.of(fit.matrices), fit.basis, fit.simulate(count, seed))
    return fit, ResponseBlocks(Zy, Xy, yy)


def alone(fit, responses, r):
    """Return the problem of one response, without the constant that a batch leaves out."""
    statistics = responses.statistics(fit.statistics, r)
    problem = replace(fit.solution.problem, structure=structure_of(statistics), constant=0.0)
    return problem, statistics
