"""One batch into the store, in one transaction: all of it, or nothing.

arrivals | settle each: what is it? | documents, places, sightings, rejections | articles, versions | copies | stories | run, cursor
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from schemas.arrival import Arrival, Batch, Known
from schemas.document import RawDocument
from schemas.labels import LabelledArticle
from schemas.rejection import REMOVED, Rejection
from schemas.run import RunCounts
from tasks.costs import Watch
from tasks.store.articles.changed import Changed, changed_articles
from tasks.store.articles.contexts import Filed, documents_on_file, filed, keep_contexts
from tasks.store.articles.places import articles_at, item_key, keep_places, place_key
from tasks.store.articles.recleaned import log_rule_changes, standing
from tasks.store.articles.refused import keep_refused
from tasks.store.articles.touched import Touched, fetch_known, write_articles
from tasks.store.articles.versions import write_versions
from tasks.store.care.tombstones import forget_items, link_keys, turn_away
from tasks.store.care.unused import drop_documents
from tasks.store.copies.relate import FingerprintRow, relate
from tasks.store.copies.window import reaching
from tasks.store.feeds.ledger import add_text_samples, text_sample, write_ledgers
from tasks.store.labels.own_topics import tag, tag_again
from tasks.store.migrate import Connection
from tasks.store.rows import document_row, sighting_row
from tasks.store.runs import add_to_run, keep_cursors
from tasks.store.search.index import Told, keep_words
from tasks.store.stories.settle import StoryRow, assign
from tasks.store.transaction import transaction

Fate = Literal["new", "new_versions", "sightings", "unchanged", "rejected"]


class Settled(NamedTuple):
    """An arrival with its fate and the article it belongs to; a rejected one belongs to none."""

    fate: Fate
    item: RawDocument | Rejection
    article_id: UUID | None
    rejection: Rejection | None = None
    again: bool = False
    """Whether its document is known where it is: it went through the rules once more, or was passed over."""

    @property
    def turned_away(self) -> RawDocument | None:
        """The document when it belongs to a removed article: it is not kept."""
        removed = self.rejection is not None and self.rejection.reason == REMOVED
        return self.item if removed and isinstance(self.item, RawDocument) else None

    @property
    def document(self) -> RawDocument | None:
        """The document, None when reading it failed or when it is turned away."""
        return self.item if isinstance(self.item, RawDocument) and not self.turned_away else None


def load(con: Connection, batch: Batch) -> RunCounts:
    """Return the counts of a batch after it stands in the store with its sightings, copies, stories, cursor and run.

    Everything happens in one transaction: an error leaves the store as it was and is raised.
    """
    with transaction(con):
        return _load(con, batch.model_copy(update={"arrivals": turn_away(con, batch.arrivals)}))


def _load(con: Connection, batch: Batch) -> RunCounts:
    watch = Watch()
    labelled = sum(isinstance(arrival.result, LabelledArticle) for arrival in batch.arrivals)
    with watch.stage("load", labelled):
        touched = _touched(con, batch.arrivals)
        settled = _write(con, batch, touched)
        changed = changed_articles(con, touched.values())
    with watch.stage("copies", len(changed)):
        rows = [FingerprintRow(one.article_no, one.article_id, one.day, one.source, one.sketch) for one in changed]
        relate(con, reaching(con, rows, whole_archive=batch.whole_archive))
    with watch.stage("stories", len(changed)):
        assign(con, [StoryRow(one.article_no, one.article_id, one.published_at, one.language, one.terms) for one in changed])
    with watch.stage("search", len(changed)):
        keep_words(con, _told(changed, touched))
    passed = write_ledgers(con, batch.run_id, batch.ledgers)
    _forget_turned_away(con, [entry.item for entry in settled if entry.turned_away])
    fates = Counter({"unchanged": passed}) + Counter(entry.fate for entry in settled)
    copies = _copies_among(con, [entry.article_id for entry in settled if entry.fate == "new" and entry.article_id])
    counts = RunCounts.model_validate(fates | {"seen": len(settled) + passed, "duplicates": copies})
    add_to_run(con, batch, counts, (*watch.costs, *(cost for ledger in batch.ledgers for cost in ledger.costs)))
    keep_cursors(con, batch.cursors)
    return counts


def _told(changed: Iterable[Changed], touched: dict[UUID, Touched]) -> list[Told]:
    """Return those of the changed articles whose text is new, as a search sees them."""
    rewritten = [(one.article_no, touched[one.article_id].current) for one in changed]
    return [Told(number, current.article.title, current.article.text) for number, current in rewritten if current]


def _touched(con: Connection, arrivals: Sequence[Arrival]) -> dict[UUID, Touched]:
    """Return the known ones of the articles of a batch. One of whose documents nothing can be made today is not made anew."""
    stuck = {arrival.of for arrival in arrivals if isinstance(arrival.result, Rejection)}
    anew = {arrival.of for arrival in arrivals if arrival.of} - stuck
    ids = [arrival.result.article_id for arrival in arrivals if isinstance(arrival.result, LabelledArticle) and not arrival.of]
    return {known.article_id: Touched(known, anew=known.article_id in anew) for known in fetch_known(con, [*ids, *anew])}


def _write(con: Connection, batch: Batch, touched: dict[UUID, Touched]) -> list[Settled]:
    places = articles_at(con, [place_key(arrival.item.place) for arrival in batch.arrivals])
    settled = []
    known_places = dict(places)
    for arrival in batch.arrivals:
        settled.append(settle_arrival(arrival, touched, known_places, batch.now))
        known_places[place_key(arrival.item.place)] = settled[-1].article_id
    on_file = _write_documents(con, settled)
    keep_contexts(con, batch.run_id, _read(batch, settled), on_file)
    _write_sightings(con, settled, batch)
    _write_rejections(con, settled, batch)
    _keep_refused(con, settled)
    add_text_samples(con, [sample for arrival in batch.arrivals if not arrival.of and (sample := text_sample(arrival))])
    _write_places(con, [entry for arrival, entry in zip(batch.arrivals, settled, strict=True) if not _stays(arrival)], places)
    before = standing(con, [entry.article_id for entry in touched.values() if entry.anew])
    write_versions(con, touched.values())
    write_articles(con, touched.values(), batch.labelled_by)
    _tag(con, batch, touched.values())
    log_rule_changes(con, before, batch)
    _touch_seen(con, settled, batch.now)
    return settled


def _tag(con: Connection, batch: Batch, touched: Iterable[Touched]) -> None:
    """Give the written articles the topics of one's own, and look again at those whose date has moved."""
    entries = [(entry, entry.current) for entry in touched]
    if batch.rules:
        tag(con, batch.rules, {current.article_id: current.labels.rules_met for _, current in entries if current})
        tag_again(con, batch.rules, [entry.article_id for entry, current in entries if entry.moved and not current])


