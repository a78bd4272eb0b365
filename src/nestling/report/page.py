"""A page of HTML that stands alone: style inside, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

STYLE: Final = """\
:root { color-scheme: light; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1.25rem; color: #222; background: #fff;
       font: 16px/1.5 Georgia, 'Times New Roman', serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-bottom: .2rem;
     border-bottom: 1px solid #ccc; }
p { margin: .5rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .8rem 0; font: .79rem/1.45 system-ui, sans-serif;
        font-variant-numeric: tabular-nums; border: 0; }
caption { text-align: left; font-weight: 600; padding: .2rem 0; }
th, td { padding: .18rem .7rem .18rem 0; text-align: left; border: 0; white-space: nowrap;
         font-weight: 400; }
thead th { border-bottom: 1px solid #222; font-weight: 600; vertical-align: bottom; }
tbody tr:nth-child(even) { background: #f6f6f4; }
pre, code { font: .84rem/1.45 ui-monospace, Consolas, monospace; }
pre { background: #f6f6f4; padding: .8rem 1rem; overflow-x: auto; }
figure { margin: 1rem 0; }
figure svg { max-width: 100%; height: auto; }
footer { margin-top: 2.5rem; color: #666; font-size: .85rem; }
@media print { body { margin: 0; max-width: none; } }
"""


def page(title: str, parts: Iterable[tuple[str, str]], foot: str = "") -> str:
    """Return a page of headed parts.

    Parameters
    ----------
    title : str
        As text.
    parts : iterable of (str, str)
        Heading as text (empty for none) and contents as HTML.
    foot : str
        As text.

    Examples
    --------
    >>> made = page("A < B", [("Table", "<table></table>")])
    >>> "<h1>A &lt; B</h1>" in made, "<h2>Table</h2>" in made
    (True, True)
    """
    body = [f"<h1>{escape(title)}</h1>"]
    for heading, contents in parts:
        head = f"<h2>{escape(heading)}</h2>\n" if heading else ""
        body.append(f"<section>\n{head}{contents}\n</section>")
    if foot:
        body.append(f"<footer>{escape(foot)}</footer>")
    inside = "\n".join(body)
    return (
        "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body>\n{inside}\n</body>\n</html>\n"
    )


def paragraphs(lines: Iterable[str]) -> str:
    """Return lines of text as paragraphs.

    Examples
    --------
    >>> paragraphs(["a < b", ""])
    '<p>a &lt; b</p>'
    """
    return "\n".join(f"<p>{escape(line)}</p>" for line in lines if line.strip())
