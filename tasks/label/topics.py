"""The topics of an article: IPTC Media Topics (CC BY 4.0, see data/topics/README.md) by lexicons of stems.

Points: each term that speaks for a topic gives weight x (1 + ln count in the body, + 3 in the headline). A topic's score is
how probable it is that someone who files the article by subject puts it there: a logistic curve over its points, measured
against the points that a text of that length gets by chance, and over its share of the best topic's points. Narrower topics
come after those at the top, with scores that say less than is known. How often the best is right stands in docs/benchmarks.md.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from schemas.labels import TopicScore
from tasks.label.topic_lexicon import Term, fold, lexicon, narrow_tops

METHOD = "lexicon"
SCHEME_VERSION = "2022-02-03"  # the day of the IPTC release that the shipped table holds
HEADLINE_WEIGHT = 3.0  # a term in the headline counts like a dozen mentions in the body
TOPIC_WEIGHTS = {"04": 0.9, "13": 1.25, "15": 1.25}
"""What a point for a topic says: money and police are in all news, a goalkeeper in one kind. Chosen on half of the development articles."""
FEWEST_POINTS = 2.0  # what a text gets by chance: two single words
POINTS_PER_LETTER = 0.0007  # a longer text meets more terms by chance: 400 words 1.6 points more
MOST_LETTERS = 10_000  # beyond, nothing more is held against a text
BASE, SLOPE, SHARE_SLOPE = -0.2, 1.6, 2.0
"""The logistic curve: what it says at as many points as chance gives, and how it goes with the logarithms of points and of share.
Fitted on 1,661 articles of our own of one subject each and 308 development articles (best topic) and 72 second topics judged by hand."""
LEAST_SCORE = 0.2  # below, a topic is chance
MAIN_SCORE = 0.5  # from here on an article is more likely about a topic than not
MOST_TOPICS = 4  # at the top; what comes after is never what an article is about
FEWEST_NARROW = 1.5  # points: two mentions, a phrase or the headline; of what one word in the body suggests, 2 in 3 are wrong
NARROW_HALF = 1.0
"""Narrower topics score n / (n + this) of the least of the article's main topics at the top, n their points: so they come after
those, and below what they deserve. Of 49 judged by hand with 1.5 points or more, 46 were right."""
MOST_NARROW = 12
CATEGORY_POINTS = 6.0  # what the source itself calls the article: as much as two words of the headline
MOST_CATEGORIES = 20
LONGEST_CATEGORY = 100  # letters


class TopicRow(NamedTuple):
    """A row of the store's `topics`: id, labels, and the topic one level up (None at the top)."""

    topic_id: str
    name_en: str
    name_fr: str | None
    broader_id: str | None


class TopicEvidence(NamedTuple):
    """A term that speaks for a topic: as written in the lexicon, how often it stands in headline and text, and its points."""

    term: str
    in_title: int
    in_text: int
    points: float


def label_topics(title: str | None, text: str, language: str, categories: Sequence[str] = ()) -> tuple[TopicScore, ...]:
    """Return the topics of an article with scores in [0, 1], best first and a broader one before its narrower ones.

    `categories` are what the source says the article is about (section, keywords, a feed's categories); they are evidence
    like others, and the only one in a language without a lexicon. Empty for a text that is about nothing in particular.
    A narrower topic brings all that are above it.
    """
    points = _points(evidence(title, text, language))
    named = _category_points(categories[:MOST_CATEGORIES])
    for code, more in named.items():
        points[code] = points.get(code, 0.0) + more
    tops = _top_scores({code: found for code, found in points.items() if len(code) == 2}, len(text))
    return tuple(
        TopicScore(topic_id=topic_id, score=round(score, 4), method=METHOD)
        for topic_id, score in sorted((*_tops(tops), *_narrow(points, _main(tops))), key=_best_first)
    )


def evidence(title: str | None, text: str, language: str) -> list[tuple[Term, TopicEvidence]]:
    """Return the terms found in an article, each with where it stands and its points before they are shared out."""
    terms = lexicon(language)
    if terms is None:
        return []
    above, below = terms.count(title or ""), terms.count(text)
    return [(term, _weigh(term, above, below)) for term in below | above]


def topic_evidence(title: str | None, text: str, language: str, topic_id: str) -> tuple[TopicEvidence, ...]:
    """Return the terms that speak for one topic (`medtop:NNNNNNNN`) in an article, the strongest first."""
    code = topic_id.removeprefix("medtop:")
    wanted = code[:2] if code.endswith("000000") else code
    found = []
    for term, seen in evidence(title, text, language):
        share = sum(weight for speaks, weight in term.weights if wanted in (speaks, *_above(speaks)[:-1]))
        if share:
            found.append(seen._replace(points=round(share * seen.points * TOPIC_WEIGHTS.get(wanted, 1.0), 2)))
    return tuple(sorted(found, key=lambda seen: (-seen.points, seen.term)))


