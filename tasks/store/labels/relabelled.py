"""Stored articles labelled anew: which they are, what labelling needs to know of them, and their new labels in the store.

numbers of the articles | a batch of them | (labels found in workers) | labels, story terms, digests, cursor, run: one transaction
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple, get_args
from uuid import UUID

from schemas.arrival import Batch
from schemas.article import Article, BlockRole, RemovedBlock
from schemas.document import Cursor
from schemas.labelling import Labelling
from schemas.labels import Labels
from schemas.run import RunCounts, RunReport, StageCost
from tasks.costs import Watch
from tasks.label.user_topics import METHOD, Named
from tasks.label.version import Digests, Kind
from tasks.store.articles.touched import delete_articles, write_entities
from tasks.store.finish import finish_run
from tasks.store.labels.own_topics import drop_unused_topics, tag, tellings
from tasks.store.migrate import Connection
from tasks.store.rows import article_entity_rows, mention_rows, topic_rows
from tasks.store.runs import add_to_run, keep_cursors
from tasks.store.stories.recluster import unsettle_recent
from tasks.store.stories.settle import StoryRow, assign
from tasks.store.transaction import transaction

AT_ONCE = 1_000
"""Articles of a batch: finding the rows of a batch among all costs the same for few as for many."""
MOST_CHARACTERS = 16 * 2**20
"""Text of a batch, unless one article alone has more: two batches are in memory together."""
_ARTICLE = ("text", "title", "byline", "agency", "section", "source", "url")
"""What labelling reads of an article, and what names it, beside its keywords and what was cut from it."""
_ENTITY_PARTS = {"mentions": mention_rows, "article_entities": article_entity_rows}


class StoredArticle(NamedTuple):
    """An article as labelling needs it, and what the store made of its labels before."""

    article_no: int
    article_id: UUID
    article: Article
    language: str
    published_at: datetime | None
    named: tuple[Named, ...]
    terms: bytes | None


class Done(NamedTuple):
    """A stored article with its new labels, and its story terms where entities are among them."""

    stored: StoredArticle
    labels: Labels
    terms: bytes | None

    @property
    def article_id(self) -> UUID:
        """The article."""
        return self.stored.article_id


class Failed(NamedTuple):
    """A stored article that could not be labelled, and why; it keeps the labels that it has."""

    stored: StoredArticle
    reason: str
    detail: str


class Rules(NamedTuple):
    """By which rules articles are labelled anew: the kinds of labels, the settings, the digests."""

    kinds: frozenset[Kind]
    labelling: Labelling
    digests: Digests


class Progressed(NamedTuple):
    """A batch's part in its run: its costs, how far the run has come with it, and when."""

    run_id: UUID
    costs: tuple[StageCost, ...]
    cursor: Cursor | None
    now: datetime


def outdated_numbers(con: Connection, rules: Rules) -> list[int]:
    """Return the numbers of the articles whose labels other rules made, in order."""
    kinds = sorted(rules.kinds)
    other = " OR ".join(f"{kind}_by IS DISTINCT FROM ?" for kind in kinds)
    rows = con.execute(
        f"SELECT article_no FROM articles JOIN internal.article_numbers USING (article_id) WHERE {other} ORDER BY article_no",
        [getattr(rules.digests, kind) for kind in kinds],
    )
    return [number for (number,) in rows.fetchall()]


def numbers_of(con: Connection, ids: Collection[UUID], after: int = 0) -> list[int]:
    """Return the numbers of some articles, in order, those up to a number left out."""
    rows = con.execute(
        "SELECT article_no FROM internal.article_numbers WHERE article_no > ? AND article_id IN (SELECT unnest(?::UUID[])) ORDER BY ALL",
        [after, list(ids)],
    )
    return [number for (number,) in rows.fetchall()]


