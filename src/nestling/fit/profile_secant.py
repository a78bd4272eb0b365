"""Second derivatives that are approximate, corrected by what gradients have shown."""

import numpy as np

from nestling.arrays import FloatArray

FAR = 0.5
"""Steps longer than this say little about curvature at either end."""
NEAR = 1e-5
"""Over shorter steps the change of the gradient drowns in rounding."""
OTHER = 8.0
"""Where the gradient shows a curvature other by this factor, the correction is given up."""


class Secant:
    """A correction to the average information, learned along a profile.

    Average information misses what differs between observed and expected information. That part
    changes slowly, so every two gradients teach it: the correction C is changed as little as
    makes the second derivatives explain the last change of the gradient, least in the norm of
    the second derivatives themselves (the symmetric update of Powell and Broyden).
    """

    __slots__ = ("_gradient", "_hessian", "_matrix", "_resting", "_z")

    def __init__(self) -> None:
        self._z = self._gradient = np.empty(0)
        self._hessian = self._matrix = np.empty((0, 0))
        self._resting = False

    def rest(self) -> None:
        """Forget all and correct nothing for a while."""
        self._z, self._resting = np.empty(0), True

    def resume(self) -> None:
        """Learn again."""
        self._resting = False

    def corrected(self, z: FloatArray, gradient: FloatArray, hessian: FloatArray) -> FloatArray:
        """Learn from the step to z and return the corrected second derivatives there."""
        if self._resting:
            return hessian
        if len(self._z):
            self._learn(z - self._z, gradient - self._gradient, 0.5 * (hessian + self._hessian))
        else:
            self._matrix = np.zeros_like(hessian)
        self._z, self._gradient, self._hessian = z, gradient, hessian
        return hessian + self._matrix

    def _learn(self, step: FloatArray, change: FloatArray, hessian: FloatArray) -> None:
        image = hessian @ step
        along, shown = float(step @ image), float(step @ change)
        if not NEAR < np.linalg.norm(step) < FAR or along <= 0.0:
            return
        if not along < OTHER * shown < OTHER**2 * along:
            self._matrix = np.zeros_like(hessian)
            return
        missing = change - image - self._matrix @ step
        cross = np.outer(missing, image) / along
        # what is missing along the step counts twice in cross + cross'
        twice = float(missing @ step) / along**2
        self._matrix = self._matrix + cross + cross.T - twice * np.outer(image, image)
        if np.linalg.norm(self._matrix) > np.linalg.norm(hessian):
            self._matrix = np.zeros_like(hessian)
