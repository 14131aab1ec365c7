"""The tables that come with the software: topics, known entities and their spellings."""

import hashlib
from importlib.resources import files

from tasks.store.migrate import Connection
from tasks.store.transaction import transaction

TABLES = ("knowledge.tsv.gz", "topics/mediatopics.tsv")
"""The shipped files, below tasks/label/data, that the three tables are filled from."""


def keep_reference(con: Connection) -> bool:
    """Return whether the topics, entities and aliases in the store were older than this software's, and were replaced.

    Entities that were learned from articles stay.
    """
    shipped = _fingerprint()
    stored = con.execute("SELECT fingerprint FROM internal.reference").fetchall()
    if stored == [(shipped,)]:
        return False
    with transaction(con):
        _replace(con)
        con.execute("DELETE FROM internal.reference")
        con.execute("INSERT INTO internal.reference VALUES (?)", [shipped])
    return True


def _fingerprint() -> str:
    data = files("tasks.label") / "data"
    digest = hashlib.sha256()
    for table in TABLES:
        digest.update((data / table).read_bytes())
    return digest.hexdigest()


def _replace(con: Connection) -> None:
    from tasks.label.entities import knowledge
    from tasks.label.topics import topic_rows

    known = knowledge.__wrapped__()  # past its cache: what a new store is given once would stay for the whole run, some 90 MB
    rows = [tuple(entity.model_dump().values()) for entity in known.entities]
    con.execute("DELETE FROM topics WHERE topic_id LIKE 'medtop:%'")
    con.execute("DELETE FROM entity_aliases")
    con.execute("DELETE FROM entities WHERE entity_id IN (SELECT unnest(?::VARCHAR[]))", [[row[0] for row in rows]])
    with con.appender("topics") as appender:
        appender.append_rows((row.topic_id, row.name_en, row.name_fr, row.broader_id) for row in topic_rows())
    with con.appender("entities") as appender:
        appender.append_rows(rows)
    with con.appender("entity_aliases") as appender:
        appender.append_rows(tuple(alias.model_dump().values()) for alias in known.aliases)
