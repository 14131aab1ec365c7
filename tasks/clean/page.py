"""A web page to an article: trafilatura for the body, our own reader for the facts, the line rules on both."""

import re
from dataclasses import replace
from html import unescape

from lxml.html import HtmlElement

from schemas.article import Access, Article, RemovedBlock, Stamp
from schemas.document import RawDocument
from tasks.clean.dates import Clock
from tasks.clean.extractor import extract_lines
from tasks.clean.folding import core, fold
from tasks.clean.jsonld import article_node
from tasks.clean.lead import find_lead
from tasks.clean.lines import read_body_lines
from tasks.clean.markup import stripped_lines, visible_size, without_invisible
from tasks.clean.metadata import PageMetadata, read_metadata
from tasks.clean.reading import Reading
from tasks.clean.said import Said, first_said
from tasks.clean.stamps import machine_stamp
from tasks.clean.text import DAY_NAMED, access_of, inferred, share
from tasks.clean.url import absolute_url, canonical_address, registered_domain

LARGEST = 2_000_000
"""Characters above which trafilatura's time grows with the square of the size."""
MOST_TAGS = 50_000
"""Tags of the largest page that is handed to trafilatura: articles have hundreds, and its time grows faster than their number."""
SHORT = 1500
"""Characters below which the careful pass may have missed the body, so the usual pass is asked too."""
SUSPECT = 0.4
"""Share of the page's paragraphs below which the careful pass may have missed the body."""
SHARE = 0.75
"""Share of the usual pass's length below which the careful pass counts as having missed it; .6 to .9 measure alike."""
PARAGRAPH = 60
"""Characters of the shortest paragraph that is no label."""
HIDDEN = 600
"""Characters of the body below which a page's structured data are asked for its text: scripts may put the text there first."""
STATED = 2
"""How many times longer a text must be that takes the place of another. A parser gives up below 256 levels of nesting."""
AUTHOR_LINES = 3
"""Lines at the head and the foot of a page's text in which its author may stand alone."""
_CONTROL_REFERENCE = re.compile(
    r"&#(?:0{0,4}(?:\d|[12]\d|3[01]|12[7-9]|1[345]\d)|x0{0,4}(?:1?[0-9a-f]|7f|[89][0-9a-f]|d[89a-f][0-9a-f]{2}));", re.IGNORECASE
)
"""References to characters that no text holds; browsers read those from 128 to 159 as Windows-1252, libxml2 does not."""
LONGEST_TAG = 20_000
"""Characters of the longest tag whose attributes are read: the parser's time grows with the square of their number."""
_LONG_TAG = re.compile(rf"<([a-z][a-z0-9]*)\s[^<>]{{{LONGEST_TAG},}}>", re.IGNORECASE)
_DATED_ADDRESS = re.compile(r"/(?:19|20)\d\d[-/]?[01]\d[-/]?[0-3]\d(?!\d)|[/\-][0-3]\d-[01]\d-(?:19|20)\d\d(?!\d)")
_START = re.compile(r"^\s*(?:<!doctype\s+html|<html[\s>]|<\?xml[^>]*>\s*<(?:!doctype\s+)?html)", re.IGNORECASE)


def looks_like_page(text: str) -> bool:
    """Return whether a text begins like an HTML page, whatever its file was called."""
    return bool(_START.match(text[:500]))


def clean_page(html: str, document: RawDocument, clock: Clock) -> Article | None:
    """Return the article of a page, or None when no text can be found in it."""
    from trafilatura.utils import load_html

    html = _LONG_TAG.sub(r"<\1>", html) if len(html) > LONGEST_TAG else html
    light = _CONTROL_REFERENCE.sub(lambda found: unescape(found.group()), _lightened(html))
    tree = load_html(light) if len(light) <= LARGEST and light.count("<") <= MOST_TAGS else None
    url = absolute_url(document.url)
    if tree is None:
        return _article(PageMetadata(), stripped_lines(light), None, document, clock)
    facts = read_metadata(tree, url, clock)
    visible = visible_size(tree)
    body = body_lines(tree, url)
    if sum(map(len, body)) < HIDDEN:
        body = _hidden_lines(body, light, tree, facts)
    facts.lead = tuple(find_lead(facts, body))
    lines = [*facts.lead, *body] or stripped_lines(light)
    article = _article(facts, lines, tree, document, clock) or _article(facts, stripped_lines(light), tree, document, clock)
    return article.model_copy(update={"text_share": share(article.text, visible)}) if article else None


def _hidden_lines(body: list[str], light: str, tree: HtmlElement, facts: PageMetadata) -> list[str]:
    """Return the lines of a page with hardly any body: those of its structured data, or those that the parser lost, if there are more."""
    stated = stripped_lines(facts.body or "")
    if sum(map(len, stated)) > STATED * sum(map(len, body)):
        return stated
    visible = stripped_lines(light)
    return visible if sum(map(len, visible)) > STATED * len(tree.text_content()) else body


def _lightened(html: str) -> str:
    """Return a large page without scripts, styles and comments; a normal one as it is."""
    return without_invisible(html, keep_head=True) if len(html) > LARGEST else html


