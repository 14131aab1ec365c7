"""What nothing uses any more once articles are gone: their documents, and the entities that only they named."""

from collections.abc import Collection
from uuid import UUID

from tasks.store.migrate import Connection

_LEARNED = """coalesce(name_fr, wikidata_id, country, stands_for) IS NULL
  AND entity_id NOT IN (SELECT entity_id FROM entity_aliases WHERE source <> 'learned')"""
"""Learned from an article: what comes with the software has a spelling, a country or a name in another language."""


def documents_of(con: Connection, ids: Collection[UUID]) -> set[str]:
    """Return the documents in which some articles were met."""
    rows = con.execute(
        """SELECT document_id FROM sightings WHERE article_id IN (SELECT unnest($ids::UUID[]))
        UNION SELECT document_id FROM internal.contexts WHERE article_id IN (SELECT unnest($ids::UUID[]))""",
        {"ids": list(ids)},
    )
    return {document_id for (document_id,) in rows.fetchall()}


def drop_documents(con: Connection, document_ids: Collection[str]) -> None:
    """Delete those of some documents that no article was met in, also where they were refused."""
    used = con.execute(
        """SELECT document_id FROM sightings WHERE document_id IN (SELECT unnest($ids::VARCHAR[]))
        UNION SELECT document_id FROM internal.contexts WHERE document_id IN (SELECT unnest($ids::VARCHAR[]))""",
        {"ids": list(document_ids)},
    )
    unused = sorted(set(document_ids) - {document_id for (document_id,) in used.fetchall()})
    if not unused:
        return
    con.execute("DELETE FROM internal.refused WHERE document_id IN (SELECT unnest(?::VARCHAR[]))", [unused])
    con.execute("UPDATE rejections SET document_id = NULL WHERE document_id IN (SELECT unnest(?::VARCHAR[]))", [unused])
    marks = ", ".join("?" * len(unused))  # constants, because only those are looked up by the table's key
    con.execute(f"DELETE FROM documents WHERE document_id IN ({marks})", unused)


def entities_of(con: Connection, ids: Collection[UUID]) -> list[str]:
    """Return the entities that some articles name and that were learned from articles."""
    rows = con.execute(
        f"""SELECT entity_id FROM entities WHERE {_LEARNED}
        AND entity_id IN (SELECT entity_id FROM mentions WHERE article_id IN (SELECT unnest(?::UUID[])))""",
        [list(ids)],
    )
    return [entity_id for (entity_id,) in rows.fetchall()]


def drop_entities(con: Connection, entity_ids: Collection[str]) -> None:
    """Delete those of some learned entities that no article names; the others are called what an article calls them, the first to come."""
    if not entity_ids:
        return
    ids = {"ids": list(entity_ids)}
    con.execute(
        """DELETE FROM entities WHERE entity_id IN (SELECT unnest($ids::VARCHAR[]))
        AND entity_id NOT IN (SELECT entity_id FROM mentions WHERE entity_id IN (SELECT unnest($ids::VARCHAR[])))""",
        ids,
    )
    con.execute(
        """UPDATE entities SET name = said.name FROM (
          SELECT entity_id, arg_min(name, article_no) AS name, list(name) AS names FROM article_entities
          JOIN internal.article_numbers USING (article_id) WHERE entity_id IN (SELECT unnest($ids::VARCHAR[])) GROUP BY entity_id) said
        WHERE entities.entity_id = said.entity_id AND NOT list_contains(said.names, entities.name)""",
        ids,
    )
