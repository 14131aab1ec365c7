"""Near-copies: recall, false relations and CPU beside LSH libraries: `python -m tests.bench.copies [--bases N] [--write]`.

The articles are labelled copies of development texts where their generator stands beside the repository, else generated ones. The truth
is found by brute force over sets of word 5-grams. Each system gets every article's text once; what is not installed is shown so.
"""

import argparse
import importlib.util
import os
import runpy
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import combinations
from pathlib import Path
from random import Random
from time import process_time
from typing import NamedTuple

from tasks.dedupe.sketch import sketch, words_of
from tasks.store.copies.relate import FingerprintRow, relate
from tests.bench.generate import articles
from tests.bench.report import ABSENT, circumstances, table, write_section
from tests.tasks.store.shelf import Piece, empty, prose, put_articles

SHARED = Path(__file__).parents[3] / "shared" / "data"
BATCH = 250
BASES = 120
SEED = 7
GENERATED = 2_000
PERMUTATIONS = 128  # the default of datasketch, and what rensa's documentation measures with
RENSA_BANDS = 8  # of 128 slots, for a threshold of .8: the setting of rensa's documentation
FOOTED = 300
FOOTER_WORDS = 60
HEAD = [
    "",
    "recall, jaccard >= .5",
    "recall, containment >= .5 only",
    "relations that are none",
    "among articles with one footer",
    "ms CPU",
    "ms CPU, generated",
]

Pair = frozenset[int]
Found = set[Pair]


class Truth(NamedTuple):
    """Pairs of places in the list of articles: those of a jaccard of .5, and those of a containment of .5 alone."""

    alike: Found
    within: Found


class Answer(NamedTuple):
    """The pairs that a system relates, and the CPU milliseconds it took for each article."""

    pairs: Found
    milliseconds: float


System = Callable[[Sequence[Piece]], Answer]


def shingles(text: str) -> set[str]:
    """Return the distinct word 5-grams of a text, as strings."""
    words = words_of(text)
    return {" ".join(words[start : start + 5]) for start in range(max(1, len(words) - 4))}


def truth(pieces: Sequence[Piece]) -> Truth:
    """Return what brute force over all shingles finds."""
    sets = [shingles(piece.text) for piece in pieces]
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for number, some in enumerate(sets):
        for shingle in some:
            holding[shingle].append(number)
    shared = Counter(pair for numbers in holding.values() for pair in combinations(numbers, 2))
    found = Truth(set(), set())
    for (a, b), count in shared.items():
        if count / (len(sets[a]) + len(sets[b]) - count) >= 0.5:
            found.alike.add(frozenset((a, b)))
        elif count / min(len(sets[a]), len(sets[b])) >= 0.5:
            found.within.add(frozenset((a, b)))
    return found


def ours(pieces: Sequence[Piece]) -> Answer:
    """Return the relations of a store that is filled in batches; sketching and the exact comparison count."""
    con, spent = empty(), 0.0
    for first in range(0, len(pieces), BATCH):
        some = pieces[first : first + BATCH]
        numbers = put_articles(con, some)
        start = process_time()
        relate(con, [FingerprintRow(numbers[p.id], p.id, p.at.date() if p.at else None, p.source, sketch(p.text)) for p in some])
        spent += process_time() - start
    places = {piece.id: place for place, piece in enumerate(pieces)}
    rows = con.execute("SELECT article_id, other_id FROM relations").fetchall()
    return Answer({frozenset((places[a], places[b])) for a, b in rows}, spent / len(pieces) * 1000)


def datasketch(threshold: float) -> System:
    """Return datasketch's MinHashLSH of a threshold, which itself chooses the bands."""

    def answer(pieces: Sequence[Piece]) -> Answer:
        from datasketch import MinHash, MinHashLSH

        index, pairs, start = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS), Found(), process_time()
        for place, piece in enumerate(pieces):
            signature = MinHash(num_perm=PERMUTATIONS)
            signature.update_batch([shingle.encode() for shingle in shingles(piece.text)])
            pairs.update(frozenset((place, int(other))) for other in index.query(signature))
            index.insert(place, signature)
        return Answer(pairs, (process_time() - start) / len(pieces) * 1000)

    return answer


