"""What all families of responses share: a link, a variance, a place on the latent scale."""

from abc import ABC, abstractmethod
from dataclasses import MISSING, fields
from typing import Any, ClassVar

import numpy as np

from nestling.arrays import BoolArray, FloatArray
from nestling.errors import ArgumentError, ArgumentTypeError, PopulationError
from nestling.model.families_links import LINKS, Link
from nestling.model.spreads import number


class Family(ABC):
    """A distribution of the response around a mean that a link ties to the linear predictor.

    Records are frozen and print as the call that makes them.

    Attributes
    ----------
    name : str
    links : tuple of str
        Those it can have; the first is the default.
    has_residual : bool
        Whether the spread around the mean is a parameter of its own, the residual variance.
    takes_weights : bool
        Whether prior weights divide the variance of a row.
    support : str
        Where its means lie, in words.
    link : str
    """

    __slots__ = ()
    name: ClassVar[str]
    links: ClassVar[tuple[str, ...]]
    has_residual: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = False
    support: ClassVar[str] = "above 0"
    link: str

    @property
    def functions(self) -> Link:
        """The link, its inverse and the slope of the inverse."""
        return LINKS[self.link]

    @property
    def dispersion(self) -> float:
        """What the variance function is multiplied by."""
        return 1.0

    @property
    def needs_mean(self) -> bool:
        """Whether the latent variance depends on the mean."""
        return True

    @property
    @abstractmethod
    def latent_words(self) -> str:
        """How the latent variance is computed, for a reader."""

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the mean at a linear predictor; of one trial where there are several."""
        with np.errstate(over="ignore", divide="ignore"):
            return self.functions.inverse(eta)

    @abstractmethod
    def variance(self, mu: FloatArray) -> FloatArray:
        """Return the variance function: the variance at a mean, without the dispersion."""

    def valid(self, eta: FloatArray, mu: FloatArray) -> BoolArray:
        """Return where a linear predictor and its mean are possible."""
        # a square of a negative root is a mean too, but of another linear predictor
        on_branch = eta > 0 if self.link == "sqrt" else np.ones(eta.shape, dtype=np.bool_)
        return on_branch & np.isfinite(mu) & self._possible(mu)

    def latent(self, mu: float) -> float:
        """Return the variance of the response on the scale of the link, at a mean.

        Unless the family knows better, by the delta method: the variance of the response over
        the squared slope of the inverse link (Nakagawa, Johnson and Schielzeth 2017).
        """
        at = np.array([mu])
        slope = self.functions.slope(self.functions.link(at))
        return float(self.dispersion * self.variance(at)[0] / slope[0] ** 2)

    def _possible(self, mu: FloatArray) -> BoolArray:
        """Return which finite numbers can be means."""
        return mu > 0

    def _check_link(self) -> None:
        """Read the link: the default, or one of those the family can have."""
        if self.link == "":
            object.__setattr__(self, "link", self.links[0])
        elif not isinstance(self.link, str):
            raise ArgumentTypeError(
                f"nl.family({self.name!r}, link={self.link!r}): expected a name, such as "
                f"{self.links[0]!r}."
            )
        elif self.link not in self.links:
            raise ArgumentError(
                f"nl.family({self.name!r}, link={self.link!r}): expected the link "
                f"{_either(self.links)}."
            )

    def _check_positive(self, argument: str) -> None:
        """Read a parameter that is above 0."""
        what = f"nl.family({self.name!r}): {argument}"
        found = number(getattr(self, argument), what)
        if found <= 0:
            raise PopulationError(f"{what} is {found:g}; expected a number above 0.")
        object.__setattr__(self, argument, found)

    def __str__(self) -> str:
        said = [repr(self.name)]
        for each in fields(self):  # type: ignore[arg-type]  # every family is a dataclass
            value = getattr(self, each.name)
            default = self.links[0] if each.name == "link" else each.default
            if default is MISSING or value != default:
                said.append(f"{each.name}={_shown(value)}")
        return f"nl.family({', '.join(said)})"


def _shown(value: Any) -> str:
    """Write a value so that it reads back the same.

    Examples
    --------
    >>> _shown(2.0), _shown((0.1, 1.0)), _shown("n")
    ('2', '[0.1, 1]', "'n'")
    """
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return repr(int(value))
    return repr(value)


def _either(names: tuple[str, ...]) -> str:
    """Write 'a', 'b' or 'c'."""
    *first, last = map(repr, names)
    return f"{', '.join(first)} or {last}" if first else last
