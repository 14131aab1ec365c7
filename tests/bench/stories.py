"""Stories: time per article, and BCubed F1 on labelled events: `python -m tests.bench.stories [ARTICLES]`.

Time is measured on generated articles, quality on the development half of ECB+ among unrelated articles, without
dates and with dates simulated as facts of life have them: tellings follow an event with a delay of a day on average.
"""

import gzip
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import process_time

from tasks.store.stories import StoryRow, assign, settle
from tasks.stories.terms import story_terms
from tests.bench.generate import articles
from tests.tasks.store.shelf import Piece, bcubed, empty, filled, put_articles

SHARED = Path(__file__).parents[3] / "shared" / "data" / "stories"
BATCH = 250
LONGEST_DELAY = 6.0
"""Days."""


def time_per_article(pieces: Sequence[Piece]) -> None:
    """Print what terms, assigning and settling cost per article."""
    con = empty()
    start = process_time()
    terms = [story_terms(piece.title, piece.text, ()) for piece in pieces]
    print(f"terms   {(process_time() - start) / len(pieces) * 1000:.2f} ms an article, {sum(map(len, terms)) / len(terms):.0f} bytes")
    spent = 0.0
    for first in range(0, len(pieces), BATCH):
        some = pieces[first : first + BATCH]
        numbers = put_articles(con, some)
        rows = zip(some, terms[first : first + BATCH], strict=True)
        changed = [StoryRow(numbers[p.id], p.id, p.at, p.language, packed) for p, packed in rows]
        start = process_time()
        assign(con, changed)
        spent += process_time() - start
    print(f"assign  {spent / len(pieces) * 1000:.2f} ms an article")
    start = process_time()
    report = settle(con)
    print(f"settle  {(process_time() - start) / len(pieces) * 1000:.2f} ms an article; {report}")


def quality(days: int | None) -> None:
    """Print BCubed F1 on ECB+ topics 1 to 22, its events strewn over so many days; None: without dates."""
    label = f"events over {days} days" if days else "no dates"
    if not SHARED.exists():
        print(f"F1      {label}: skipped, no labelled stories beside the repository")
        return
    names = ("ecbplus_topics_01_22", "distractors")
    rows = [json.loads(line) for name in names for line in gzip.decompress((SHARED / f"{name}.jsonl.gz").read_bytes()).splitlines()]
    pieces = [Piece(row["id"], row["text"], None, row["title"]) for row in rows]
    if days:
        chance = Random(1)
        begins = {row["event"] or row["id"]: chance.uniform(0, days) for row in rows}
        delays = [min(LONGEST_DELAY, chance.expovariate(1.0)) for _ in rows]
        dates = [begins[row["event"] or row["id"]] + delay for row, delay in zip(rows, delays, strict=True)]
        pieces = [replace(p, at=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=date)) for p, date in zip(pieces, dates, strict=True)]
    con = filled(pieces, BATCH)
    stories = dict(con.execute("SELECT article_id, story_id FROM articles").fetchall())
    scores = bcubed([stories[piece.id] for piece in pieces], [row["event"] for row in rows])
    print(f"F1      {label}: precision {scores[0]:.3f}, recall {scores[1]:.3f}, F1 {scores[2]:.3f}")


def main() -> None:
    """Print all figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    time_per_article(
        [Piece(str(one.number), "\n\n".join(one.paragraphs), one.published, one.title, one.outlet, one.language) for one in articles(count)]
    )
    for days in (None, 30, 365):
        quality(days)


if __name__ == "__main__":
    main()
