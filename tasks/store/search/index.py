"""The index of full-text search, kept current in the transaction that writes the articles: sql/0012_search.sql says what it consists of.

    texts | words, folded | postings of the latest | now and then: a run, sorted by term | in the care of the store: one run

Rows are only added, so a batch costs the same however much is stored: an article with another text has another document, and the
old one is not current any more.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tasks.store.migrate import Connection
from tasks.store.transaction import transaction

RUN_POSTINGS = 1_000_000
"""Rows of a run, some 7,000 articles: a query reads one or two of its nine row groups, and sorting it takes 60 MB."""
PORTION_CHARACTERS = 4_000_000
"""Characters split into words at once: a batch of long texts would not fit into the writer's memory."""
MOST_RUNS = 8
"""Runs that are worth making one of: every run costs each word of a query about a millisecond."""
DEAD_SHARE = 0.2
"""Share of documents without an article from which their postings are worth leaving out."""
SLICE_POSTINGS = 4_000_000  # rows sorted at once when runs are merged
TERMS = 2**64
BUILT_AT_ONCE = 2_000  # articles in a transaction when a store without an index gets one


TABLES = (
    *("internal.search_documents", "internal.search_postings", "internal.search_runs", "internal.search_recent"),
    "internal.search_vocabulary",
)


class Told(NamedTuple):
    """An article as a search sees it."""

    article_no: int
    title: str | None
    text: str


def keep_words(con: Connection, told: Sequence[Told]) -> None:
    """Put articles into the index, new and changed ones alike. To be called in the transaction that writes them."""
    if not told:
        return
    con.execute(
        "UPDATE internal.search_documents SET current = false WHERE current AND article_no IN (SELECT unnest(?::BIGINT[]))",
        [[one.article_no for one in told]],
    )
    for portion in portions(told):
        _add(con, portion)
    if _count(con, "internal.search_recent") >= RUN_POSTINGS:
        _end_run(con)


def portions(told: Sequence[Told]) -> Iterator[list[Told]]:
    """Yield texts in portions that are split into words at once."""
    portion: list[Told] = []
    size = 0
    for one in told:
        if portion and size + len(one.text) > PORTION_CHARACTERS:
            yield portion
            portion, size = [], 0
        portion.append(one)
        size += len(one.text)
    yield portion


def _add(con: Connection, told: Sequence[Told]) -> None:
    first = 1 + con.execute("SELECT coalesce(max(doc), 0) FROM internal.search_documents").fetchall()[0][0]
    con.execute("CREATE OR REPLACE TEMP TABLE texts_told (doc BIGINT, article_no BIGINT, title VARCHAR, text VARCHAR)")
    with con.appender("texts_told") as appender:
        appender.append_rows((doc, *one) for doc, one in enumerate(told, first))
    con.execute("INSERT INTO internal.search_recent FROM internal.search_rows('texts_told') ORDER BY term, doc")
    con.execute(
        """INSERT INTO internal.search_documents
        SELECT doc, article_no, true, len(internal.search_words(coalesce(title, '')[:10000])), coalesce(words, 0)
        FROM texts_told
        LEFT JOIN (SELECT doc, sum(len(places)) AS words FROM internal.search_recent WHERE doc >= ? GROUP BY doc) USING (doc)
        ORDER BY doc""",
        [first],
    )
    con.execute("DROP TABLE texts_told")


def _end_run(con: Connection) -> None:
    """Make a run of the latest postings."""
    con.execute("INSERT INTO internal.search_runs SELECT count(*) FROM internal.search_recent HAVING count(*) > 0")
    con.execute(
        """INSERT INTO internal.search_vocabulary
        SELECT word FROM (SELECT DISTINCT word FROM internal.search_recent)
        ANTI JOIN internal.search_vocabulary USING (word) ORDER BY word"""
    )
    con.execute("INSERT INTO internal.search_postings SELECT term, doc, places FROM internal.search_recent ORDER BY term, doc")
    con.execute("DELETE FROM internal.search_recent")


