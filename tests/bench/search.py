"""What full-text search costs and how fast it answers: `python -m tests.bench.search [ARTICLES ...] [--write]`.

Generated articles are written and indexed in batches of 500 as a load does, in a store of its own; the runs are merged as `wirehouse
maintain` does it. Queries are asked of the published kind of connection: read-only, one thread, 512 MB. Where the extra tantivy is
installed, its index answers the same queries. Beside them stands what one would write without an index: LIKE over the texts, which
knows neither accents nor ranking.
"""

import argparse
import importlib.util
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time
from typing import NamedTuple

from schemas.settings import Settings
from tasks.store.connection import open_reader, open_writer
from tasks.store.migrate import Connection, migrate
from tasks.store.search.find import Ranker, search
from tasks.store.search.index import Told, keep_words, merge_runs
from tasks.store.search.tantivy_feed import bring_up_to_date
from tasks.store.search.tantivy_index import index_path
from tasks.store.search.tantivy_search import rank_in_folder
from tests.bench.generate import articles
from tests.bench.report import ABSENT, circumstances, table, write_section
from tests.tasks.store.shelf import Piece, put_articles

SIZES = (20_000, 100_000)
BATCH = 500
TIMES = 5
BLOCK = 262_144  # bytes of a block of a DuckDB file
QUERIES = {
    "one word": "gouvernement",
    "a common word": "commission",
    "two words": "gouvernement lyon",
    "three words": "storm villages rescue",
    "a phrase": '"commission européenne"',
    "a phrase of common words": '"de la"',
    "a word that most have": "de",
    "a beginning that all have": "d*",
    "in the title": "title:commission",
    "a beginning": "gouv*",
    "one word without another": "alerte -berlin",
    "nothing": "zzz",
}
SCANS = {
    "LIKE over title and text": "SELECT article_id, title FROM articles WHERE text ILIKE '%gouvernement%' OR title ILIKE '%gouvernement%'",
    "LIKE over the text without accents": "SELECT article_id, title FROM articles WHERE strip_accents(lower(text)) LIKE '%gouvernement%'",
}


class Built(NamedTuple):
    """What indexing took: CPU seconds of the first and the second half, of all, of merging; bytes of the index and of the texts."""

    first: float
    last: float
    whole: float
    merged: float
    indexed: int
    column: int
    told: int


class Beside(NamedTuple):
    """What the extra's index took: CPU seconds and bytes; and how it is asked."""

    spent: float
    bytes: int
    rank: Ranker


def pieces(count: int) -> Iterator[Piece]:
    """Yield generated articles as a store takes them."""
    for one in articles(count):
        yield Piece(str(one.number), "\n\n".join(one.paragraphs), one.published, one.title, one.outlet, one.language)


def index(con: Connection, some: Sequence[Piece], numbers: dict[object, int]) -> float:
    """Put articles that are written into the index; return the CPU seconds."""
    begun = process_time()
    con.begin()
    keep_words(con, [Told(numbers[piece.id], piece.title, piece.text) for piece in some])
    con.commit()
    return process_time() - begun


def build(con: Connection, count: int) -> Built:
    """Return what the index of so many articles costs."""
    spent, text = [], 0
    source = pieces(count)
    while some := list(islice(source, BATCH)):
        con.begin()
        numbers: dict[object, int] = dict(put_articles(con, some).items())
        con.commit()
        text += sum(len(piece.text.encode()) for piece in some)
        spent.append(index(con, some, numbers))
    begun = process_time()
    merge_runs(con)
    merged = process_time() - begun
    con.execute("CHECKPOINT")
    half = len(spent) // 2
    index_bytes = sum(_bytes(con, f"internal.search_{name}") for name in ("documents", "postings", "recent", "vocabulary"))
    return Built(sum(spent[:half]), sum(spent[-half:]), sum(spent), merged, index_bytes, _bytes(con, "articles", "text"), text)


def _bytes(con: Connection, name: str, column: str | None = None) -> int:
    where = "" if column is None else f"AND column_name = '{column}'"
    rows = con.execute(f"SELECT count(DISTINCT block_id) FROM pragma_storage_info('{name}') WHERE block_id >= 0 {where}").fetchall()
    return BLOCK * int(rows[0][0])


