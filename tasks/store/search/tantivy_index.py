"""The index of the extra tantivy: a folder beside the published store, of the very words that the index in the store has.

What the index is of stands in a document of its own, so it is committed with the words: a kill leaves the old index or the new one.
Any store may take the place of another, a backup for instance, and numbers of documents are given again when the last ones are
removed; so a document is known by a stamp of what it holds, not by its number alone.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.store.migrate import Connection

if TYPE_CHECKING:
    import numpy as np
    import tantivy

STATE = "state1"
"""The field that says what the index is of. It is called otherwise when the index is to have other words or fields: one without it is
made anew."""
ABOUT = -1
"""The number of the document that says what the index is of."""
UNFINISHED = "unfinished"
NO_LETTERS = "-"
"""A word of which folding leaves nothing, in its place lest a phrase close over it; no word has this character."""
STAMP = [("doc", "<i8"), ("stamp", "<u8")]
OURS = re.compile(r"[0-9a-f]{32}\..+|\.managed\.json|meta\.json|\.tantivy-\w+\.lock|\.tmp\w+")
"""The files that tantivy puts into its folder."""


def index_path(store: Path) -> Path:
    """Return where the index of a published store stands: the folder `news.duckdb.tantivy` beside `news.duckdb`."""
    return store.with_name(f"{store.name}.tantivy")


def state_of(con: Connection) -> str:
    """Return what an index must say to be of this store: its documents with their lengths, and its runs. 6 ms for a million."""
    [(state,)] = con.execute(
        """SELECT concat_ws(' ', count(*), max(doc), bit_xor(hash(doc, article_no, titled, words)),
          (SELECT concat_ws(' ', count(*), epoch_us(max(started_at))) FROM runs))
        FROM internal.search_documents WHERE current"""
    ).fetchall()
    return str(state)


def is_of(index: "tantivy.Index", state: str) -> bool:
    """Return whether an index is of the store that is in this state. Raises ValueError when it is broken."""
    import tantivy

    return bool(index.searcher().search(tantivy.Query.term_query(index.schema, STATE, state), limit=1).hits)


def open_or_make(folder: Path) -> "tantivy.Index":
    """Return the index in a folder; an empty one where there is none, or one that cannot be read."""
    import tantivy

    try:
        index = tantivy.Index.open(str(folder))
        is_of(index, UNFINISHED)  # of these fields, and with all its files
    except ValueError:
        return make(folder)
    return index


def make(folder: Path) -> "tantivy.Index":
    """Return a new index in place of whatever index is there; files that are not tantivy's stay."""
    import tantivy

    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if OURS.fullmatch(path.name):
            path.unlink()
    fields = tantivy.SchemaBuilder().add_integer_field("doc", indexed=True, fast=True)
    for name in ("title", "text"):
        fields.add_text_field(name, tokenizer_name="whitespace")
    fields.add_text_field(STATE, tokenizer_name="raw", index_option="basic")
    fields.add_bytes_field("stamps", stored=True)
    return tantivy.Index(fields.build(), path=str(folder))


def stamps_in(index: "tantivy.Index") -> "np.ndarray[Any, Any]":
    """Return the number and the stamp of every document that the index has."""
    import numpy as np
    import tantivy

    searcher = index.searcher()
    about = searcher.search(tantivy.Query.term_query(index.schema, "doc", ABOUT), limit=1).hits
    told = searcher.doc(about[0][1]).get_first("stamps") if about else None
    return np.frombuffer(told or b"", dtype=STAMP)


def commit(writer: "tantivy.IndexWriter", state: str, known: "np.ndarray[Any, Any]") -> None:
    """Write what the writer was told, durably and in one step, with the state of the store and the documents that there are then."""
    import tantivy

    writer.delete_documents_by_term("doc", ABOUT)
    about = tantivy.Document()
    about.add_integer("doc", ABOUT)
    about.add_text(STATE, state)
    about.add_bytes("stamps", known.tobytes())
    writer.add_document(about)
    writer.commit()
