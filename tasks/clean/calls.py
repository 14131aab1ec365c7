"""How a site speaks to its readers: calls to follow it somewhere, and notices about its own pages."""

import re
from dataclasses import dataclass
from functools import cache

from tasks.clean.folding import fold
from tasks.clean.lexicon import alternatives, read_rules

LONGEST = 320
"""Characters of the longest call or notice; what is longer is a paragraph about such things."""
OPENING_WORDS = 5
"""Words among which the asking stands: `Clique aqui e siga o canal`."""
SITE_WORDS = 2
"""Different words about the site that a notice has, beside the address: one alone stands in any text about the press."""
PARAGRAPH = 130
"""Characters from which a line must have one more of them: a paragraph has many words."""
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class _Calls:
    ask: frozenset[str]
    channel: re.Pattern[str]
    ours: frozenset[str]
    address: frozenset[str]
    site: frozenset[str]
    teaser: frozenset[str]


@cache
def _calls() -> _Calls:
    rules = {key: [fold(word) for word in words] for key, words in read_rules("calls").items()}
    return _Calls(
        ask=frozenset(rules["ask"]),
        channel=re.compile(rf"(?<!\w)(?:{alternatives(rules['channel'])})(?!\w)"),
        ours=frozenset(rules["ours"]),
        address=frozenset(rules["address"]),
        site=frozenset(rules["site"]),
        teaser=frozenset(rules["teaser"]),
    )


def is_call(folded: str) -> bool:
    """Return whether a folded line opens with an asking and names a channel: `Join our WhatsApp group`, `Siga o canal no Telegram`."""
    if len(folded) > LONGEST:
        return False
    words = _WORD.findall(folded[:120])
    asks = any(word in _calls().ask for word in words[:OPENING_WORDS])
    return asks and bool(_calls().channel.search(folded))


def is_ours(folded: str) -> bool:
    """Return whether the publisher speaks of itself in a folded line: `our`, `notre`, `uns`."""
    return bool(_calls().ours & set(_WORD.findall(folded[:LONGEST])))


def is_notice(folded: str) -> bool:
    """Return whether a folded line speaks to the reader about the site: `If you see a mistake in this article, tell us`."""
    if len(folded) > LONGEST:
        return False
    words = set(_WORD.findall(folded))
    wanted = SITE_WORDS + (len(folded) >= PARAGRAPH)
    return bool(words & _calls().address) and len(words & _calls().site) + bool(words & _calls().ask) >= wanted


def stands_under_teaser(core: str) -> bool:
    """Return whether a folded label belongs to the headline over it: `Read more`."""
    return core in _calls().teaser
