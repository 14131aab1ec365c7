"""Articles straight into an empty store, batch by batch, with their copies and provisional stories."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from tasks.dedupe.sketch import sketch
from tasks.store.copies.relate import FingerprintRow, relate
from tasks.store.migrate import Connection
from tasks.store.stories.settle import StoryRow, assign, settle
from tasks.stories.terms import story_terms
from tests.tasks.store.new import new_store

NAMES = UUID(int=11)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ["article_id", "source", "origin", "title", "byline", "agency", "published_at", "first_seen_at", "last_seen_at", "language"]
COLUMNS += ["language_score", "text", "word_count", "access", "version", "content_hash"]


@dataclass(frozen=True)
class Piece:
    name: str
    text: str
    at: datetime | None = None
    title: str | None = None
    source: str = "one.example"
    language: str = "en"
    agency: tuple[str, ...] = field(default=())

    @property
    def id(self) -> UUID:
        return uuid5(NAMES, self.name)


def empty() -> Connection:
    return new_store()


def put_articles(con: Connection, pieces: Sequence[Piece]) -> dict[UUID, int]:
    """Write articles, new and changed alike; return the number of every article in the store."""
    con.execute("DELETE FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))", [[piece.id for piece in pieces]])
    with con.appender("articles", columns=COLUMNS) as appender:
        for p in pieces:
            values = (p.id, p.source, "archive", p.title, [], list(p.agency), p.at, NOW, NOW, p.language, 1.0, p.text)
            appender.append_row(*values, 1, "full", 1, "")
    con.execute(
        """INSERT INTO internal.article_numbers SELECT row_number() OVER () +
        (SELECT coalesce(max(article_no), 0) FROM internal.article_numbers), new.id
        FROM (SELECT unnest(?::UUID[]) AS id) new ANTI JOIN internal.article_numbers n ON n.article_id = new.id""",
        [[piece.id for piece in pieces]],
    )
    return {article_id: number for number, article_id in con.execute("FROM internal.article_numbers").fetchall()}


def put(con: Connection, pieces: Sequence[Piece]) -> int:
    """Load one batch as `load` does, new and changed articles alike; return the relations found."""
    con.begin()
    numbers = put_articles(con, pieces)
    rows = [FingerprintRow(numbers[p.id], p.id, p.at.date() if p.at else None, p.source, sketch(p.text)) for p in pieces]
    found = relate(con, rows)
    assign(con, [StoryRow(numbers[p.id], p.id, p.at, p.language, story_terms(p.title, p.text, ())) for p in pieces])
    con.commit()
    return found


def filled(pieces: Sequence[Piece], size: int = 100, seed: int | None = None) -> Connection:
    """Return a store of these articles, loaded in batches, shuffled when a seed is given, and settled."""
    ordered = list(pieces)
    if seed is not None:
        Random(seed).shuffle(ordered)
    con = empty()
    for start in range(0, len(ordered), size):
        put(con, ordered[start : start + size])
    con.begin()
    settle(con)
    con.commit()
    return con


SYLLABLES = [consonant + vowel for consonant in "bcdfglmnprstv" for vowel in "aeiou"]


def word(number: int) -> str:
    """Return an invented word, a different one for each number."""
    spelled = [SYLLABLES[number % 65], SYLLABLES[number // 65 % 65]]
    while number := number // 65**2:
        spelled.append(SYLLABLES[number % 65])
    return "".join(spelled)


def prose(chance: Random, words: int, vocabulary: int = 4_000) -> str:
    """Return text in which two pieces share a word 5-gram only by a miracle."""
    return " ".join(word(chance.randrange(vocabulary)) for _ in range(words))


def rows(con: Connection, query: str) -> list[tuple[object, ...]]:
    return sorted(con.execute(query).fetchall(), key=repr)


def event(number: int, tellings: int, at: datetime | None, language: str = "en") -> list[Piece]:
    """Several tellings of one invented event: its people, place and figures, each in other words."""
    chance = Random(number)
    own = [word(chance.randrange(10**6)).title() for _ in range(6)] + [str(chance.randrange(1_000, 99_999)) for _ in range(3)]
    topic = prose(chance, 40, 10**6).split()
    pieces = []
    for telling in range(tellings):
        words = chance.sample(topic, 28) + own + own + prose(chance, 60, 10**6).split()
        chance.shuffle(words)
        date = at + timedelta(hours=7 * telling) if at else None
        pieces.append(Piece(f"{number}/{telling}", " ".join(words), date, f"Event {number}, {telling}", f"s{telling}.example", language))
    return pieces


def bcubed(labels: Sequence[object], events: Sequence[str | None]) -> tuple[float, float, float]:
    """Return BCubed precision, recall and F1 over the articles that have an event; others in a cluster count against precision."""
    clusters: defaultdict[object, list[int]] = defaultdict(list)
    gold: defaultdict[object, list[int]] = defaultdict(list)
    for number, (label, one) in enumerate(zip(labels, events, strict=True)):
        clusters[label].append(number)
        gold[one].append(number)
    labelled = [number for number, one in enumerate(events) if one]
    right = {n: sum(events[m] == events[n] for m in clusters[labels[n]]) for n in labelled}
    precision = sum(right[n] / len(clusters[labels[n]]) for n in labelled) / len(labelled)
    recall = sum(right[n] / len(gold[events[n]]) for n in labelled) / len(labelled)
    return precision, recall, 2 * precision * recall / (precision + recall)
