"""Every structure against n x n matrices, and against every other on the same data."""

import numpy as np
import pytest

from brute_force import marginal
from builders import MODELS, POINTS, STRUCTURES, arrangements, fit_model, pose_model, theta_at
from nestling.fit.criterion import evaluate
from nestling.fit.solve import criterion_at

# large: V reaches 1e4, and what cancels in Z'Z - Z'ZWZ'Z loses as many digits
TOLERANCE = {"large": 1e-7}


def close(found, expected, tolerance):
    scale = float(np.abs(expected).max(initial=1e-300))
    return np.allclose(found, expected, rtol=0.0, atol=tolerance * scale)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(("model", "structure"), arrangements())
def test_factorisation(model, structure, point):
    posed = pose_model(MODELS[model], structure=STRUCTURES[structure])
    theta = theta_at(posed, point)
    truth = marginal(posed, theta)
    found = posed.problem.structure.factorise(posed.problem.parameters.roots(theta))
    tolerance = TOLERANCE.get(point, 1e-12)
    assert found.log_determinant == pytest.approx(np.linalg.slogdet(truth.V)[1], abs=1e-9)
    assert close(found.WVW, truth.W.T @ truth.inverse @ truth.W, tolerance)
    covariances = found.conditional_covariances()
    for f, Z in enumerate(truth.Z):
        ZV = np.einsum("njk,nm->jkm", Z, truth.inverse)
        blocks = np.einsum("jkm,mjl->klj", ZV, Z)
        assert close(found.traces()[f], blocks.sum(axis=2), tolerance)
        Sigma = truth.Sigma[f]
        conditional = Sigma[:, :, None] - np.einsum("ab,bcj,cd->adj", Sigma, blocks, Sigma)
        if structure == "collapsed":
            continue  # classes of levels, not levels: next test
        assert close(found.ZVW[f], (ZV @ truth.W).transpose(1, 2, 0), tolerance)
        assert close(covariances[f], conditional, tolerance * max(1.0, np.abs(Sigma).max()))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(("model", "structure"), arrangements())
def test_apply(model, structure, point):
    posed = pose_model(MODELS[model], structure=STRUCTURES[structure])
    theta = theta_at(posed, point)
    truth = marginal(posed, theta)
    found = posed.problem.structure.factorise(posed.problem.parameters.roots(theta))
    if structure == "collapsed":
        return  # classes of levels, not levels: next test
    rng = np.random.default_rng(4)
    h = tuple(rng.normal(size=(Z.shape[2], 3, Z.shape[1])) for Z in truth.Z)
    total = sum(np.einsum("njk,kmj->nm", Z, part) for Z, part in zip(truth.Z, h, strict=True))
    solved = truth.inverse @ total
    for Z, image in zip(truth.Z, found.apply(h), strict=True):
        expected = np.einsum("njk,nm->kmj", Z, solved)
        assert close(image, expected, TOLERANCE.get(point, 1e-12))


@pytest.mark.parametrize("point", POINTS)
def test_classes_of_levels_have_the_moments_of_their_levels(point):
    given = MODELS["repeated designs"]
    whole, gathered = (
        pose_model(given, structure=STRUCTURES[s]) for s in ("each level", "collapsed")
    )
    roots = whole.problem.parameters.roots(theta_at(whole, point))
    found = [posed.problem.structure.factorise(roots) for posed in (whole, gathered)]
    (each,), (few,) = (one.ZVW for one in found)
    assert few.shape[2] < each.shape[2]
    images = [one.apply(one.ZVW)[0] for one in found]
    for levels, classes in ((each, few), images):
        moments = [np.einsum("kcj,ldj->kcld", H, H) for H in (levels, classes)]
        assert close(moments[1], moments[0], 1e-12)


@pytest.mark.parametrize(
    ("point", "reml"), [*((point, True) for point in POINTS), ("interior", False)]
)
@pytest.mark.parametrize(("model", "structure"), arrangements())
def test_criterion(model, structure, point, reml):
    posed = pose_model(MODELS[model], reml=reml, structure=STRUCTURES[structure])
    theta = theta_at(posed, point)
    constant = marginal(posed, theta).criterion(reml) + posed.problem.constant
    assert criterion_at(posed.problem, theta) == pytest.approx(constant, rel=1e-10)
    assert evaluate(posed.problem, theta).criterion == criterion_at(posed.problem, theta)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("model", list(MODELS))
def test_every_structure_finds_the_same_optimum(model, reml):
    fits = [
        fit_model(MODELS[model], reml=reml, structure=STRUCTURES[structure])
        for name, structure in arrangements()
        if name == model
    ]
    fits.append(fit_model(MODELS[model], reml=reml))
    first = fits[0]
    for other in fits[1:]:
        assert other.criterion == pytest.approx(first.criterion, rel=1e-11)
        assert other.status == first.status
        for one, two in zip(first.estimates.covariances, other.estimates.covariances, strict=True):
            # second derivatives of 10 to 1000 turn 1e-11 of the criterion into 1e-6 of theta
            assert close(two, one, 2e-6)
        assert close(other.estimates.beta, first.estimates.beta, 1e-7)
        assert close(other.estimates.vcov, first.estimates.vcov, 1e-6)
