"""Profile limits: what they are by definition, on every structure, and near the boundary."""

import numpy as np
import pytest

from builders import MODELS, STRUCTURES, arrangements, fit_model, matrices, ones, term
from nestling.fit.newton import minimise
from nestling.fit.profile_coordinates import Correlation, Frame, Itself, Spread
from nestling.fit.profile_limits import ceiling_of, climb, limits, optimum_of
from nestling.fit.profile_surface import Surface, slice_at

HEIGHT = 1.959963984540054


def profiles(fitted):
    """Each parameter's surface and the profile at its estimate."""
    problem, point = fitted.posed.problem, fitted.solution.point
    parameters, basis = problem.parameters, fitted.posed.basis
    origin = float(np.log(point.square / problem.n))
    found = []
    for place, G in zip(fitted.posed.layout.places, basis.rotations, strict=True):
        for j in range(place.width):
            frame = Frame.of(parameters, place, G[[j]])
            found.append((f"sd{j}", Spread(frame, len(parameters)), 0.0))
            for i in range(j + 1, place.width):
                frame = Frame.of(parameters, place, G[[j, i]])
                found.append((f"cor{i}{j}", Correlation(frame), 0.0))
    found.append(("sigma", Itself.residual(parameters), 0.0))
    for j, row in enumerate(basis.transform[:-1, :-1]):
        held = float(row @ point.beta)
        found.append((f"beta{j}", Itself.coefficient(parameters, row), held))
    surfaces = []
    for name, coordinates, held in found:
        surface = Surface(problem, coordinates, origin)
        surfaces.append((name, surface, optimum_of(surface, surface.optimum(point.theta, held))))
    return surfaces


def lowest(surface, crossing, rng):
    """The deviance at a crossing, minimised over the rest from somewhere else."""
    index = surface.coordinates.index
    z = crossing.trace.z.copy()
    z[index] = crossing.parameter
    free = np.delete(np.arange(len(z)), index)

    def measure(values):
        return slice_at(surface, z, free, values)

    start = measure(z[free] * rng.uniform(0.8, 1.2, size=len(free)))
    exact = surface.problem.structure.exact
    return minimise(measure, start, tolerance=1e-10, exact=exact)[0].criterion


# the deviance of "crossed" is slow on these small models, whatever is asked of it
FAST = [
    (model, structure)
    for model, structure in arrangements()
    if structure != "crossed" or model == "crossed"
]


@pytest.mark.parametrize(("model", "structure"), FAST)
def test_the_deviance_has_risen_by_the_wanted_amount(model, structure):
    fitted = fit_model(MODELS[model], reml=False, structure=STRUCTURES[structure])
    rng = np.random.default_rng(7)
    for name, surface, start in profiles(fitted):
        assert start.value == pytest.approx(fitted.criterion, abs=1e-8), name
        for side, crossing in zip((-1, 1), limits(surface, start, HEIGHT), strict=True):
            if crossing.status == "bound":
                assert crossing.parameter == surface.coordinates.bounds[side > 0]
                assert abs(crossing.zeta) <= HEIGHT
                continue
            assert crossing.status == "reached", name
            rise = lowest(surface, crossing, rng) - start.value
            # 1e-7 of deviance is 1e-8 of an interval's width
            assert rise == pytest.approx(HEIGHT**2, abs=1e-7), name


@pytest.mark.parametrize("model", ["nested", "nested slopes", "nested three deep", "crossed"])
def test_structures_agree(model):
    """Average information, corrected by what is learned, leads to where the Hessian does."""
    found = []
    for structure in ("dense", "crossed" if model == "crossed" else "nested"):
        fitted = fit_model(MODELS[model], reml=False, structure=STRUCTURES[structure])
        pairs = [limits(surface, start, HEIGHT) for _, surface, start in profiles(fitted)]
        found.append([[each.parameter for each in pair] for pair in pairs])
    assert np.allclose(found[1], found[0], rtol=1e-7, atol=1e-7)


def test_few_evaluations(monkeypatch):
    fitted = fit_model(MODELS["slope"], reml=False)
    count = 0
    measure = Surface.measure

    def counted(self, z):
        nonlocal count
        count += 1
        return measure(self, z)

    monkeypatch.setattr(Surface, "measure", counted)
    for _, surface, start in profiles(fitted):
        limits(surface, start, HEIGHT)
    # seven parameters: one evaluation at the optimum each, and fourteen limits
    assert count < 7 + 14 * 5


def tied(seed):
    """Slopes of five groups over intercepts of ten: correlations of -1 and 1 are both optima."""
    rng = np.random.default_rng(seed)
    g = np.append(np.arange(10), rng.integers(0, 10, 38))
    x = rng.normal(size=48)
    y = rng.normal(size=10)[g] + 0.4 * rng.normal(size=5)[g // 2] * x + rng.normal(size=48)
    terms = term("a", g // 2, ones(48), x), term("g", g, ones(48))
    return matrices(y, (ones(48), x), *terms)


@pytest.mark.parametrize("seed", [59, 18])
def test_no_other_optimum_lies_lower(seed):
    """At every limit, from many starts; 59 is a seed where the better optimum changes sides."""
    fitted = fit_model(tied(seed), reml=False)
    rng = np.random.default_rng(8)
    for name, surface, start in profiles(fitted):
        for crossing in limits(surface, start, HEIGHT):
            if crossing.status != "reached":
                continue
            index = surface.coordinates.index
            z = crossing.trace.z.copy()
            z[index] = crossing.parameter
            free = np.delete(np.arange(len(z)), index)

            def measure(values, surface=surface, z=z, free=free):
                return slice_at(surface, z, free, values)

            starts = [z[free] + 0.5 * rng.normal(size=len(free)) for _ in range(8)]
            ends = [minimise(measure, measure(at), tolerance=1e-9)[0] for at in starts]
            rise = min(end.criterion for end in ends) - start.value
            assert rise > HEIGHT**2 - 1e-6, name


def test_a_correlation_is_free_where_a_variance_can_vanish():
    fitted = fit_model(MODELS["slope"], reml=False)
    by_name = {name: (surface, start) for name, surface, start in profiles(fitted)}
    surface, start = by_name["cor10"]
    ceiling = min(ceiling_of(*by_name[name]) for name in ("sd0", "sd1"))
    inside = limits(surface, start, 0.9 * ceiling, ceiling)
    beyond = limits(surface, start, 1.1 * ceiling, ceiling)
    assert [each.status for each in beyond] == ["bound", "bound"]
    assert tuple(each.parameter for each in beyond) == surface.coordinates.bounds
    assert "reached" in {each.status for each in inside}


def test_climb_goes_as_far_as_one_stride_does():
    fitted = fit_model(MODELS["slope"], reml=False)
    for name, surface, start in profiles(fitted):
        below, above = limits(surface, start, HEIGHT)
        for side, crossing in ((-1, below), (1, above)):
            steps = climb(surface, start, HEIGHT * np.linspace(0.25, 1.0, 4), side)
            assert steps[-1].status == crossing.status, name
            assert steps[-1].parameter == pytest.approx(crossing.parameter, rel=1e-8), name
            zetas = [each.zeta for each in steps]
            assert sorted(zetas, key=abs) == zetas