def batch_sizes(con: Connection, numbers: Sequence[int]) -> Iterator[int]:
    """Yield how many of some articles, given by their numbers, go together: all that fit into a batch, at least one."""
    sizes = dict(
        con.execute(
            """SELECT article_no, length(text) FROM articles JOIN internal.article_numbers USING (article_id)
            WHERE article_no IN (SELECT unnest(?::BIGINT[]))""",
            [list(numbers)],
        ).fetchall()
    )
    count = letters = 0
    for number in numbers:
        size = sizes.get(number, 0)
        if count and letters + size > MOST_CHARACTERS:
            yield count
            count = letters = 0
        count, letters = count + 1, letters + size
    yield from [count] * bool(count)


def fetch_articles(con: Connection, numbers: Sequence[int], rules: Rules) -> list[StoredArticle]:
    """Return those of some articles, given by their numbers, that are in the store, in order."""
    rows = con.execute(
        f"""SELECT article_no, article_id, a.language, a.published_at, {", ".join(f"a.{name}" for name in _ARTICLE)}, keywords, t.terms
        FROM articles a JOIN internal.article_numbers USING (article_id) LEFT JOIN internal.article_terms t USING (article_no, article_id)
        WHERE article_no BETWEEN ? AND ? AND article_no IN (SELECT unnest(?::BIGINT[])) ORDER BY article_no""",
        [numbers[0], numbers[-1], list(numbers)],
    ).fetchall()
    ids = [row[1] for row in rows]
    removed = _removed(con, ids)
    asked = "entities" not in rules.kinds and any(rule.entities for rule in rules.labelling.rules)
    named = {article_id: one.named for article_id, one in (tellings(con, ids) if asked else {}).items()}
    return [
        StoredArticle(
            number,
            article_id,
            Article(**dict(zip(_ARTICLE, said, strict=True)), keywords=keywords or (), removed=removed.get(article_id, ())),
            language,
            published_at,
            named.get(article_id, ()),
            terms,
        )
        for number, article_id, language, published_at, *said, keywords, terms in rows
    ]


def _removed(con: Connection, ids: Sequence[UUID]) -> dict[UUID, tuple[RemovedBlock, ...]]:
    rows = con.execute(
        """SELECT article_id, role, reason, text FROM removed_blocks
        WHERE article_id IN (SELECT unnest(?::UUID[])) AND role IN (SELECT unnest(?::VARCHAR[])) ORDER BY rowid""",
        [list(ids), list(get_args(BlockRole))],
    )
    found: dict[UUID, list[RemovedBlock]] = {}
    for article_id, role, reason, text in rows.fetchall():
        found.setdefault(article_id, []).append(RemovedBlock(role=role, reason=reason, text=text))
    return {article_id: tuple(blocks) for article_id, blocks in found.items()}


def write_labels(con: Connection, results: Sequence[Done | Failed], rules: Rules, progressed: Progressed) -> RunCounts:
    """Return the counts of a batch after its labels stand in the store with all that depends on them; one transaction."""
    watch = Watch()
    done = [one for one in results if isinstance(one, Done)]
    failed = [one for one in results if isinstance(one, Failed)]
    counts = RunCounts(seen=len(results), unchanged=len(done), rejected=len(failed))
    with transaction(con):
        with watch.stage("load", len(done)):
            ids = [one.article_id for one in done]
            if "entities" in rules.kinds:
                _write_entities(con, done, ids)
            if "topics" in rules.kinds:
                _write_topics(con, done, ids)
            tag(con, rules.labelling.rules, {one.article_id: one.labels.rules_met for one in done})
            _note_rules(con, rules, ids)
            _reject(con, failed, progressed)
        with watch.stage("stories", len(done)):
            assign(con, _retold(done))
        batch = Batch(run_id=progressed.run_id, arrivals=(), costs=progressed.costs, now=progressed.now)
        add_to_run(con, batch, counts, watch.costs)
        keep_cursors(con, [progressed.cursor] if progressed.cursor else [])
    return counts


def _write_entities(con: Connection, done: Sequence[Done], ids: list[UUID]) -> None:
    delete_articles(con, _ENTITY_PARTS, ids)
    write_entities(con, done)
    for table, rows_of in _ENTITY_PARTS.items():
        with con.appender(table) as appender:
            appender.append_rows(chain.from_iterable(map(rows_of, done)))
    _rename(con, done)


