"""What a formula may contain, where its errors point, and that nothing else runs or hangs."""

import pytest

from nestling.errors import FormulaError
from nestling.model.expressions import Binary, Name, Number, Unary, deparse
from nestling.model.parser import parse_expression

x, y, z = Name("x"), Name("y"), Name("z")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("x + y - z", Binary("-", Binary("+", x, y), z)),
        ("x + y * z", Binary("+", x, Binary("*", y, z))),
        ("x * y:z", Binary("*", x, Binary(":", y, z))),
        ("x:y^2", Binary(":", x, Binary("^", y, Number(2.0)))),
        ("x^y^z", Binary("^", x, Binary("^", y, z))),
        ("-x^y", Unary("-", Binary("^", x, y))),
        ("-x:y", Binary(":", Unary("-", x), y)),
        ("x^-y", Binary("^", x, Unary("-", y))),
        ("x %in% y / z", Binary("/", Binary("%in%", x, y), z)),
        ("x | y + z", Binary("|", x, Binary("+", y, z))),
        ("x > y + z", Binary(">", x, Binary("+", y, z))),
        ("x**y", Binary("^", x, y)),
        ("y ~ x", Binary("~", y, x)),
    ],
)
def test_operators_bind_as_in_r(text, tree):
    assert parse_expression(text) == tree


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a.b+.c", "a.b + .c"),
        ("`a b`*`c`", "`a b` * c"),
        ("f", "f"),
        ("größe", "größe"),
        ("`if`", "`if`"),
        ("I(x-100000)+I(x*0.10)", "I(x - 1e+05) + I(x * 0.1)"),
        ("I(x*2L)", "I(x * 2L)"),
        ("I(x %%2) %in% y", "I(x%%2) %in% y"),
        ("poly(x,degree=2,raw=TRUE)", "poly(x, degree = 2, raw = TRUE)"),
        ("factor(x,levels=c('a','b\"'))", 'factor(x, levels = c("a", "b\\""))'),
        ("(((x)))", "(((x)))"),
        ("-1+x", "-1 + x"),
        ("x\n +\ty", "x + y"),
    ],
)
def test_text_is_written_as_r_writes_it(text, shown):
    assert deparse(parse_expression(text)) == shown


@pytest.mark.parametrize(
    ("text", "message", "caret"),
    [
        ("y ~ x$z", r"'\$' has no meaning", 5),
        ("y ~ x + ", "The end stands where", 7),
        ("y ~ x + + * z", r"'\*' stands where", 10),
        ("y ~ (x + z", r"Expected '\)' but found the end", 10),
        ("y ~ x z", "'z' cannot stand here", 6),
        ("y ~ lgo(x)", "'lgo' is not a function.*Did you mean 'log'", 4),
        ("y ~ log()", r"log\(\) needs a column", 4),
        ("y ~ log(x,)", r"'\)' stands where", 10),
        ("~ x", "no response", 0),
        ("y ~ x = 2", "'=' cannot stand here", 6),
    ],
)
def test_errors_point_at_the_symbol(text, message, caret):
    with pytest.raises(FormulaError, match=message) as caught:
        parse_expression(text)
    *_, line, mark = str(caught.value).splitlines()
    assert line == f"  {text.rstrip()}" or line.startswith(f"  {text}")
    assert mark == " " * (caret + 2) + "^"


def test_an_empty_formula_is_refused():
    with pytest.raises(FormulaError, match=r"empty.*Write for instance"):
        parse_expression("  ")


BREAK_OUTS = [
    "y ~ __import__('os').system('true')",
    "y ~ I(__import__('os'))",
    "y ~ eval('1')",
    "y ~ exec(x)",
    "y ~ open('f')",
    "y ~ getattr(x, 'y')",
    "y ~ system('true')",
    "y ~ x.real()",
    "y ~ np.log(x)",
    "y ~ x[0]",
    "y ~ x@z",
    "y ~ base::system('true')",
    "y ~ (lambda: 1)()",
    "y ~ {x}",
    "y ~ x; z",
    "y ~ x # z",
    "y ~ x <- 2",
    "y ~ x\\z",
    "y ~ f'{x}'",
    "y ~ `x`(z)",
    "y ~ log(x)(z)",
    "y ~ 'a'(z)",
    "y ~ !x",
    "y ~ x & z",
    "y ~ x ? z",
    "y ~ $(ls)",
    "y ~ x\0z",
    "y ~ if (x) z else y",
    "y ~ function(x) x",
]


@pytest.mark.parametrize("text", BREAK_OUTS)
def test_only_the_grammar_is_read(text):
    with pytest.raises(FormulaError):
        parse_expression(text)


@pytest.mark.parametrize("text", ["y ~ os", "y ~ x.__class__.__mro__", "y ~ self"])
def test_python_names_are_names_of_columns(text):
    node = parse_expression(text).right
    assert isinstance(node, Name)


@pytest.mark.parametrize(
    "text",
    [
        "y ~ " + "(" * 9000 + "x" + ")" * 9000,
        "y ~ " + "-" * 20000 + "x",
        "y ~ " + "log(" * 5000 + "x" + ")" * 5000,
        "y ~ " + "^".join("x" * 5000),
        "y ~ " + ":".join("x" * 5000),
        "y ~ " + "*".join("x" * 5000),
        "y ~ " + "x" * 60_000,
        "y ~ " + "(x+" * 5000 + "x" + ")" * 5000,
    ],
    ids=["parentheses", "signs", "calls", "powers", "colons", "products", "length", "sums"],
)
def test_deep_and_long_formulas_are_refused_at_once(text):
    with pytest.raises(FormulaError, match=r"nested too deeply|characters"):
        parse_expression(text)
