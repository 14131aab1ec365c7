"""The index of the extra tantivy, brought in line with the published store (tasks/store/search/tantivy_index.py).

published copy | documents that are new or gone | their words, folded in SQL | one commit
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.store.connection import open_current
from tasks.store.keyed import by_key
from tasks.store.migrate import Connection
from tasks.store.search.index import Told, portions
from tasks.store.search.tantivy_index import (
    NO_LETTERS,
    STAMP,
    UNFINISHED,
    commit,
    index_path,
    is_of,
    make,
    open_or_make,
    stamps_in,
    state_of,
)

if TYPE_CHECKING:
    import numpy as np
    import tantivy

HEAP = 50_000_000  # bytes that are indexed before a part is written
COMMITTED = 20_000  # documents, half a minute's work: so much is done again after a kill
READ_AT_ONCE = 500  # texts, of up to a megabyte, in memory together


def bring_up_to_date(store: Path, *, anew: bool = False) -> int:
    """Return how many documents came into the index of a published store and went; `anew`: it is made from nothing.

    To be called by the process that holds the store. Raises OSError or ValueError when the folder cannot be written, and
    what reading the store raises.
    """
    with closing(open_current(store)) as con:
        index = make(index_path(store)) if anew else open_or_make(index_path(store))
        state = state_of(con)
        return 0 if is_of(index, state) else _follow(con, index, state)


def _follow(con: Connection, index: "tantivy.Index", state: str) -> int:
    """Return how many documents came and went, so that the index is of the store."""
    import numpy as np

    had, now = stamps_in(index), _stamps(con)
    stays = np.isin(had["stamp"], now["stamp"])
    gone, known = had[~stays], had[stays]
    new = now[~np.isin(now["stamp"], had["stamp"])]
    writer = index.writer(heap_size=HEAP, num_threads=1)
    for doc in gone["doc"].tolist():
        writer.delete_documents_by_term("doc", doc)
    for start in range(0, len(new), COMMITTED):
        if start:
            commit(writer, UNFINISHED, known)
        some = new[start : start + COMMITTED]
        for told in _texts(con, some["doc"].tolist()):
            _add(con, writer, told)
        known = np.concatenate([known, some])
    commit(writer, state, known)
    writer.wait_merging_threads()
    return len(gone) + len(new)


def _stamps(con: Connection) -> "np.ndarray[Any, Any]":
    """Return the number and the stamp of every document that a search may find."""
    import numpy as np

    found = con.execute(
        """SELECT doc, hash(doc, article_id, title, content_hash, titled, words) AS stamp FROM internal.search_documents
        JOIN internal.article_numbers USING (article_no) JOIN articles USING (article_id) WHERE current ORDER BY doc"""
    ).fetchnumpy()
    stamps = np.empty(len(found["doc"]), dtype=STAMP)
    stamps["doc"], stamps["stamp"] = found["doc"], found["stamp"]
    return stamps


def _texts(con: Connection, docs: Sequence[int]) -> Iterator[list[Told]]:
    """Yield the texts of documents, numbered by them, in portions that are split into words at once."""
    for start in range(0, len(docs), READ_AT_ONCE):
        named = con.execute(
            """SELECT article_id, doc FROM internal.search_documents JOIN internal.article_numbers USING (article_no)
            WHERE current AND doc IN (SELECT unnest(?::BIGINT[]))""",
            [docs[start : start + READ_AT_ONCE]],
        )
        numbers = dict(named.fetchall())
        columns = "article_id, coalesce(title, '')[:10000], text[:1000000]"
        rows = by_key(con, f"SELECT {columns} FROM articles WHERE article_id IN", list(numbers))
        yield from portions([Told(numbers[article_id], title, text) for article_id, title, text in rows])


def _add(con: Connection, writer: "tantivy.IndexWriter", told: Sequence[Told]) -> None:
    """Put the words of texts into the index."""
    import tantivy

    numbers, titles, texts = (list(column) for column in zip(*told, strict=True))
    rows = con.execute(
        f"""SELECT doc, {_spelled("title")}, {_spelled("text")} FROM (
          SELECT unnest($numbers::BIGINT[]) AS doc, unnest($titles::VARCHAR[]) AS title, unnest($texts::VARCHAR[]) AS text)""",
        {"numbers": numbers, "titles": titles, "texts": texts},
    )
    for doc, title, text in rows.fetchall():
        document = tantivy.Document()
        document.add_integer("doc", doc)
        document.add_text("title", title)
        document.add_text("text", text)
        writer.add_document(document)


def _spelled(column: str) -> str:
    folded = f"list_transform(internal.search_words({column}), lambda w: internal.search_fold(w))"
    return f"array_to_string(list_transform({folded}, lambda w: if(w = '', '{NO_LETTERS}', w)), ' ')"