def _rename(con: Connection, done: Sequence[Done]) -> None:
    """Call the entities that were learned from articles what the first article that names them calls them now."""
    names: dict[str, tuple[UUID, str]] = {}
    for one in done:
        for entity in one.labels.entities:
            names.setdefault(entity.entity_id, (one.article_id, entity.name))
    rows = con.execute(
        """SELECT entity_id, name FROM entities WHERE entity_id IN (SELECT unnest(?::VARCHAR[]))
        AND coalesce(name_fr, wikidata_id, country, stands_for) IS NULL
        AND entity_id NOT IN (SELECT entity_id FROM entity_aliases WHERE source <> 'learned')""",
        [list(names)],
    ).fetchall()
    other = [entity_id for entity_id, name in rows if names[entity_id][1] != name]
    if not other:
        return
    first = con.execute(
        """SELECT entity_id, arg_min(article_id, article_no) FROM mentions JOIN internal.article_numbers USING (article_id)
        WHERE entity_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY entity_id""",
        [other],
    ).fetchall()
    for entity_id, article_id in first:
        if names[entity_id][0] == article_id:
            con.execute("UPDATE entities SET name = ? WHERE entity_id = ?", [names[entity_id][1], entity_id])


def _write_topics(con: Connection, done: Sequence[Done], ids: list[UUID]) -> None:
    con.execute("DELETE FROM article_topics WHERE method <> ? AND article_id IN (SELECT unnest(?::UUID[]))", [METHOD, ids])
    with con.appender("article_topics") as appender:
        appender.append_rows(chain.from_iterable(map(topic_rows, done)))


def _note_rules(con: Connection, rules: Rules, ids: list[UUID]) -> None:
    kinds = sorted(rules.kinds)
    con.execute(
        f"UPDATE articles SET {', '.join(f'{kind}_by = ?' for kind in kinds)} WHERE article_id IN (SELECT unnest(?::UUID[]))",
        [*(getattr(rules.digests, kind) for kind in kinds), ids],
    )


def _reject(con: Connection, failed: Iterable[Failed], progressed: Progressed) -> None:
    with con.appender("rejections") as appender:
        for one in failed:
            url, origin = one.stored.article.url, f"article:{one.stored.article_id}"
            appender.append_row(progressed.run_id, "label", one.reason, one.detail, origin, url, None, progressed.now)


def _retold(done: Iterable[Done]) -> list[StoryRow]:
    """Return the articles that name others than before, or that stories know otherwise for another reason."""
    return [
        StoryRow(one.stored.article_no, one.article_id, one.stored.published_at, one.stored.language, one.terms)
        for one in done
        if one.terms is not None and one.terms != one.stored.terms
    ]


def finish_relabel(con: Connection, run_id: UUID, rules: Rules, sources: Sequence[str], clock: Callable[[], datetime]) -> RunReport:
    """Return the report of the closed run, with nothing left that only the labels before needed, and stories settled as after any run."""
    with transaction(con):
        if con.execute("SELECT 1 FROM internal.unsettled LIMIT 1").fetchall():
            unsettle_recent(con)  # names that are rarer or commoner now count otherwise everywhere; whoever settles next does the rest
        if "entities" in rules.kinds:
            _forget_unused(con)
        drop_unused_topics(con, rules.labelling)
    return finish_run(con, run_id, sources, clock)


def _forget_unused(con: Connection) -> None:
    """Delete the entities that neither the software nor any article names; of one that only articles name, what the software said."""
    from tasks.label.entities import knowledge

    shipped = {"ids": list(knowledge.__wrapped__().rows)}  # past its cache: it would stay in memory for nothing
    con.execute(
        """DELETE FROM entities WHERE entity_id NOT IN (SELECT unnest($ids::VARCHAR[]))
        AND entity_id NOT IN (SELECT entity_id FROM mentions)""",
        shipped,
    )
    con.execute(
        """UPDATE entities SET name_fr = NULL, wikidata_id = NULL, country = NULL, stands_for = NULL
        WHERE entity_id NOT IN (SELECT unnest($ids::VARCHAR[])) AND coalesce(name_fr, wikidata_id, country, stands_for) IS NOT NULL""",
        shipped,
    )
