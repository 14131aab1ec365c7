"""The topics of an article: IPTC Media Topics (CC BY 4.0, see data/topics/README.md) by a lexicon of stems.

An article's score for a topic is the sum over the terms that speak for it of weight x (1 + ln count in the body,
+ 3 in the headline); scores are given as shares of the article's best. On labelled news this untrained method finds the
right topic of four articles in five (tests/bench/topics.py).
"""

import csv
import math
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from schemas.labels import TopicScore
from tasks.label.topic_lexicon import Term, lexicon

METHOD = "lexicon"
HEADLINE_WEIGHT = 3.0  # a term in the headline counts like a dozen mentions in the body
CUT = 0.35  # of the best: below, a topic is an aside; .30 to .35 keeps all gold topics of the development articles
FEWEST_POINTS = 2.0  # a best score of two single words: less is chance, and the article gets no topic
POINTS_PER_LETTER = 0.0007  # a longer text meets more terms by chance: 400 words must score 1.6 more
MOST_LETTERS = 10_000  # beyond, nothing more is held against a text


class TopicRow(NamedTuple):
    """A row of the store's `topics`: id, labels, and the topic one level up (None at the top)."""

    topic_id: str
    name_en: str
    name_fr: str | None
    broader_id: str | None


def label_topics(title: str | None, text: str, language: str) -> tuple[TopicScore, ...]:
    """Return the topics of an article, best first, with scores relative to the best (1.0).

    Empty for a language without a lexicon and for a text that is about nothing in particular.
    """
    terms = lexicon(language)
    if terms is None:
        return ()
    points = _points(terms.count(title or ""), terms.count(text))
    best = max(points.values(), default=0.0)
    if best < FEWEST_POINTS + POINTS_PER_LETTER * min(len(text), MOST_LETTERS):
        return ()
    ranked = sorted(points.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        TopicScore(topic_id=f"medtop:{code}000000", score=round(score / best, 4), method=METHOD)
        for code, score in ranked
        if score >= CUT * best
    )


def _points(title: Counter[Term], text: Counter[Term]) -> dict[str, float]:
    """Return the points of each top topic, by the first two digits of its code."""
    points: dict[str, float] = {}
    for term in text | title:
        used = (1 + math.log(text[term]) if text[term] else 0.0) + HEADLINE_WEIGHT * (term in title)
        for code, weight in term.weights:
            points[code] = points.get(code, 0.0) + weight * used
    return points


@cache
def topic_rows() -> tuple[TopicRow, ...]:
    """Return all Media Topics of the shipped table, as the store's `topics` holds them."""
    with files("tasks.label").joinpath("data", "topics", "mediatopics.tsv").open(encoding="utf-8") as lines:
        return tuple(
            TopicRow(row["topic_id"], row["name_en"], row["name_fr"] or None, row["broader_id"] or None)
            for row in csv.DictReader(lines, delimiter="\t")
        )
