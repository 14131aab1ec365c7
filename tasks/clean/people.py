"""Authors from metadata: people and outlets kept apart from agencies and from nobody."""

import re
from collections.abc import Iterator
from typing import Any

from tasks.clean.agencies import agency_name
from tasks.clean.folding import core, fold, squeeze
from tasks.clean.lexicon import lexicon, notice_words, read_rules

MOST = 20
"""Authors of one article; more are a staff list."""
LONGEST = 100
"""Characters of the longest name; beyond, a biography was glued to it."""
_SPLIT = re.compile(r"\s*[;|]\s*|\s*,\s+|\s+(?:and|et|und|y|&)\s+")
_BY = re.compile(rf"^(?:{notice_words('by')}|{'|'.join(read_rules('meta')['before_author'])}):?\s+(?=\S)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|@|^www\.", re.IGNORECASE)
_COLLECTIVE = re.compile(rf"(?<!\w)(?:{'|'.join(read_rules('meta')['collectives'])})(?!\w)|\s(?:gmbh|e\.? ?v|ag|inc|ltd|llc)$")
"""An editorial office or a company, folded: nobody who wrote."""
_GENERIC = re.compile(rf"^(?:{notice_words('nobody')})$")


def split_people(value: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (byline, agencies) from an author field: text, a list, or objects with a name.

    Generic names (admin, la rédaction) and addresses are dropped: they name nobody.
    """
    people: list[str] = []
    agencies: list[str] = []
    for name in _names(value):
        agency = agency_name(name)
        if agency:
            agencies.append(agency)
        elif not _is_nobody(name):
            people.append(name)
    return tuple(dict.fromkeys(people))[:MOST], tuple(dict.fromkeys(agencies))[:MOST]


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        for part in _SPLIT.split(squeeze(value)[:1000]):
            name = _BY.sub("", part).strip(" .,:-–—/") if not re.search(r"(?:Jr|Sr|[A-Z])\.$", part) else _BY.sub("", part).strip(" ,:-–—/")
            if name:
                yield name
    elif isinstance(value, dict):
        known = value.get("name")
        if isinstance(known, str | list):
            yield from _names(known)
        elif isinstance(value.get("given_name") or value.get("givenName"), str):
            yield squeeze(
                f"{value.get('given_name') or value.get('givenName')} {value.get('family_name') or value.get('familyName') or ''}"
            )
    elif isinstance(value, list | tuple):
        for item in value[:MOST]:
            if not isinstance(item, list | tuple):
                yield from _names(item)


def _is_nobody(name: str) -> bool:
    folded = core(fold(name))
    if len(name) > LONGEST or _ADDRESS.search(name) or not any(c.isalpha() for c in name):
        return True
    if _COLLECTIVE.search(folded):
        return True
    return folded in lexicon().nobody or bool(lexicon().jobs.fullmatch(folded)) or bool(_GENERIC.match(folded))
