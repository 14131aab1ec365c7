"""The tables that come with the software: topics, known entities and their spellings."""

import hashlib
from importlib.resources import files

from tasks.store.migrate import Connection
from tasks.store.transaction import transaction

KNOWLEDGE = "knowledge.tsv.gz"
TABLES = (KNOWLEDGE, "topics/mediatopics.tsv")
"""The shipped files, below tasks/label/data, that the three tables are filled from."""
READ_KNOWLEDGE = """CREATE OR REPLACE TEMP TABLE shipped AS SELECT row_number() OVER () AS number, * FROM read_csv(
  ?, delim = '\t', quote = '', escape = '', header = false, auto_detect = false, null_padding = true, max_line_size = 20000,
  buffer_size = 200000, columns = {
  'mark': 'VARCHAR', 'first': 'VARCHAR', 'second': 'VARCHAR', 'third': 'VARCHAR', 'fourth': 'VARCHAR', 'fifth': 'VARCHAR',
  'sixth': 'VARCHAR', 'seventh': 'VARCHAR'})"""
"""By DuckDB and not by `knowledge()`, whose 34,000 lines as Python objects take half a second and 90 MB of every new store's first run.
E: an entity as its table has it. A: a spelling of the entity above it, its key, language, case rule and source."""


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
    from tasks.label.topics import topic_rows

    con.execute("DELETE FROM topics WHERE topic_id LIKE 'medtop:%'")
    with con.appender("topics") as appender:
        appender.append_rows((row.topic_id, row.name_en, row.name_fr, row.broader_id) for row in topic_rows())
    con.execute(READ_KNOWLEDGE, [str(files("tasks.label") / "data" / KNOWLEDGE)])
    con.execute("DELETE FROM entities WHERE entity_id IN (SELECT first FROM shipped WHERE mark = 'E')")
    con.execute("INSERT INTO entities SELECT * EXCLUDE (number, mark) FROM shipped WHERE mark = 'E' ORDER BY number")
    con.execute("DELETE FROM entity_aliases")
    con.execute(
        """INSERT INTO entity_aliases
        SELECT last_value(CASE WHEN mark = 'E' THEN first END IGNORE NULLS) OVER (ORDER BY number), first, third, fourth, fifth
        FROM shipped QUALIFY mark = 'A' ORDER BY number"""
    )
    con.execute("DROP TABLE shipped")