def _weigh(term: Term, above: Counter[Term], below: Counter[Term]) -> TopicEvidence:
    title, text = above[term], below[term]
    return TopicEvidence(term.written, title, text, (1 + math.log(text) if text else 0.0) + HEADLINE_WEIGHT * (title > 0))


def _points(found: Iterable[tuple[Term, TopicEvidence]]) -> dict[str, float]:
    """Return the points of each topic: by two digits at the top, by its whole code below."""
    points: dict[str, float] = {}
    for term, seen in found:
        for code, weight in term.weights:
            points[code] = points.get(code, 0.0) + weight * seen.points
    for code, weight in TOPIC_WEIGHTS.items():
        if code in points:
            points[code] *= weight
    return points


def _top_scores(points: dict[str, float], letters: int) -> dict[str, float]:
    """Return the score of each topic at the top that an article is about."""
    best = max(points.values(), default=0.0)
    chance = FEWEST_POINTS + POINTS_PER_LETTER * min(letters, MOST_LETTERS)
    scores = {code: _logistic(found / chance, found / best) for code, found in points.items()}
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:MOST_TOPICS]
    return {code: score for code, score in ranked if score >= LEAST_SCORE}


def _logistic(over_chance: float, share: float) -> float:
    return 1 / (1 + math.exp(-BASE - SLOPE * math.log(over_chance) - SHARE_SLOPE * math.log(share)))


def _tops(scores: dict[str, float]) -> list[tuple[str, float]]:
    return [(f"medtop:{code}000000", score) for code, score in scores.items()]


def _main(scores: dict[str, float]) -> dict[str, float]:
    return {code: score for code, score in scores.items() if score >= MAIN_SCORE or score == max(scores.values())}


def _narrow(points: dict[str, float], tops: dict[str, float]) -> list[tuple[str, float]]:
    """Return the narrower topics below those at the top, each with all that lies between: their points add up."""
    gathered: dict[str, float] = {}
    for code, found in points.items():
        if len(code) > 2 and narrow_tops()[code] in tops:
            for broader in (code, *_above(code)[:-1]):
                gathered[broader] = gathered.get(broader, 0.0) + found
    least = min(tops.values(), default=0.0)
    scores = ((f"medtop:{code}", least * found / (found + NARROW_HALF)) for code, found in gathered.items() if found >= FEWEST_NARROW)
    return sorted(scores, key=_best_first)[:MOST_NARROW]


def _best_first(item: tuple[str, float]) -> tuple[float, int, str]:
    topic_id, score = item
    return -round(score, 4), len(_above(topic_id[7:])), topic_id


def _category_points(categories: Iterable[str]) -> dict[str, float]:
    """Return the points that the source's own words for its subjects give; what no table names gives none."""
    known = _category_codes()
    codes = {code for category in categories if (code := known.get(fold(category[:LONGEST_CATEGORY]).strip()))}
    points = dict.fromkeys(codes, CATEGORY_POINTS)
    for code in codes:
        if len(code) > 2:
            points[narrow_tops()[code]] = CATEGORY_POINTS
    return points


@cache
def _category_codes() -> dict[str, str]:
    """Return the code of each name that sources give to their sections, folded."""
    lines = files("tasks.label").joinpath("data", "topics", "categories.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and line[0] != "#")
    return {name.replace("_", " "): code for code, names in rows for name in names.split()}


@cache
def _above(code: str) -> tuple[str, ...]:
    """Return the topics above a narrower one, the nearest first, the one at the top as two digits; empty at the top."""
    broader = _broader().get(code)
    if broader is None:
        return ()
    return (broader, *_above(broader)) if _broader().get(broader) else (broader[:2],)


@cache
def _broader() -> dict[str, str]:
    return {row.topic_id[7:]: row.broader_id[7:] for row in topic_rows() if row.broader_id}


@cache
def topic_rows() -> tuple[TopicRow, ...]:
    """Return all Media Topics of the shipped table, as the store's `topics` holds them."""
    with files("tasks.label").joinpath("data", "topics", "mediatopics.tsv").open(encoding="utf-8") as lines:
        return tuple(
            TopicRow(row["topic_id"], row["name_en"], row["name_fr"] or None, row["broader_id"] or None)
            for row in csv.DictReader(lines, delimiter="\t")
        )
