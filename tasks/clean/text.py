"""A plain-text document to an article: the line pass, then the same extractor as for web pages."""

import re

from schemas.article import Access, Article, Stamp
from schemas.document import RawDocument
from tasks.clean.dates import Clock, infer_day
from tasks.clean.lines import read_lines
from tasks.clean.paragraphs import unwrap
from tasks.clean.reading import Reading
from tasks.clean.render import extracted_text
from tasks.clean.url import absolute_url, normalize_url, registered_domain

DAY_NAMED = "text:day_named"
"""The rule of a date that is inferred from the day that a text names."""
ASIDE_LONGEST = 60
"""Characters of the longest line without a stop that may close a whole text."""
MOST_ASIDE = 8
"""Lines of the longest table or list that may close one."""
_CLOSING_BRACKET = re.compile(r"\s*[(\[][^()\[\]]{1,60}[)\]]\s*$")
"""A credit or a sign after the last sentence."""
_SIGNATURE = re.compile(
    r"(?<=[.!?»”\"])\s?(?:[-–—■*©]\s?)?"
    r"(?:[A-ZÀ-Ž]{2,9}(?:[ /.-]{1,2}[A-Za-z]{2,7}){0,3}|(?:/\w{2,4}){1,5}/?|\[[^\[\]]{2,20}\]|[■*#-]{1,5}\d?-?)$"
)
"""Agencies and initials behind it, without brackets: `... to come. PTI COR MNK`, `/tas/mis/jha/`."""


def clean_text(text: str, document: RawDocument, clock: Clock) -> Article | None:
    """Return the article in a plain text, or None when no line of text is left."""
    reading = read_lines(unwrap(text), clock)
    if not reading.text:
        return None
    article = article_of(reading, document, document.url, registered_domain(document.url) or document.source)
    return article if article.published else article.model_copy(update={"published": inferred(reading, clock)})


def article_of(reading: Reading, document: RawDocument, url: str | None, source: str) -> Article:
    """Return the article that a reading with text holds, without a date that is only inferred."""
    text = body_text(reading)
    return Article(
        text=text,
        title=reading.title,
        dek=reading.dek,
        byline=reading.byline,
        agency=reading.agency,
        published=reading.published,
        updated=reading.updated,
        url=absolute_url(url),
        canonical_url=normalize_url(url),
        source=source,
        channel=document.channel,
        access=access_of(reading),
        access_note=reading.access_note,
        text_share=share(text, reading.size),
        found_by={"published": DAY_NAMED} | reading.found_by,
        removed=reading.removed,
    )


def share(text: str, whole: int) -> float | None:
    """Return the share of `whole` characters that a text is, 0 to 1; None of nothing. The blank lines between paragraphs do not count."""
    return round(min(1.0, (len(text) - text.count("\n")) / whole), 4) if whole else None


def body_text(reading: Reading) -> str:
    """Return the text of a reading as the web extractor gives it, if it keeps every line; else our own lines."""
    return extracted_text(reading) or reading.text


def inferred(reading: Reading, clock: Clock) -> Stamp | None:
    """Return the day of writing named in the text without a year, or None."""
    return infer_day(((line.text, line.folded) for line in reading.kept), clock)


def access_of(reading: Reading) -> Access:
    """Return how much of the article is there.

    A notice makes a teaser, a counter of free articles a metered one. Otherwise a text that ends like a text is taken
    for whole: nothing speaks against it. One that breaks off is 'unknown': it may be cut, or a list, or verse. A short
    line after whole paragraphs is a result, a heading or a credit, and does not break anything off.
    """
    if reading.paywalled:
        return "teaser"
    if reading.metered:
        return "metered"
    last = _SIGNATURE.sub("", _CLOSING_BRACKET.sub("", reading.kept[-1].text)).rstrip(" »”\"')]’/") if reading.kept else ""
    if any(block.reason.startswith("paywall") for block in reading.removed) or last.endswith(("…", "...", "[…")):
        return "unknown"
    if last.endswith((".", "!", "?", "。")):
        return "full"
    whole = any(line.is_prose and line.ends_with_stop for line in reading.kept[-MOST_ASIDE - 1 : -1])
    return "full" if whole and len(last) < ASIDE_LONGEST and not last.endswith((",", ";", ":")) else "unknown"