def settle_arrival(arrival: Arrival, touched: dict[UUID, Touched], places: dict[UUID, UUID | None], now: datetime) -> Settled:
    """Return what an arrival is; its article is taken into `touched`.

    `places` says which article stood where before: a known article in other bytes at its own place is unchanged.
    """
    item, result = arrival.item, arrival.result
    match result:
        case Rejection() if arrival.of:
            return Settled("rejected", item, None, result, again=True)
        case LabelledArticle() if arrival.of:
            if arrival.of in touched:
                touched[arrival.of].add(result.model_copy(update={"article_id": arrival.of}), arrival.seen_at or now)
            return Settled("unchanged", item, arrival.of, again=True)
        case Rejection():
            return Settled("rejected", item, None, result)
        case Known():
            unchanged = result.outcome == "unchanged"
            return Settled("unchanged" if unchanged else "sightings", item, result.article_id, again=unchanged)
        case LabelledArticle(article_id=article_id):
            fate: Fate = touched.setdefault(article_id, Touched(None)).add(result, result.fetched_at or now)
            same_place = fate == "sightings" and places.get(place_key(item.place)) == article_id
            return Settled("unchanged" if same_place else fate, item, article_id)


def _write_documents(con: Connection, settled: Iterable[Settled]) -> dict[str, Filed]:
    """Return what stands in `documents` of the documents of a batch, now that the new ones do."""
    documents: dict[str, RawDocument] = {}
    for entry in settled:
        if entry.document and not entry.again:
            documents.setdefault(entry.document.document_id, entry.document)
    known = documents_on_file(con, list(documents))
    with con.appender("documents") as appender:
        appender.append_rows(document_row(document) for document_id, document in documents.items() if document_id not in known)
    return {document_id: filed(document) for document_id, document in documents.items()} | known


