"""How common words are in general, per language: the start of a store that has few articles of its own."""

import csv
import gzip
import io
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from math import log

import xxhash

WORD_TABLE, NAME_TABLE = 0, 1
"""Two tables of frequencies: words (lead words too), and names."""
RAREST = 0.001
"""Share of documents below which the tables do not reach."""
UNKNOWN_WORTH = -log(RAREST)
Frequencies = Mapping[tuple[str, int], Mapping[int, float]]


@lru_cache(maxsize=1 << 16)  # the same few thousand words make most of any text
def term_hash(term: str) -> int:
    """Return the 32 bits by which a term is known."""
    return xxhash.xxh3_64_intdigest(term.encode("utf-8", "surrogatepass")) & 0xFFFFFFFF


@cache
def frequencies() -> Frequencies:
    """Return, for a language and table, the share of documents that hold each term hash.

    From background.tsv.gz; see BACKGROUND.md for its sources and make_background.py for the making.
    """
    tables: dict[tuple[str, int], dict[int, float]] = {}
    packed = (files("tasks.stories") / "background.tsv.gz").read_bytes()
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
    for language, table, per_mille, terms in rows:
        entry = tables.setdefault((language, int(table)), {})
        entry.update((term_hash(term), int(per_mille) / 1000) for term in terms.split("|"))
    return tables


@cache
def commonness(table: int) -> Mapping[int, float]:
    """Return, for each term hash, its highest share of documents in any language."""
    highest: dict[int, float] = {}
    for (_, kind), shares in frequencies().items():
        if kind == table:
            for term, share in shares.items():
                highest[term] = max(share, highest.get(term, 0.0))
    return highest


@cache
def worth(table: int) -> Mapping[int, float]:
    """Return what each common term hash says, -ln of its commonness; a term that is not there says UNKNOWN_WORTH."""
    return {term: -log(max(share, RAREST)) for term, share in commonness(table).items()}
