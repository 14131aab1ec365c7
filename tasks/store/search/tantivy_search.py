"""Articles found and ranked by the index of the extra tantivy (tasks/store/search/tantivy_index.py).

    units | a query of tantivy's | its best hits | conditions, in SQL | articles

It finds what the index in the store finds; scores are its own BM25, by field, so that the order may differ.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from tasks.store.migrate import Connection
from tasks.store.reading.browse import Found
from tasks.store.search.find import Conditions, narrowed, rank_in_store
from tasks.store.search.tantivy_index import NO_LETTERS, is_of, state_of

if TYPE_CHECKING:
    import tantivy

TITLE_WORTH = 3.0
"""How often a word of the title counts, as in the store's own ranking."""
MOST_SPELLINGS = 64
"""Words with a beginning that are ranked by how rare each is; where there are more, they all count the same."""
ROUNDS = (1_000, 20_000)
"""Hits to which conditions are put. Where even so few of them hold, the index in the store is quicker than more rounds."""


MOST_EXPANSIONS = 16_000
"""Words that the end of a phrase may be; tantivy refuses more than 16,384."""


class BehindError(Exception):
    """The index is of other documents than the store."""


class TooWideError(Exception):
    """The query has a phrase that may end in more words than tantivy looks for."""


def rank_in_folder(folder: Path, con: Connection, asked: Sequence[Found], limit: int, conditions: Conditions) -> dict[UUID, float]:
    """Return the scores of the best articles by the index in a folder, best first.

    Raises BehindError when it is not of the store that is asked, ValueError when there is none or it cannot be read.
    """
    import tantivy

    index = tantivy.Index.open(str(folder))
    if not is_of(index, state_of(con)):
        raise BehindError
    searcher = index.searcher()
    try:
        query = _query(searcher, index.schema, asked)
    except TooWideError:
        return rank_in_store(con, asked, limit, conditions)
    for most in ROUNDS if conditions != Conditions() else (limit,):
        hits = searcher.search(query, limit=most, count=False).hits
        docs = searcher.fast_field_values("doc", [address for _, address in hits])
        best = _articles(con, {int(doc or 0): score for doc, (score, _) in zip(docs, hits, strict=True)}, conditions)
        if len(best) >= limit or len(hits) < most:
            return dict(best[:limit])
    return rank_in_store(con, asked, limit, conditions)


def _articles(con: Connection, scores: dict[int, float], conditions: Conditions) -> list[tuple[UUID, float]]:
    """Return the articles of documents for which the conditions hold, with their scores, best first."""
    where, values = narrowed(conditions)
    rows = con.execute(
        f"""SELECT article_id, doc FROM (
          SELECT article_id, doc FROM internal.search_documents JOIN internal.article_numbers USING (article_no)
          WHERE current AND doc IN (SELECT unnest($docs::BIGINT[]))) {where}""",
        values | {"docs": list(scores)},
    )
    found = [(article_id, round(scores[doc], 6)) for article_id, doc in rows.fetchall()]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _query(searcher: "tantivy.Searcher", schema: "tantivy.Schema", asked: Sequence[Found]) -> "tantivy.Query":
    from tantivy import Occur, Query

    return Query.boolean_query([(Occur.MustNot if unit["excluded"] else Occur.Must, _unit(searcher, schema, unit)) for unit in asked])


def _unit(searcher: "tantivy.Searcher", schema: "tantivy.Schema", unit: Found) -> "tantivy.Query":
    """Return what finds the words of a unit side by side, in its field or in one of both."""
    from tantivy import Occur, Query

    words = [word or NO_LETTERS for word in unit["words"]]
    met = []
    for field, worth in (("title", TITLE_WORTH), ("text", 1.0)):
        if unit["field"] in {None, field}:
            if unit["begins"]:
                found = _beginning(searcher, schema, field, [*words[:-1], unit["words"][-1]])
            elif len(words) > 1:
                found = Query.phrase_query(schema, field, list(words))
            else:
                found = Query.term_query(schema, field, words[0])
            met.append((Occur.Should, Query.boost_query(found, worth)))
    return Query.boolean_query(met)


def _beginning(searcher: "tantivy.Searcher", schema: "tantivy.Schema", field: str, words: list[str]) -> "tantivy.Query":
    """Return what finds words of which the last one only begins so. They are letters and digits, so they are patterns as they are."""
    from tantivy import Occur, Query

    pattern = f"{words[-1]}.*"
    if len(words) > 1:
        if len(searcher.terms_with_prefix(field, words[-1], limit=MOST_EXPANSIONS + 1)) > MOST_EXPANSIONS:
            raise TooWideError
        return Query.regex_phrase_query(schema, field, [*words[:-1], pattern])
    spelled = searcher.terms_with_prefix(field, words[0], limit=MOST_SPELLINGS + 1)
    if len(spelled) > MOST_SPELLINGS:
        return Query.regex_query(schema, field, pattern)
    return Query.boolean_query([(Occur.Should, Query.term_query(schema, field, word)) for word, _ in spelled])
