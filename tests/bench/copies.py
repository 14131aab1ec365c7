"""Near-copies: time per article, and recall against brute force: `python -m tests.bench.copies [ARTICLES]`.

Time is measured on generated articles, recall on labelled copies of development texts where these are at hand.
"""

import runpy
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import process_time

from tasks.dedupe.sketch import sketch
from tasks.store.copies import FingerprintRow, relate
from tests.bench.generate import articles
from tests.tasks.store.shelf import Piece, empty, filled, put_articles

SHARED = Path(__file__).parents[3] / "shared" / "data"
BATCH = 250
BASES = 60
SEED = 7


def time_per_article(pieces: Sequence[Piece]) -> None:
    """Print what sketching and relating cost per article, in batches as the pipeline makes them."""
    con = empty()
    start = process_time()
    sketches = [sketch(piece.text) for piece in pieces]
    print(f"sketch  {(process_time() - start) / len(pieces) * 1000:.2f} ms an article")
    spent = relations = 0.0
    for first in range(0, len(pieces), BATCH):
        some = pieces[first : first + BATCH]
        numbers = put_articles(con, some)
        rows = zip(some, sketches[first : first + BATCH], strict=True)
        changed = [FingerprintRow(numbers[p.id], p.id, p.at.date() if p.at else None, p.source, one) for p, one in rows]
        start = process_time()
        relations += relate(con, changed)
        spent += process_time() - start
    print(f"relate  {spent / len(pieces) * 1000:.2f} ms an article, {relations:.0f} relations among {len(pieces)} articles")


def recall() -> None:
    """Print how many of the relations that brute force finds are found, by kind, and how many others are."""
    generator = SHARED / "copies" / "make_copies.py"
    if not generator.exists():
        print("recall  skipped: no labelled copies beside the repository")
        return
    make = runpy.run_path(str(generator))
    texts = [row for name in ("ecbplus_topics_01_22", "distractors") for row in make["read"](SHARED / "stories" / f"{name}.jsonl.gz")]
    copies = make["build"](texts, BASES, SEED)
    wanted = {frozenset((pair["a"], pair["b"])): pair["kind"] for pair in make["pairs"](copies)}
    pieces = [Piece(row["id"], row["text"], datetime.fromisoformat(row["published_at"].replace("Z", "+00:00"))) for row in copies]
    names = {piece.id: piece.name for piece in pieces}
    rows = filled(pieces, BATCH).execute("SELECT article_id, other_id FROM relations").fetchall()
    found = {frozenset((names[one], names[other])) for one, other in rows}
    for label, kinds in {"jaccard >= .5": {"exact", "near"}, "containment >= .5": {"contains", "contained"}}.items():
        related = Counter(pair in found for pair, kind in wanted.items() if kind in kinds)
        print(f"recall  {label}: {related[True] / related.total():.4f} of {related.total()}")
    print(f"extra   {sum(not wanted.get(pair) for pair in found)} relations of {len(found)}")


def main() -> None:
    """Print all figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    generated = [Piece(str(one.number), "\n\n".join(one.paragraphs), one.published, one.title, one.outlet) for one in articles(count)]
    time_per_article(generated)
    recall()


if __name__ == "__main__":
    main()
