"""trafilatura, called in one place: a page in, lines of text out."""

from typing import Any

from lxml.html import HtmlElement


def extract_lines(page: str | HtmlElement, *, fast: bool = False, precision: bool = False, url: str | None = None) -> list[str]:
    """Return the lines of the body that trafilatura finds, without comments, links and formatting.

    An empty list when it finds nothing or fails. Metadata is read elsewhere: its reader takes a third of
    the time and invents dates.
    """
    from trafilatura import bare_extraction  # .6 s to import: only where pages are cleaned

    try:
        document: Any = bare_extraction(
            page, url=url, fast=fast, favor_precision=precision, include_comments=False, include_formatting=False, with_metadata=False
        )
    except (ValueError, TypeError, AttributeError, RecursionError, AssertionError):  # seen on broken trees; the caller falls back
        return []
    text = document.text if document is not None else None
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