def _read(batch: Batch, settled: Sequence[Settled]) -> Iterator[tuple[UUID, RawDocument, datetime]]:
    """Give each article with a document that was read for it in this batch, and when that was met."""
    for arrival, entry in zip(batch.arrivals, settled, strict=True):
        if isinstance(arrival.result, LabelledArticle) and not entry.again and entry.document and entry.article_id:
            yield entry.article_id, entry.document, arrival.result.fetched_at or batch.now


def _write_sightings(con: Connection, settled: Iterable[Settled], batch: Batch) -> None:
    rows = (
        sighting_row(entry.article_id, entry.document, entry.document.fetched_at or batch.now, batch.run_id)
        for entry in settled
        if entry.fate in {"new", "new_versions", "sightings"} and entry.document and entry.article_id
    )
    with con.appender("sightings") as appender:
        appender.append_rows(rows)


def _write_rejections(con: Connection, settled: Iterable[Settled], batch: Batch) -> None:
    rejections = [entry.rejection for entry in settled if entry.rejection]
    with con.appender("rejections") as appender:
        appender.append_rows(
            (batch.run_id, *(one.stage, one.reason, one.detail, one.origin, one.url, one.document_id), batch.now) for one in rejections
        )


def _keep_refused(con: Connection, settled: Iterable[Settled]) -> None:
    entries = [entry for entry in settled if not entry.again]
    turned_away = [entry.turned_away for entry in entries if entry.turned_away]
    keep_refused(
        con,
        accepted=[*turned_away, *(entry.document for entry in entries if entry.document and entry.article_id)],
        rejected=[entry.document for entry in entries if entry.document and entry.rejection],
    )
    if turned_away:
        drop_documents(con, {document.document_id for document in turned_away})


def _forget_turned_away(con: Connection, items: Sequence[RawDocument | Rejection]) -> None:
    """Keep nothing of what feeds say of removed articles, now that what came with them is written."""
    if items:
        forget_items(con, link_keys(item.url for item in items), [place_key(item.place) for item in items])


def _copies_among(con: Connection, ids: Sequence[UUID]) -> int:
    found = con.execute("SELECT count(duplicate_of) FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))", [list(ids)])
    return int(found.fetchall()[0][0])


def _stays(arrival: Arrival) -> bool:
    return arrival.of is not None or (isinstance(arrival.result, Known) and arrival.result.outcome == "unchanged")


def _write_places(con: Connection, settled: Sequence[Settled], places: dict[UUID, UUID | None]) -> None:
    moved = {place_key(entry.item.place): entry for entry in settled}
    rows = [(key, item_key(entry.item), entry.article_id) for key, entry in moved.items()]
    keep_places(con, rows, {key: places[key] for key in moved if key in places})


def _touch_seen(con: Connection, settled: Iterable[Settled], now: datetime) -> None:
    """Move `last_seen_at` of the articles whose documents were passed over; the others have it from `write_articles`.

    A file of an archive that lies where it lay tells nothing new: reading it again changes nothing.
    """
    seen = {
        entry.article_id: entry.document.fetched_at or now
        for entry in settled
        if entry.document and entry.article_id and (entry.fate != "unchanged" or entry.document.fetched_at)
    }
    con.execute(
        """UPDATE articles SET last_seen_at = greatest(last_seen_at, met.seen_at)
        FROM (SELECT unnest(?::UUID[]) AS article_id, unnest(?::TIMESTAMPTZ[]) AS seen_at) met
        WHERE articles.article_id = met.article_id AND articles.last_seen_at < met.seen_at""",
        [list(seen), list(seen.values())],
    )
