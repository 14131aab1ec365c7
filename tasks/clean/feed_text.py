"""The text of a feed's item: its markup to lines, and what programs print around it, cut with its reason."""

import re
from functools import cache
from html import unescape
from typing import NamedTuple

from schemas.article import BlockRole, RemovedBlock
from tasks.clean.folding import core, fold, squeeze
from tasks.clean.lexicon import read_rules
from tasks.clean.markup import has_markup, stripped_lines
from tasks.clean.paragraphs import unwrap

TITLE_LONGEST = 300
"""Characters of the longest title taken from a feed; what is longer is a text."""
LAST_LINES = 8
"""Lines under the text that programs print at most: a link, a credit, an aggregator's numbers."""
LINE_LONGEST = 500
"""Characters of the longest such line: a headline and the site's name stand in it."""
MORE_LONGEST = 200
"""Characters of the longest link to the rest: `Continue reading` and the headline."""
CAPTION_LONGEST = 1000
"""Characters of the longest caption; an element that is longer was never closed."""
FEW_WORDS = 60
"""Words below which an item is a summary: programs that cut a text by themselves leave 55."""
BREAKING_OFF = 150
"""Words below which an ellipsis at the end means that the text was cut; a long one may end so by itself."""
WORD_LONGEST = 10
"""Characters of a word on average, in any language that parts its words: of a text with longer ones no words are counted."""
_CAPTION = re.compile(r"</?figcaption\b[^<>]*>", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;/?(?:p|br|div|a|b|i|em|strong|h[1-6]|ul|li|img|span)\b", re.IGNORECASE)
_CUT_SIGN = re.compile(r"[\[(]\s?(?:…|\.{3})\s?[\])]?\s*$")
_ELLIPSIS = re.compile(r"(?:…|\.{3})\s*$")
_ENDING = re.compile(r"[\s\])}>»→›▸▶:.…\-]*$")
_WORD = re.compile(r"[^\W_]+")
_ARROW = re.compile(r"[>»→›▸▶]\s*$")


class FeedText(NamedTuple):
    """The lines of an item, what was cut around them, and what shows that they are only the beginning, if anything does."""

    lines: tuple[str, ...]
    removed: tuple[RemovedBlock, ...]
    evidence: str | None

    @property
    def text(self) -> str:
        """The lines as paragraphs."""
        return "\n\n".join(self.lines)


class _Rules(NamedTuple):
    credit: re.Pattern[str]
    more: re.Pattern[str]
    where: re.Pattern[str]
    machine: re.Pattern[str]
    articles: frozenset[str]


@cache
def _rules() -> _Rules:
    book = read_rules("feeds")
    rules = {name: "|".join(patterns) for name, patterns in book.items()}
    return _Rules(
        credit=re.compile(rf"^(?:{rules['credit_openings']})\s(.{{0,400}}?)\s?(?:{rules['credit_verbs']})\s(.{{1,120}})$"),
        more=re.compile(rf"""(?:^|(?<=[.!?"'\])])|(?<=[\s\[(>-]))[\[(<]{{0,2}}\s?({rules["more"]})(?!\w)"""),
        where=re.compile(rf"^(?:{rules['more_where']})(?!\w)"),
        machine=re.compile(rf"^(?:{rules['machine']})$"),
        articles=frozenset(book["articles"]),
    )


def feed_title(title: str | None) -> str | None:
    """Return an item's title as one line without markup, its references to characters resolved, or None when it is empty."""
    lines = stripped_lines(unescape(title or "")[: 10 * TITLE_LONGEST])
    return unescape(" ".join(lines))[:TITLE_LONGEST].strip() or None


def names_site(title: str, domain: str | None) -> bool:
    """Return whether a title only repeats the name of the site that publishes under `domain`: `Le Quai` of `le-quai.example`."""
    names = {"".join(_WORD.findall(name)) for name in (domain or "", (domain or "").split(".")[0])} - {""}
    words = _WORD.findall(fold(title[:TITLE_LONGEST]))
    return bool(words) and ("".join(words) in names or (words[0] in _rules().articles and "".join(words[1:]) in names))


def feed_text(html: str | None, title: str | None) -> FeedText:
    """Return the text of an item whose markup is `html`: all that it shows, but captions and what programs add at the end."""
    shown, captions = _without_captions(_unescaped(html or ""))
    lines = _lines(shown)
    removed: list[RemovedBlock] = []
    evidence = None
    while lines and len(removed) < LAST_LINES:
        cut = _at_the_end(lines[-1], core(fold(title or "")))
        if cut is None:
            break
        kept, block = cut
        evidence = block.text if block.reason == "feed_more" else evidence
        removed.insert(0, block)
        lines[-1:] = [kept] if kept else []
    return FeedText(tuple(lines), (*captions, *removed), evidence or _broken_off(lines))


def few_words(text: str) -> str | None:
    """Return how many words a text has when it has no more than a summary, else None."""
    return f"{len(text.split())} words" if _shorter(text, FEW_WORDS) else None


def _shorter(text: str, words: int) -> bool:
    return len(text) < WORD_LONGEST * words and len(text.split()) < words


def _unescaped(html: str) -> str:
    """Return markup that was escaped once too often as the markup that it is."""
    return unescape(html) if not has_markup(html) and _ESCAPED.search(html) else html


def _without_captions(html: str) -> tuple[str, tuple[RemovedBlock, ...]]:
    kept: list[str] = []
    captions: list[str] = []
    parts = _CAPTION.split(html)
    signs = ["", *_CAPTION.findall(html)]
    for i, (sign, part) in enumerate(zip(signs, parts, strict=True)):
        closed = i + 1 < len(signs) and signs[i + 1].startswith("</")
        opened = sign and not sign.startswith("</")
        if opened and closed and len(part) <= CAPTION_LONGEST:
            captions += stripped_lines(part)
        else:
            kept.append(part)
    return "\n".join(kept), tuple(RemovedBlock(role="caption", reason="figcaption", text=text) for text in captions)


def _lines(html: str) -> list[str]:
    if has_markup(html):
        return stripped_lines(squeeze(html))
    return [line for raw in unwrap(unescape(html)).splitlines() if (line := squeeze(raw))]


def _at_the_end(line: str, title: str) -> tuple[str, RemovedBlock] | None:
    """Return what is left of a last line without what a program printed there, and that; None when it printed nothing."""
    folded = fold(line)
    if len(line) <= LINE_LONGEST and _rules().machine.match(folded.strip()):
        return "", _block("furniture", "feed_machine", line)
    if len(line) <= LINE_LONGEST and _is_credit(line, folded, title):
        return "", _block("furniture", "feed_credit", line)
    start = _more_at(line, folded, title)
    return (line[:start].rstrip(), _block("related", "feed_more", line[start:].strip())) if start is not None else None


def _block(role: BlockRole, reason: str, text: str) -> RemovedBlock:
    return RemovedBlock(role=role, reason=reason, text=text)


def _is_credit(line: str, folded: str, title: str) -> bool:
    """Say whether a line names the site where the item appeared: with its title, or two names where a sentence has words."""
    match = _rules().credit.match(folded)
    if not match:
        return False
    named = core(match[1])
    if named and title and (named in title or title in named):
        return True
    starts = [line[position : position + 1] for position in (match.start(1) if named else match.start(2), match.start(2))]
    return not any(sign.islower() for sign in starts)


def _more_at(line: str, folded: str, title: str) -> int | None:
    """Return where a link to the rest of the text begins at the end of a line, or None."""
    offset = max(0, len(line) - MORE_LONGEST - len(title))
    for match in _rules().more.finditer(folded, offset):
        rest = _ENDING.sub("", folded[match.end() :]).lstrip(" :\"'-")
        alone = match.start() == 0
        marked = not line[match.start(1)].islower() or line[match.start()] in "[(<"
        if (alone or (marked and _after_a_sentence(line[: match.start()]))) and _is_link(line, rest, title, alone=alone):
            return match.start()
    return None


def _after_a_sentence(before: str) -> bool:
    return before.rstrip(" [(<>»→›-")[-1:] in {".", "!", "?", "…", '"', "”", "»", "'", "]", ")"}


def _is_link(line: str, rest: str, title: str, *, alone: bool) -> bool:
    """Say whether nothing stands after the words of a link but its arrow, the headline, or where it leads."""
    words = core(rest)
    if not words or (title and words == title) or _ARROW.search(line):
        return True
    return alone and bool(_rules().where.match(words)) and not line.rstrip().endswith(".")


def _broken_off(lines: list[str]) -> str | None:
    last = lines[-1] if lines else ""
    if _CUT_SIGN.search(last):
        return "ends with […]"
    return "ends with …" if _ELLIPSIS.search(last) and _shorter(" ".join(lines), BREAKING_OFF) else None
