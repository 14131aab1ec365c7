"""Which family of furniture a line belongs to: related links, sign-up boxes, share buttons, notices."""

import re
from dataclasses import dataclass

from tasks.clean.calls import is_call, is_ours
from tasks.clean.folding import core
from tasks.clean.lexicon import Family, Opening, lexicon, notice_words

_WORD = re.compile(r"\w+")
_SEPARATOR = re.compile(r"\s*(?:[:|>→•]|[-–—]\s|»(?=\s))")
_EMPTY = re.compile(r"^[\W_]*$")
_FULL_STOP = re.compile(r"[.]['\"»”’)\]]*\s*$")
_READING_TIME = re.compile(
    rf"^(?:{notice_words('time_label')})?\s?[:\-]?\s?(?:{notice_words('about')})?\d{{1,3}}(?:-\d{{1,3}})?[\s-]?"
    rf"(?:{notice_words('time_unit')})\.?(?:\s?(?:{notice_words('time_tail')}))?$"
)
_COUNTER = re.compile(
    rf"^(?:[^\W\d]{{2,12}}\s)?\d{{1,6}}[.,]?\d{{0,3}}[km]?\s(?:{notice_words('counted')})(?:\s[^\W\d]{{2,12}})?$"
    rf"|^(?:{notice_words('read_times')})\s?:?\s?[\d.,]{{1,9}}(?:\s(?:{notice_words('times')}))?$"
)
_POSTED = re.compile(rf"^\d{{1,4}}[.)]\s(?:{notice_words('posted_by')})\s")
"""The head of a reader's comment: `1. Posté par Heimana le 07/09/2023`."""
_COUNTED = re.compile(r"\s?\(\d{1,6}$")
"""How often a button was pressed, after its label: `Share (212)` without the closing bracket, which is no part of a line's core."""
_CHROME = re.compile(r"^(?:https?://\S{1,300}|www\.\S{1,200}|\S{1,60}@\S{1,60}\.\w{2,8}|#\w{1,40}(?:[ ,]{1,2}#\w{1,40}){0,12}|@\w{1,30})$")
_LINK_LINE = re.compile(r"^[\w .&'-]{2,40}:\s?(?:https?://|www\.)\S{4,300}$")
"""A label and an address: `More football: https://...`."""
LABEL_LONGEST = 80
"""Characters of the longest announcement that begins with a weak label and ends in a colon."""
LABEL_MORE = 3
"""Words that a label may have beside the ones that are known."""
BUTTON_WORDS = 14
"""Words of the longest row of buttons in one line."""
LONGEST = 900
"""Characters of the longest line any family may claim (rules/roles.toml)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A family's claim on a line, with how strong it is and whether the label stands bare."""

    family: Family
    reason: str
    weak: bool = False
    bare: bool = False
    """Nothing but the label: what it announces stands on the following lines."""


def claim(text: str, folded: str) -> Claim | None:
    """Return the family that claims the line, or None for text.

    A phrase inside quotation marks is speech, and a line longer than its family allows is prose.
    """
    line = core(folded)
    if not line:
        return Claim(lexicon().lines["menu"], "ornament")
    if len(line) > LONGEST:
        return None
    whole = lexicon().lines.get(_COUNTED.sub("", line) if "(" in line else line)
    if whole:
        return Claim(whole, f"{whole.name}_line", bare=True)
    if text.lstrip()[:1] in "«“\"„‘'":
        return None
    mechanical = _mechanical(line, folded.strip())
    opening = mechanical or _opening_claim(line, folded)
    if opening and not opening.weak:
        return opening
    return _inside_claim(text, folded) or _call(folded) or opening or _longer_label(line)


def _mechanical(line: str, folded: str) -> Claim | None:
    families = lexicon().lines
    if len(line) <= 60 and _READING_TIME.match(line):
        return Claim(families["menu"], "reading_time")
    if len(line) <= 100 and _POSTED.match(line):
        return Claim(families["commentaires"], "comment_head", bare=True)
    if len(line) <= 40 and _COUNTER.match(line):
        return Claim(families["share"], "counter")
    if _CHROME.match(folded) or (len(line) <= 120 and _LINK_LINE.match(folded)) or _buttons(line):
        return Claim(families["menu"], "address")
    return None


def _call(folded: str) -> Claim | None:
    """Return a claim on a call to follow the publisher somewhere; a full sentence in nobody's name is a weak one."""
    if not is_call(folded):
        return None
    return Claim(lexicon().lines["facebook"], "call", weak=bool(_FULL_STOP.search(folded)) and not is_ours(folded))


