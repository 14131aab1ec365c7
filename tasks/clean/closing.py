"""What stands under the end of a text and only the lines around it give away: notices, menus, labels met before."""

import re
from collections import Counter

from tasks.clean.calls import is_call, is_notice
from tasks.clean.furniture import Claim, asks_for_money
from tasks.clean.lexicon import lexicon
from tasks.clean.line import Line

LABEL_WORDS = 4
"""Words of the longest label that stands in a breadcrumb and again among the tags."""
MENU_PART_WORDS = 5
"""Words of the longest entry of a menu in one line: `Legal notice | Cookies | Contact`."""
NOTICE_SHARE = 3
"""One in so many lines under a firm closing may be a sentence that no rule knows; more are paragraphs."""
FIRM = {"comments", "copyright", "cookies", "contact", "related_list"}
"""Families whose bare label ends a text, where the lines under it agree."""
_STROKES = re.compile(r"\s[|•·]\s|\s?›\s?")
_MONEY = re.compile(r"[$€£]\s?\d|\d\s?[$€£]")
_MEDIA_AND_GIFT = 2
Claims = list[Claim | None]


def firm_closing(claims: Claims, lines: list[Line], start: int, end: int) -> int:
    """Return the first line from `start` at which the text surely ends, else `end`.

    That is a closing label in the second half with hardly a sentence under it. The caller knows that no
    long paragraph follows. Works from the end, so that its time is linear.
    """
    first, unknown = end, 0
    for i in range(len(lines) - 1, start - 1, -1):
        found = claims[i]
        firm = found and not found.weak and found.family.name in FIRM and 2 * i >= len(lines)
        if firm and i < end and unknown * NOTICE_SHARE <= len(lines) - 1 - i:
            first = i
        unknown += lines[i].ends_with_stop and not found and not is_notice(lines[i].folded)
    return first


def cut_notices(lines: list[Line], tail: int) -> None:
    """Cut calls, notices about the site and one-line menus under the first line that is cut under the text."""
    closed = False
    for line in lines[tail:]:
        if line.role is None and not closed and _MONEY.search(line.text[:400]) and is_notice(line.folded):
            line.cut("donation", "notice_with_price")
        if line.role is None and closed and not line.quoted:
            if is_call(line.folded) or is_notice(line.folded):
                line.cut("furniture", "notice_under_text")
            elif is_menu(line):
                line.cut("furniture", "menu_under_text")
        closed = closed or not line.kept


def is_menu(line: Line) -> bool:
    """Return whether a line is a row of short entries parted by strokes."""
    parts = [part for part in _STROKES.split(line.text) if part.strip()]
    return len(parts) > 1 and len(line.text) <= 200 and all(len(part.split()) <= MENU_PART_WORDS for part in parts)


def cut_labels_met_twice(lines: list[Line], first_prose: int, tail: int) -> None:
    """Cut short labels of the breadcrumb that stand again under the text, on both sides."""
    short = [line for line in lines if line.role is None and not line.ends_with_stop and len(line.text.split()) <= LABEL_WORDS]
    met = Counter(line.core for line in short if line.index < first_prose or line.index >= tail)
    longer = max((line.index for line in lines[:first_prose] if len(line.text.split()) > LABEL_WORDS), default=-1)
    for line in short:
        again = met[line.core] > 1 or (line.index >= tail and line.core in lexicon().sections)
        if again and (line.index < longer or line.index >= tail) and lines[-1].index >= tail:
            line.cut("furniture", "label_met_twice")


def cut_beside_donation(lines: list[Line], claims: Claims) -> None:
    """Cut the sentence about gifts and readers beside a button that asks for money."""
    for i, line in enumerate(lines):
        near = [lines[j] for j in (i - 1, i + 1) if 0 <= j < len(lines)]
        if line.role is None and not line.quoted and any(other.role == "donation" for other in near):
            words = set(re.findall(r"\w+", line.folded[:600]))
            groups = lexicon().appeals
            found = claims[i]
            claimed = bool(found and found.family.name == "donation" and not found.weak and is_notice(line.folded))
            speaks = bool(words & groups["gift"]) and len(words & groups["media"]) >= _MEDIA_AND_GIFT
            if claimed or speaks or asks_for_money(line.folded):
                line.cut("donation", "beside_donation")