def forget_words(con: Connection, numbers: Sequence[int]) -> None:
    """Take articles out of the index for good, with the words that nothing else has; in the transaction that deletes them."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE docs_gone AS
        SELECT doc FROM internal.search_documents WHERE article_no IN (SELECT unnest(?::BIGINT[]))""",
        [list(numbers)],
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE terms_gone AS
        SELECT term FROM internal.search_postings SEMI JOIN docs_gone USING (doc)
        UNION SELECT term FROM internal.search_recent SEMI JOIN docs_gone USING (doc)"""
    )
    for table in ("search_postings", "search_recent", "search_documents"):
        con.execute(f"DELETE FROM internal.{table} WHERE doc IN (FROM docs_gone)")
    con.execute(
        """DELETE FROM internal.search_vocabulary WHERE internal.search_term(word) IN (
          FROM terms_gone ANTI JOIN internal.search_postings USING (term))"""
    )
    con.execute("DROP TABLE docs_gone")
    con.execute("DROP TABLE terms_gone")


def build_index(con: Connection) -> int:
    """Return how many articles were put into the index because they were missing: those of a store from before there was one.

    Some at a time in a transaction each: what interrupts it leaves the rest to the next time.
    """
    missing = """SELECT article_no, title, text FROM articles JOIN internal.article_numbers USING (article_id) WHERE article_no IN (
        SELECT article_no FROM internal.article_numbers ANTI JOIN (FROM internal.search_documents WHERE current) USING (article_no)
        ORDER BY article_no LIMIT ?) ORDER BY article_no"""
    built = 0
    while rows := con.execute(missing, [BUILT_AT_ONCE]).fetchall():
        with transaction(con):
            keep_words(con, [Told(*row) for row in rows])
        built += len(rows)
    return built


def rebuild_index(con: Connection) -> int:
    """Return how many articles are in the index, made anew from their texts; what interrupts it is taken up by the next writer."""
    with transaction(con):
        for table in TABLES:
            con.execute(f"DELETE FROM {table}")
    return build_index(con)


def wrong_words(con: Connection, documents: int) -> int:
    """Return how many words of so many articles, chosen by chance and always the same, are in the index or in the text only."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE texts_checked AS
        SELECT * FROM internal.search_texts ORDER BY hash(doc), doc LIMIT {documents}"""
    )
    con.execute("CREATE OR REPLACE TEMP TABLE words_there AS SELECT term, doc, places FROM internal.search_rows('texts_checked')")
    con.execute(
        """CREATE OR REPLACE TEMP TABLE words_kept AS
        SELECT term, doc, places FROM internal.search_postings SEMI JOIN texts_checked USING (doc)
        UNION ALL SELECT term, doc, places FROM internal.search_recent SEMI JOIN texts_checked USING (doc)"""
    )
    wrong = con.execute(
        """SELECT count(*) FROM ((FROM words_there EXCEPT ALL FROM words_kept) UNION ALL (FROM words_kept EXCEPT ALL FROM words_there))"""
    ).fetchall()
    for table in ("texts_checked", "words_there", "words_kept"):
        con.execute(f"DROP TABLE {table}")
    return int(wrong[0][0])


def merge_due(con: Connection) -> bool:
    """Return whether the runs are many, or much of what they hold is of no article any more."""
    documents, dead = con.execute("SELECT count(*), count(*) FILTER (NOT current) FROM internal.search_documents").fetchall()[0]
    return _count(con, "internal.search_runs") >= MOST_RUNS or dead > DEAD_SHARE * documents


def merge_runs(con: Connection) -> int:
    """Return how many runs were made one, with the latest postings and without those of no article; in one transaction."""
    with transaction(con):
        _end_run(con)
        runs = _count(con, "internal.search_runs")
        postings, last = con.execute("SELECT count(*), max(rowid) FROM internal.search_postings").fetchall()[0]
        slices = 1 + postings // SLICE_POSTINGS
        bounds = [TERMS * number // slices for number in range(slices + 1)]
        for low, high in pairwise(bounds):
            con.execute(
                """INSERT INTO internal.search_postings SELECT term, doc, places
                FROM internal.search_postings p SEMI JOIN (FROM internal.search_documents WHERE current) USING (doc)
                WHERE p.rowid <= ? AND term BETWEEN ? AND ? ORDER BY term, doc""",
                [last, low, high - 1],
            )
        con.execute("DELETE FROM internal.search_postings WHERE rowid <= ?", [last])
        con.execute("DELETE FROM internal.search_documents WHERE NOT current")
        con.execute(
            """DELETE FROM internal.search_vocabulary
            WHERE internal.search_term(word) NOT IN (SELECT DISTINCT term FROM internal.search_postings)"""
        )
        con.execute("DELETE FROM internal.search_runs")
        con.execute("INSERT INTO internal.search_runs SELECT count(*) FROM internal.search_postings")
    return runs


def _count(con: Connection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
