"""The checks of a fit gathered: what was found, in plain words."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.report.table import Table
from nestling.results.check_assumptions import collinearity, modes, residuals
from nestling.results.check_fit import convergence, dropped, singularity
from nestling.results.check_influence import influential
from nestling.results.finding import Finding

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.influence import Influence
    from nestling.results.lmer_fit import LmerFit

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Check:
    """What the checks of a fit found.

    Attributes
    ----------
    formula : str
    findings : tuple of Finding
    influence : tuple of Influence
        Of the grouping factors whose levels were left out one by one.
    """

    formula: str
    findings: tuple[Finding, ...]
    influence: tuple[Influence, ...]

    @property
    def fine(self) -> bool:
        """Whether nothing was found to look at."""
        return all(each.verdict in {"fine", "not tested"} for each in self.findings)

    @property
    def table(self) -> pd.DataFrame:
        """One row per check: `verdict`, `says`, `test`, `statistic`, `p_value`."""
        import pandas as pd

        columns = ["verdict", "says", "test", "statistic", "p_value"]
        rows = [[getattr(each, name) for name in columns] for each in self.findings]
        index = pd.Index([each.topic for each in self.findings], name="check")
        return pd.DataFrame(rows, columns=columns, index=index)

    def _verdict(self) -> str:
        wrong = [each.topic for each in self.findings if each.verdict == "problem"]
        look = [each.topic for each in self.findings if each.verdict == "look"]
        if wrong:
            return f"Resolve first: {', '.join(wrong)}."
        if look:
            return f"Worth a look: {', '.join(look)}."
        return "Nothing stands out."

    def __str__(self) -> str:
        lines = [f"Check of {self.formula}", ""]
        for each in self.findings:
            mark = {"fine": " ", "look": "?", "problem": "!", "not tested": "-"}[each.verdict]
            lines += [f"{mark} {each.topic}"]
            lines += textwrap.wrap(
                each.says, WIDTH, initial_indent="    ", subsequent_indent="    "
            )
        return "\n".join([*lines, "", *textwrap.wrap(self._verdict(), WIDTH)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return Table(
            ("Check", "Verdict", "What was found"),
            tuple((each.topic, each.verdict, each.says) for each in self.findings),
            ("left", "left", "left"),
            f"Check of {self.formula}",
            (self._verdict(),),
        ).to_html()


def check(fit: LmerFit, influence: Any, alpha: Any) -> Check:
    """Gather the checks of a fit; see `LmerFit.check`."""
    if not isinstance(influence, bool):
        raise ArgumentTypeError(f"influence={influence!r} must be True or False.")
    if not isinstance(alpha, float) or not 0.0 < alpha < 1.0:
        raise ArgumentError(f"alpha={alpha!r}; a significance level is between 0 and 1, as 0.01.")
    found = [convergence(fit), singularity(fit), *dropped(fit)]
    found += [*collinearity(fit), *residuals(fit, alpha), *modes(fit, alpha)]
    examined: tuple[Influence, ...] = ()
    if influence:
        more, examined = influential(fit, alpha)
        found += more
    return Check(fit.formula.text, tuple(found), examined)