def body_lines(tree: HtmlElement, url: str | None = None) -> list[str]:
    """Return the lines of the body: the quick careful pass, or the full usual one where the quick one has too little.

    The usual pass costs twice as much, so it is asked only where the careful result is short or leaves out most paragraphs.
    """
    careful = extract_lines(tree, precision=True, fast=True, url=url)
    size = sum(map(len, careful))
    if size >= SHORT and size >= SUSPECT * _paragraphs(tree):
        return careful
    usual = extract_lines(tree, url=url)
    return usual if size < SHARE * sum(map(len, usual)) else careful


def _paragraphs(tree: HtmlElement) -> int:
    """Return how many characters stand in paragraphs of a page, those of labels and links left out."""
    sizes = (len("".join(p.itertext()).strip()) for p in tree.iter("p"))
    return sum(size for size in sizes if size >= PARAGRAPH)


def _without_authors(lines: list[str], names: tuple[str, ...]) -> tuple[list[str], tuple[RemovedBlock, ...]]:
    """Return the lines without those at either end that are only the name of an author of the page, and those."""
    known = {fold(name) for name in names}
    ends = {*range(AUTHOR_LINES), *range(len(lines) - AUTHOR_LINES, len(lines))}
    alone = {n for n in ends if 0 <= n < len(lines) and fold(lines[n]) in known}
    blocks = tuple(RemovedBlock(role="byline", reason="author_of_page", text=lines[n]) for n in sorted(alone))
    return [line for n, line in enumerate(lines) if n not in alone], blocks


def _article(facts: PageMetadata, lines: list[str], tree: HtmlElement | None, document: RawDocument, clock: Clock) -> Article | None:
    lines, authors = _without_authors(lines, facts.byline)
    reading = read_body_lines("\n".join(lines), clock, title=facts.title, declared=facts.language)
    if not reading.text:
        return None
    url = absolute_url(document.url)
    canonical = canonical_address(facts.canonical, url)
    rule, published = first_said(_published(facts, reading, tree, url, clock))
    by_dek, dek = ("lines:dek", reading.dek) if reading.dek else ("page:lead", _dek(facts, reading))
    lead = f"{reading.dek}\n\n" if reading.dek else ""  # part of what was written, here as in the lead
    return Article(
        text=lead + reading.text,
        title=facts.title,
        dek=dek,
        byline=facts.byline or _signed(reading),
        agency=tuple(dict.fromkeys((*facts.agency, *reading.agency))),
        section=facts.section,
        keywords=facts.keywords,
        published=published,
        updated=facts.updated or reading.updated,
        url=url or absolute_url(facts.canonical),
        canonical_url=canonical,
        image_url=facts.image_url,
        source=registered_domain(url) or registered_domain(canonical) or document.source,
        channel=document.channel,
        declared_language=facts.language,
        access=_access(facts, reading),
        access_note=reading.access_note,
        rights=facts.rights,
        found_by=reading.found_by | facts.found_by | {name: by for name, by in (("published", rule), ("dek", by_dek)) if by},
        removed=(*authors, *reading.removed),
    )


def _published(facts: PageMetadata, reading: Reading, tree: HtmlElement | None, url: str | None, clock: Clock) -> Said[Stamp]:
    """Give the dates of publication, the most trusted first; what costs more is asked only when nothing stands before it."""
    if facts.published:
        yield facts.found_by["published"], facts.published
    if stamp := _printed(reading):
        yield "text:date_line", stamp
    if stamp := _by_htmldate(tree, url, clock):
        yield "htmldate", stamp
    if stamp := inferred(reading, clock):
        yield DAY_NAMED, stamp


def _printed(reading: Reading) -> Stamp | None:
    """Return the date in the lines of the text; one behind a bullet is a fact that the page lists."""
    stamp = reading.published
    return stamp if stamp and stamp.raw[:1] not in "-•*–" else None


def _signed(reading: Reading) -> tuple[str, ...]:
    """Return the names of the lines that say that they are bylines: a name alone in a page's text may be a label."""
    alone = {fold(block.text) for block in reading.removed if block.reason == "name_alone"}
    return tuple(name for name in reading.byline if fold(name) not in alone)


def _dek(facts: PageMetadata, reading: Reading) -> str | None:
    """Return the page's lead, or its description when that is printed over the body; one written for search engines is no dek."""
    if facts.lead:
        return facts.lead[0]
    wanted = core(fold(facts.description or ""))
    printed = (line.text for line in reading.kept[:2])
    return next((text for text in printed if wanted and core(fold(text)) == wanted), None)


def _access(facts: PageMetadata, reading: Reading) -> Access:
    seen = access_of(reading)
    if facts.free is False and seen != "teaser":
        return "unknown"
    return seen


def _by_htmldate(tree: HtmlElement | None, url: str | None, clock: Clock) -> Stamp | None:
    """Return htmldate's date, asked only where page or address say that it is an article: elsewhere one in four is invented."""
    if tree is None or not (_DATED_ADDRESS.search(url or "") or tree.xpath("boolean(.//article)") or article_node(tree)):
        return None
    from htmldate import find_date

    try:
        found = find_date(tree, url=url, extensive_search=False, original_date=True, outputformat="%Y-%m-%d")
    except (ValueError, TypeError, AttributeError, RecursionError, AssertionError):  # broken trees
        return None
    return machine_stamp(found, "htmldate", replace(clock)) if found else None