def timed(call: Callable[[], Sequence[object]]) -> tuple[float, int]:
    """Return the median milliseconds of CPU of a call, and how much it returns."""
    spent = []
    for _ in range(TIMES):
        begun = process_time()
        found = len(call())
        spent.append(process_time() - begun)
    return median(spent) * 1000, found


def answer(con: Connection, sql: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
    """Return all rows of a query."""
    return con.execute(sql, values).fetchall()


def build_beside(store: Path) -> Beside | None:
    """Return what the extra's index of a store costs; None where the extra is not installed."""
    if importlib.util.find_spec("tantivy") is None:
        return None
    begun = process_time()
    bring_up_to_date(store)
    spent, folder = process_time() - begun, index_path(store)
    return Beside(spent, sum(path.stat().st_size for path in folder.iterdir()), partial(rank_in_folder, folder))


def asked(con: Connection, beside: Beside | None) -> list[list[str]]:
    """Return four cells a query: as SQL; with the ten best and their snippets, by either index; how many articles it finds."""
    cells = []
    for query in QUERIES.values():
        plain, found = timed(partial(answer, con, "FROM search(?)", [query]))
        shown, _ = timed(partial(search, con, query, 10))
        other = f"{timed(partial(search, con, query, 10, rank=beside.rank))[0]:.0f}" if beside else ABSENT
        cells.append([f"{plain:.0f}", f"{shown:.0f}", other, f"{found:,}"])
    for sql in SCANS.values():
        plain, found = timed(partial(answer, con, sql))
        cells.append([f"{plain:.0f}", "", "", f"{found:,}"])
    return cells


def costs_of(built: Built, beside: Beside | None, count: int) -> str:
    """Return what indexing costs, in words."""
    cost = (built.whole / count * 1000, built.merged / count * 1000)
    shares = (built.indexed / built.told, built.indexed / built.column / 2)
    index, text, column = (f"{size / count:,.0f} bytes" for size in (built.indexed, built.told, built.column))
    growth = f"the second half {built.last / built.first:.2f} times the first"
    more = (
        f"\nThe index of tantivy took {beside.spent / count * 1000:.2f} ms of CPU an article, and {beside.bytes / count:,.0f} bytes."
        if beside
        else ""
    )
    return (
        f"{count:,} articles: indexing took {cost[0]:.2f} ms of CPU an article, {growth},\n"
        f"merging the runs {cost[1]:.2f} ms more. The index takes {index} an article in the file, {shares[0]:.0%} of the\n"
        f"text ({text} of UTF-8). The file keeps each text compressed to {column}, once in `articles` and once in\n"
        f"`article_versions`; the index is {shares[1]:.0%} of these two.{more}"
    )


def measure(count: int) -> tuple[str, list[list[str]]]:
    """Return what the indexes of so many articles cost, in words, and the cells of all queries."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "news.duckdb"
        writer = open_writer(Settings(store=store))
        migrate(writer)
        built = build(writer, count)
        writer.close()
        published = Settings(store=store).writer_store
        beside = build_beside(published)
        reader = open_reader(published)
        cells = asked(reader, beside)
        reader.close()
    return costs_of(built, beside, count), cells


def main() -> None:
    """Print the tables; write them where that is asked for."""
    options = argparse.ArgumentParser(description="Full-text search.")
    options.add_argument("articles", nargs="*", type=int, default=list(SIZES))
    options.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    given = options.parse_args()
    found = {count: measure(count) for count in given.articles}
    names = [*(f"{name}: `{query}`" for name, query in QUERIES.items()), *(f"{name}: `gouvernement`" for name in SCANS)]
    head = [cell for count in found for cell in (f"{count:,}: search('...')", "ten with snippets", "by tantivy", "articles found")]
    rows = [[name, *(cell for _, cells in found.values() for cell in cells[at])] for at, name in enumerate(names)]
    drawn = table(["query", *head], rows)
    costs = "\n\n".join(cost for cost, _ in found.values())
    print(f"{drawn}\n\n{costs}")
    if given.write:
        about = (
            f"Generated articles, indexed in batches of {BATCH}; milliseconds of CPU in one thread, median of {TIMES}: all that is\n"
            "found as SQL, fetched, and the ten best with their snippets, by the store's own index and by the extra's. A scan tells\n"
            "neither which is best nor where the word stands."
        )
        write_section("search", "Full-text search", f"{about}\n\n{drawn}\n\n{costs}\n\n{circumstances(['duckdb', 'tantivy'])}")


if __name__ == "__main__":
    main()