def _longer_label(line: str) -> Claim | None:
    """Return a weak claim on a known label with a few words more: `Most read today in Cork`, `Property newsletter`."""
    words = line.split()
    for n in range(len(words) - 1, max(1, len(words) - 1 - LABEL_MORE), -1):
        family = lexicon().lines.get(" ".join(words[:n]))
        if family and family.name in ("related_list", "comments", "newsletter"):
            return Claim(family, f"{family.name}_longer", weak=True, bare=True)
    family = lexicon().lines.get(words[-1])
    if family and family.name == "newsletter" and len(words) <= LABEL_MORE + 1:
        return Claim(family, "newsletter_longer", weak=True, bare=True)
    return None


def _buttons(line: str) -> bool:
    """Return whether a line is nothing but buttons in a row: `Facebook Twitter WhatsApp`, `Share Save Print`."""
    words = [word for word in re.split(r"[\s|/,·•]+", line) if word]
    if not 2 <= len(words) <= BUTTON_WORDS:
        return False
    position = taken = 0
    while position < len(words):
        size = next((n for n in (4, 3, 2, 1) if _is_button(" ".join(words[position : position + n]))), 0)
        if not size:
            return False
        position, taken = position + size, taken + 1
    return taken > 1


def _is_button(phrase: str) -> bool:
    family = lexicon().lines.get(phrase)
    return bool(family and family.name in ("social", "tools", "share"))


def _opening_claim(line: str, folded: str) -> Claim | None:
    first = _WORD.search(line)
    for opening in lexicon().openings.get(first.group(), ()) if first else ():
        if line.startswith(opening.phrase) and len(line) <= opening.family.longest:
            found = _judge(opening, line, folded)
            if found:
                return found
    return None


def _judge(opening: Opening, line: str, folded: str) -> Claim | None:
    """Decide whether a line that begins with the phrase is what the phrase announces."""
    rest = line[len(opening.phrase) :]
    if rest and opening.phrase[-1].isalnum() and rest[0].isalnum():
        return None
    family = opening.family
    if _EMPTY.match(rest):
        return Claim(family, f"{family.name}_label", bare=True)
    if opening.form == "sentence":
        proverb = opening.weak and _FULL_STOP.search(folded) and not _addresses(folded)
        return None if proverb else Claim(family, f"{family.name}_sentence", weak=opening.weak)
    if _SEPARATOR.match(rest) or (family.name == "caption" and " " in opening.phrase and rest[:2] == ", "):
        sentence = opening.weak and family.name != "caption" and bool(_FULL_STOP.search(folded))
        return None if sentence else Claim(family, f"{family.name}_label")
    announces = opening.weak and folded.rstrip().endswith(":") and len(line) <= LABEL_LONGEST
    if not announces and (opening.weak or _FULL_STOP.search(folded) or len(line) > 200):
        return None
    return Claim(family, f"{family.name}_label", weak=announces, bare=announces)


def _addresses(folded: str) -> bool:
    """Return whether a sentence speaks of you or us, of the press, or of a number: what offers do, and proverbs do not."""
    words = set(_WORD.findall(folded))
    return any(words & lexicon().appeals[group] for group in ("address", "media")) or any(c.isdigit() for c in folded)


def _inside_claim(text: str, folded: str) -> Claim | None:
    pattern, families = lexicon().inside
    for match in pattern.finditer(folded):
        family = families[match.group()]
        if len(text) <= family.longest and not _quoted(folded, match.start()):
            return Claim(family, f"{family.name}_phrase")
    return None


def _quoted(folded: str, position: int) -> bool:
    """Return whether the position lies inside quotation marks (all of them are folded to straight ones)."""
    return folded.count('"', 0, position) % 2 == 1


def appeal_groups(folded: str) -> int:
    """Return how many of three things a line has: asking, the press, and you or us. Three make an appeal."""
    words = set(_WORD.findall(folded[:LONGEST]))
    return sum(bool(words & lexicon().appeals[group]) for group in ("ask", "media", "address"))


def asks_for_money(folded: str) -> bool:
    """Return whether a line speaks of gifts, twice of the press and of you or us: an appeal by itself."""
    words = set(_WORD.findall(folded[:LONGEST]))
    groups = lexicon().appeals
    return bool(words & groups["gift"]) and len(words & groups["media"]) > 1 and bool(words & groups["address"])