def rensa(pieces: Sequence[Piece]) -> Answer:
    """Return what rensa's R-MinHash LSH relates, its signatures made in one call."""
    from rensa import RMinHash, RMinHashLSH

    start = process_time()
    index = RMinHashLSH(threshold=0.8, num_perm=PERMUTATIONS, num_bands=RENSA_BANDS)
    signatures = RMinHash.from_token_sets([sorted(shingles(piece.text)) for piece in pieces], num_perm=PERMUTATIONS, seed=42)
    index.insert_many(signatures)
    pairs = {frozenset((place, other)) for place, found in enumerate(index.query_all(signatures)) for other in found if other != place}
    return Answer(pairs, (process_time() - start) / len(pieces) * 1000)


SYSTEMS: dict[str, tuple[str | None, System]] = {
    "ours": (None, ours),
    "datasketch MinHashLSH, threshold .5": ("datasketch", datasketch(0.5)),
    "datasketch MinHashLSH, threshold .8": ("datasketch", datasketch(0.8)),
    "rensa R-MinHash LSH, 8 bands": ("rensa", rensa),
}
"""Name -> the module that must be there, and the system."""


def generated() -> list[Piece]:
    """Return articles as generated: a fifth of them repeat another one, wholly or in part."""
    return [Piece(str(one.number), "\n\n".join(one.paragraphs), one.published, one.title, one.outlet) for one in articles(GENERATED)]


def labelled(bases: int) -> list[Piece]:
    """Return development texts and their copies; generated articles where the generator of copies is missing."""
    generator = SHARED / "copies" / "make_copies.py"
    if not generator.exists():
        return generated()
    make = runpy.run_path(str(generator))
    texts = [row for name in ("ecbplus_topics_01_22", "distractors") for row in make["read"](SHARED / "stories" / f"{name}.jsonl.gz")]
    rows = make["build"](texts, bases, SEED)
    return [Piece(row["id"], row["text"], datetime.fromisoformat(row["published_at"].replace("Z", "+00:00"))) for row in rows]


def footed() -> Iterator[Piece]:
    """Yield articles on different events, all of one source, that end in the same 60 words; the shortest have 60 of their own."""
    chance, events = Random(SEED), set[int]()
    footer = prose(chance, FOOTER_WORDS)
    for one in articles(FOOTED * 10):
        if one.event not in events and one.language == "fr" and one.kind == "telling" and len(events) < FOOTED:
            events.add(one.event)
            body = " ".join(one.paragraphs).split()[: chance.randrange(60, 700)]
            yield Piece(str(one.number), f"{' '.join(body)}\n\n{footer}", one.published)


def line(name: str, pieces: Sequence[Piece], wanted: Truth) -> list[str]:
    """Return a system's row of the table."""
    module, system = SYSTEMS[name]
    if module and importlib.util.find_spec(module) is None:
        return [name, *[ABSENT] * (len(HEAD) - 1)]
    found, milliseconds = system(pieces)
    shares = [f"{len(found & some) / max(1, len(some)):.4f}" for some in wanted]
    footer, extra = system(list(footed())).pairs, found - wanted.alike - wanted.within
    return [name, *shares, f"{len(extra):,}", f"{len(footer):,}", f"{milliseconds:.2f}", f"{system(generated()).milliseconds:.2f}"]


def main() -> None:
    """Print the table; write it where that is asked for."""
    options = argparse.ArgumentParser(description="Near-copies on labelled articles.")
    options.add_argument("--bases", type=int, default=BASES, help="texts of which copies are made")
    options.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    given = options.parse_args()
    pieces = labelled(given.bases)
    wanted = truth(pieces)
    words = sum(len(piece.text.split()) for piece in pieces) / len(pieces)
    drawn = table(HEAD, [line(name, pieces, wanted) for name in SYSTEMS])
    print(drawn)
    if given.write:
        about = f"""{len(pieces):,} articles of {words:.0f} words on average: texts and their copies, cut, edited, rearranged, surrounded by
furniture, carried inside other articles. {len(wanted.alike):,} pairs have a jaccard of at least .5 on word 5-grams, {len(wanted.within):,}
more a containment of at least .5. {FOOTED} articles of one source end in the same {FOOTER_WORDS} words. CPU is that of an article, among
these and among {GENERATED:,} generated ones. All systems are given word 5-grams; ours also compares its candidates exactly, and
that is in its time. The machine's load was {os.getloadavg()[0]:.1f}."""
        write_section("copies", "Near-copies", f"{about}\n\n{drawn}\n\n{circumstances(['datasketch', 'rensa', 'duckdb', 'numpy'])}")


if __name__ == "__main__":
    main()
