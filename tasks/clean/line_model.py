"""The model of lines: which role each line of a text has, judged from all of its lines together.

A linear-chain conditional random field over the features of `line_features`, trained by `train_lines.py` on texts of our
own writing; its card is data/README-lines.md. It decides where no rule does, and takes back what a rule took too much.
"""

import threading
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple, get_args

from schemas.article import BlockRole
from tasks.clean.furniture import Claim
from tasks.clean.line import PROSE, Line
from tasks.clean.line_features import line_features
from tasks.clean.meta import MetaLine, expected_byline

CUT_HEAD, CUT_BODY, CUT_HEADING, CUT_TAIL, CUT_PARAGRAPH = 0.4, 0.05, 0.01, 0.3, 0.01
"""Chance of being text below which a line is cut that no rule claims: over the first paragraph, between paragraphs, right over one,
under the last, and when it is one itself. Chosen by cross-validation: of unseen texts some five lines of the body in a thousand go."""
CARE = (0.002, 0.1, 0.4, 1.0)
"""By what these are multiplied where rules have cut no line, one, two, more: without it bodies of real pages lost one line in twenty."""
MODEL = "model"
"""The reason of a line that the model has cut."""
KEEP = 0.9
"""Chance of being text above which a line stays although the words of a rule claim it."""
KEEP_CAPTION = 0.995
"""The same for a caption: many are sentences like any other, and only their place and a credit tell."""
KEEP_HEADLINE = 0.97
"""The same for what stands right under a label of related links: headlines are sentences too."""
KEEP_LOOSE = 0.5
"""The same for a line that went only because of the lines around it."""
CERTAIN = {"repeated_caption", "repeated_line", "share_remaining"}
"""Rules that count or compare, and are not mistaken about words."""
TITLE = 0.1
"""Chance above which a line is the title whatever the rules say."""
SURE_TITLE = 0.5
"""The same where rules have found little around the text."""
MOST_LINES = 2000
"""Lines of the longest text that is judged: beyond, it is a list or a book, and no article teaches its order."""
ROLES = get_args(BlockRole)


class Marks(NamedTuple):
    """What the rules say of each line."""

    claims: Sequence[Claim | None]
    metas: Sequence[MetaLine | None]


class Verdict(NamedTuple):
    """What the model says of a line: the chance that it is text, or the title, and its likeliest other role."""

    text: float
    title: float
    role: BlockRole


@cache
def _tagger() -> tuple[Any, bytes]:
    """Return the tagger and the bytes of its model, which it reads where they lie."""
    from pycrfsuite import Tagger

    tagger, model = Tagger(), (files("tasks.clean") / "data" / "lines.crfsuite").read_bytes()
    tagger.open_inmemory(model)
    return tagger, model


_LOCK = threading.Lock()  # the tagger holds the text it was given last


def judge_lines(lines: Sequence[Line], marks: Marks) -> list[Verdict]:
    """Return a verdict on each line, none at all for a text of one line or of far too many."""
    if not 1 < len(lines) <= MOST_LINES:
        return []
    features = line_features(lines, *marks)
    with _LOCK:
        tagger, _ = _tagger()
        tagger.set(features)
        labels = tagger.labels()
        chances = [{label: tagger.marginal(label, n) for label in labels} for n in range(len(lines))]
    return [
        Verdict(chance["body"] + chance.get("dek", 0.0), chance["title"], max(ROLES, key=lambda role: chance.get(role, 0.0)))
        for chance in chances
    ]


def apply_verdicts(lines: Sequence[Line], verdicts: Sequence[Verdict], marks: Marks, language: str) -> None:
    """Cut the lines that are hardly text although no rule claims them, and give back those that surely are.

    Nothing is cut from a text without paragraphs: verse, lists and results are no articles that the model has learnt. Where
    rules have found little around the text it is careful: what stands in such a text is rather part of it.
    """
    prose = [line.index for line in lines if line.is_prose and line.kept]
    care = _care(lines)
    for line, verdict, claim, meta in zip(lines, verdicts, *marks, strict=False):
        least = care * _least(lines, line, prose) if prose and verdict.title < TITLE else 0.0
        if line.role is None and verdict.text + verdict.title < least:
            if verdict.role == "byline":
                line.meta = meta or expected_byline(line.text, language)
            line.cut(verdict.role if verdict.role not in ("title", "dek") else "furniture", MODEL)
        elif line.role and line.reason not in CERTAIN and verdict.text > _surely(line, claim):
            line.give_back()
    if not any(line.kept and line.is_prose for line in lines):
        for line in lines:
            if line.reason == MODEL:
                line.give_back()


def _care(lines: Sequence[Line]) -> float:
    """Return how far the model is trusted with a text, 0 to 1."""
    around = sum(line.reason not in ("", MODEL) and line.meta is None for line in lines)
    return CARE[min(around, len(CARE) - 1)]


def _surely(line: Line, claim: Claim | None) -> float:
    """Return the chance of being text above which a line that a rule has cut stays."""
    if line.role == "caption":
        return KEEP_CAPTION
    if line.reason.startswith("after_related"):
        return KEEP_HEADLINE
    return KEEP if claim or line.meta else KEEP_LOOSE


def _least(lines: Sequence[Line], line: Line, prose: list[int]) -> float:
    """Return the chance of being text that a line must have to stay."""
    if line.is_prose:
        return CUT_PARAGRAPH
    if line.index < prose[0]:
        return CUT_HEAD
    if line.index > prose[-1]:
        return CUT_TAIL if len(line.text) < PROSE else CUT_BODY
    heads = lines[line.index + 1].is_prose and not line.ends_with_stop
    return CUT_HEADING if heads or line.bulleted else CUT_BODY


def likely_title(lines: Sequence[Line], verdicts: Sequence[Verdict]) -> Line | None:
    """Return the line over the first paragraph that is the title, None when none is."""
    first = next((line.index for line in lines if line.is_prose), 0)
    best = max(zip(lines[:first], verdicts, strict=False), key=lambda pair: pair[1].title, default=None)
    return best[0] if best and best[1].title >= (TITLE if _care(lines) == 1.0 else SURE_TITLE) else None
