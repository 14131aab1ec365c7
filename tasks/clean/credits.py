"""Agencies that the text itself is credited to: datelines, closing brackets, "propos recueillis par l'AFP"."""

import re
from functools import cache

from tasks.clean.folding import fold
from tasks.clean.lexicon import LANGUAGES, alternatives, lexicon, read_rules
from tasks.clean.line import Line
from tasks.clean.names import agency_line

OPENING_LINES = 4
"""Lines among which the first with a dateline stands: a list of key points may come before it."""
_DATELINE = re.compile(r"^[^.!?()]{0,60}\(([^()]{2,40})\)\s{0,2}[.:,]{0,2}\s{0,2}[-–—:]")
_BARE_DATELINE = re.compile(r"^([A-Za-z][\w/ -]{1,24}?)\s{0,2}[–—-]\s")
_CLOSING = re.compile(r"[(\[]([^()\[\]]{2,60})[)\]][\s.]*$")


@cache
def _in_text() -> re.Pattern[str]:
    phrases = {fold(p) for code in LANGUAGES for p in read_rules(code)["agency"]["credits"]}
    return re.compile(
        rf"(?<!\w)(?:{alternatives(phrases)})\s{{1,2}}(?:l'agence |l'|la |the |der )?(?P<name>{alternatives(lexicon().agencies)})(?!\w)"
    )


def text_agencies(paragraphs: list[Line]) -> tuple[str, ...]:
    """Return the agencies that the paragraphs are credited to, in the order found.

    A source quoted in the text ("selon l'agence KCNA") is no credit.
    """
    found: list[str] = []
    if paragraphs:
        found += next((names for line in paragraphs[:OPENING_LINES] if (names := _opening(line.text))), ())
        found += _closing(paragraphs[-1].text, alone=True)
    for line in paragraphs:
        found += _closing(line.text, alone=False)
        found += [lexicon().agencies[m["name"]] for m in _in_text().finditer(line.folded)]
    return tuple(dict.fromkeys(found))


def _opening(text: str) -> tuple[str, ...]:
    for pattern in (_DATELINE, _BARE_DATELINE):
        match = pattern.match(text[:120])
        if match:
            return agency_line(match.group(1)) or ()
    return ()


def _closing(text: str, *, alone: bool) -> tuple[str, ...]:
    """Return agencies in brackets at the end; a name alone only counts when `alone` allows it."""
    match = _CLOSING.search(text[-80:])
    if not match:
        return ()
    inside = match.group(1)
    if not alone and not any(fold(inside).startswith(o + " ") for o in lexicon().agency_openings):
        return ()
    return agency_line(inside) or ()
