"""Agencies by name: which agency a credit means, and whether a line is nothing but agencies."""

import re
from collections.abc import Iterator

from tasks.clean.folding import core, fold
from tasks.clean.lexicon import lexicon, notice_words

CREDIT_LONGEST = 80
"""Characters of the longest line of agencies alone."""
CAPITALS = re.compile(r"^[A-Z]{2,6}$")
"""An agency's or a desk's code."""
UNNAMED = frozenset(notice_words("agencies_unnamed").split("|"))
_INITIALS_AND_AGENCY = re.compile(r"^\(\w{2,20}/\w{2,12}\)\.?$")
"""`(hb/dpa)`, `(Online/ANSA)` in a line of their own."""
_ARTICLES = re.compile(rf"^(?:(?:{notice_words('agency_articles')})\s+|l')")
_KIND_AFTER = re.compile(r"\s(?:agence|agency|agentur|agencia|agenzia|news)$")
_SOURCE = re.compile(rf"^(?:{notice_words('source_labels')})\s?:")
_JOINED = re.compile(r"^(?:et|and|und|y|e|&)\s")
_INPUTS = re.compile(r"\s(?:inputs?|staff|feed|nachrichtenagentur)$")


def agency_name(text: str) -> str | None:
    """Return the usual short name of the news agency that the text names, or None."""
    known = lexicon().agencies
    folded = core(fold(text))
    return known.get(folded) or known.get(_ARTICLES.sub("", folded)) or known.get(_KIND_AFTER.sub("", folded))


def agency_line(text: str) -> tuple[str, ...] | None:
    """Return the agencies when the text is nothing but agency names ("Avec AFP et Reuters"), else None.

    An empty tuple means agencies that are not named ("avec agences").
    """
    line = core(fold(text))
    if not line or len(line) > CREDIT_LONGEST:
        return None
    source = _SOURCE.match(line)
    named = _among_sources(line[source.end() :]) if source else ()
    if named:
        return named
    bodies = [line]
    if line.startswith(lexicon().agency_openings):
        bodies += [line[len(o) :].strip(" :'-") for o in lexicon().agency_openings if _begins(line, o)]
    bodies = [_INPUTS.sub("", _JOINED.sub("", body)) for body in bodies]
    for body in dict.fromkeys(bodies):
        found = _all_agencies(body, text)
        if found is not None:
            return found
    return None


def _among_sources(body: str) -> tuple[str, ...]:
    """Return the agencies in a list of sources: `Stadtfunk, dpa/lhe`."""
    return tuple(dict.fromkeys(name for part in re.split(r"[,;/]", body) if (name := agency_name(part))))


def _begins(line: str, phrase: str) -> bool:
    return line.startswith(phrase) and len(line) > len(phrase) and (phrase.endswith("'") or not line[len(phrase)].isalnum())


def _all_agencies(body: str, printed: str) -> tuple[str, ...] | None:
    if body in UNNAMED:
        return ()
    parts = list(_agency_parts(body))
    if any(part in lexicon().capital_agencies and part.upper() not in re.findall(r"\w+", printed) for part in parts):
        return None
    names = [agency_name(p) for p in parts]
    if not any(names) or not all(n or _code(p, printed) or _bracketed(printed) for n, p in zip(names, parts, strict=True)):
        return None
    return tuple(dict.fromkeys(n for n in names if n))


def _agency_parts(body: str) -> Iterator[str]:
    """Give the agencies and codes of a credit one by one; a hyphen parts two of them, or stands in the name of one."""
    if body in lexicon().agencies:
        yield body
        return
    for part in filter(None, re.split(r"\s*[/,;&+|،]\s*|\s-\s|\s(?:et|and|und|y|e|avec|with|mit)\s", body)):
        yield from (part,) if agency_name(part) else filter(None, part.split("-"))


def _bracketed(printed: str) -> bool:
    """Return whether a whole line is two short words in brackets: an author's initials or an outlet before the agency."""
    return bool(_INITIALS_AND_AGENCY.match(printed))


def _code(part: str, printed: str) -> bool:
    """Return whether it is a desk's code beside an agency: `AFP/VNA/CVN`, `(ats afp/nxp)`."""
    if part in UNNAMED:
        return True
    folded = fold(printed)
    beside = f"/{part}" in folded or f"{part}/" in folded
    return beside and bool(CAPITALS.match(part.upper())) and part not in lexicon().photo_names
