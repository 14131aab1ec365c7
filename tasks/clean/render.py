"""Kept lines as a small annotated page, and the web extractor's reading of it.

Plain text goes the same way as a page in the end, so that both give the same form of text. The extractor
may not lose or change anything here: where it does not give our lines back, our lines stand.
"""

from html import escape

from tasks.clean.extractor import extract_lines
from tasks.clean.reading import Reading

LONGEST = 200_000
"""Characters from which the second reading is left out: it costs time and can only confirm."""


def render_page(reading: Reading) -> str:
    """Return the kept lines as an HTML page: subheadings as `<h2>`, everything else as `<p>`."""
    blocks = "".join(
        f"<{tag}>{escape(text)}</{tag}>" for tag, text in ((("h2" if line.role == "heading" else "p"), line.text) for line in reading.kept)
    )
    return f"<html><body><article>{blocks}</article></body></html>"


def extracted_text(reading: Reading) -> str | None:
    """Return the kept lines as the extractor gives them, or None unless they are the same words line for line."""
    kept = [line.text for line in reading.kept]
    if sum(map(len, kept)) > LONGEST:
        return None
    lines = extract_lines(render_page(reading), fast=True)
    same = [line.split() for line in lines] == [line.split() for line in kept]
    return "\n\n".join(lines) if same else None
