"""One study drawn from a population: ids, predictors, response, and the true parts if asked."""

from math import inf
from typing import TYPE_CHECKING, Any, Literal

from nestling.arrays import FloatArray
from nestling.data.door import Frame, read
from nestling.design.design import Design
from nestling.errors import ArgumentTypeError, DesignError, PopulationError
from nestling.model.expressions import Expression, Function, names_in
from nestling.model.row_vectors import row_vector
from nestling.simulate.arrange import Coefficient, arrange, split_name
from nestling.simulate.columns import draw_columns, to_frame
from nestling.simulate.component_names import component_columns
from nestling.simulate.departing import Departing
from nestling.simulate.departures import Rows
from nestling.simulate.draw import scale_residuals
from nestling.simulate.drawing import standard_normals
from nestling.simulate.effects import draw_terms
from nestling.simulate.encode_rows import encode_rows
from nestling.simulate.family_draws import draw_response, refuse_family, trials_of
from nestling.simulate.inverse import response_of
from nestling.simulate.predictors import Clustered, Computed, Joint, column_names, is_random
from nestling.simulate.put_together import Parts, response
from nestling.simulate.seeds import Components, settled, streams_of
from nestling.simulate.units import enclosing, unit_of

if TYPE_CHECKING:
    from pandas import DataFrame

    from nestling.simulate.population import Population


def simulate(
    truth: "Population",
    design: Design,
    seed: Any,
    rng: Literal["numpy", "R"],
    *,
    components: bool,
) -> "DataFrame":
    """Draw one study; see `Population.simulate`.

    1. streams, 2. ids and predictors, 3. columns of X and Z, 4. random effects, 5. residuals,
    6. the response from its parts; of a family without residuals drawn around its mean.
    """
    if not isinstance(design, Design):
        raise ArgumentTypeError(
            f"design is of type {type(design).__name__}; expected a design such as "
            "nl.nested(Cluster=20, ID=50)."
        )
    design, seed = settled(design, seed, rng)
    _check_response(truth, design)
    refuse_family(truth, rng)
    parameters, formula = truth.parameters, truth.formula
    groups: dict[str, tuple[str, ...]] = {}
    for term in parameters.terms:
        groups[term.group] = groups.get(term.group, ()) + term.names
    drawn = tuple(name for name, each in truth.predictors.items() if is_random(each))
    labels = tuple(each.label for each in truth.departures)
    streams = streams_of(seed, rng, Components(drawn, groups, labels))
    columns = draw_columns(design, truth.predictors, streams.predictors)
    data = to_frame(columns)
    frame = read(data)
    fixed, terms, offset = encode_rows(formula, truth.needs.shown, frame, design, columns)
    departing = Departing(truth.departures, streams.departures)
    levels = [term.n_levels for term in terms]
    effects = draw_terms(parameters.terms, levels, streams.groups, departing.scores())
    weights = _weights(truth, frame)
    name = response_of(formula.response)
    rows = Rows(design, design.codes() if labels else {}, data, name.column)
    residuals = None
    if truth.family.has_residual:
        standard = departing.reshaped(standard_normals(streams.residual, design.n), rows)
        residuals = scale_residuals(standard, parameters.sigma, weights)
    extra = row_vector("offset", truth.offset, frame)
    if extra is not None:
        offset = extra if offset is None else offset + extra
    parts = Parts(parameters.names, fixed, parameters.beta, terms, effects, offset, residuals)
    arranged = _arranged(truth, design)
    eta = response(arranged, parts)
    if residuals is not None:
        data[name.column] = name.original(eta)
    else:
        trials = trials_of(truth.family, frame)
        data[name.column] = draw_response(truth.family, streams.residual, eta, trials, weights)
    if components:
        for label, values in component_columns(truth, arranged, parts, eta).items():
            if label in data:
                raise PopulationError(
                    f"components=True adds a column {label!r}, which the data already have. "
                    "Rename the predictor or unit."
                )
            data[label] = values
    return departing.changed(rows)


def _check_response(truth: "Population", design: Design) -> None:
    column = response_of(truth.formula.response).column
    if column in design.names:
        raise DesignError(
            f"{column!r} is a unit of the design and also the response; rename one of them."
        )


def _weights(truth: "Population", frame: Frame) -> FloatArray | None:
    weights = row_vector("weights", truth.weights, frame)
    if weights is not None and weights.min() <= 0:
        row = int(weights.argmin())
        raise PopulationError(
            f"The weight {truth.weights!r} is {weights[row]:g} in row {row}; the residual variance "
            "is divided by the weight, so weights are above 0."
        )
    return weights


def _arranged(truth: "Population", design: Design) -> tuple[Coefficient, ...]:
    """Sort the model into Level-1 coefficients, by the level each column has in this design."""
    encoding = truth.needs.shown.encoding
    nodes = dict(zip(encoding.fixed.variables, encoding.fixed.expressions, strict=True))
    depth = {
        text: max(_depth(truth, design, name) for name in names_in(_varying(node)))
        for text, node in nodes.items()
    }
    pieces = []
    for name, term in zip(truth.parameters.names, truth.needs.shown.assign, strict=True):
        variables = encoding.fixed_coding[term - 1].variables if term else ()
        split = split_name(name) if len(variables) > 1 else [name]
        if len(split) != len(variables):  # a category's own name has a colon
            split = [name] if variables else []
            variables = (max(variables, key=depth.__getitem__),) if variables else ()
        pieces.append([(part, depth[v]) for part, v in zip(split, variables, strict=True)])
    groups = [
        max(_depth(truth, design, name) for node in bar.factors for name in names_in(node))
        for bar in truth.formula.random
    ]
    effects = [term.names for term in truth.parameters.terms]
    return arrange(truth.parameters.names, pieces, effects, groups)


def _varying(node: Expression) -> Expression:
    """Return the part of an expression whose level is its own: the groups of between()."""
    if isinstance(node, Function) and node.name == "between":
        return node.arguments[-1]
    return node


def _depth(truth: "Population", design: Design, name: str) -> float:
    """Place of a variable's level, 0 outermost; infinite where every row has its own value."""
    unit = _unit(truth, design, name)
    return inf if unit is None else design.names.index(unit)


def _unit(truth: "Population", design: Design, column: str) -> str | None:
    """Find the unit at which a column varies; None where every row has a value of its own."""
    if column in design.names:
        return None if design.sizes[column] == design.n else column
    for name, predictor in truth.predictors.items():
        names = column_names(name, predictor)
        if column not in names:
            continue
        if isinstance(predictor, Computed):
            units = [_unit(truth, design, each) for each in predictor.names]
            known = [unit for unit in units if unit is not None]
            return None if None in units else max(known, key=design.names.index, default=None)
        what = f"The predictor {name!r}"
        unit = unit_of(design, predictor.level, what)
        own = predictor.own if isinstance(predictor, Joint) else predictor
        place = names.index(column)
        if place < 2 or not isinstance(own, Clustered):
            return unit
        return enclosing(design, unit, own.icc[place - 2][0], what)
    return None
