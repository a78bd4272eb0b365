"""Tables and how they are drawn: text, HTML, LaTeX."""
