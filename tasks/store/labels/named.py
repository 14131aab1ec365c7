"""What people call topics, entities and languages: names as typed to the ids of the store."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.errors import UsageError
from tasks.store.migrate import Connection

OFFERED = 5
LEAST_LIKE = 0.75
"""Jaro-Winkler similarity from which a name is worth offering: a letter or two apart, or the same beginning."""
LONGEST_NAME = 200  # characters: comparing takes the product of two lengths
_FOLDED = "trim(regexp_replace(strip_accents(lower({})), '[\\s\\p{{P}}]+', ' ', 'g'))"
"""Neither case nor accents nor punctuation count: Élysée = elysee, Kim Jong-un = Kim Jong Un."""


class Kind(NamedTuple):
    """Something that has names: what it is called, and a query for id, name and rank, the lowest rank being the surest."""

    called: str
    names: str
    all_of_them: str


TOPIC = Kind(
    "topic",
    """SELECT topic_id AS id, unnest([topic_id, topic_id[8:], name_en, name_fr]) AS name, unnest([0, 0, 1, 1]) AS rank FROM topics""",
    "select topic_id, name_en, name_fr from topics",
)
ENTITY = Kind(
    "person, organisation or place",
    """SELECT entity_id AS id, unnest([entity_id, wikidata_id, name, name_fr]) AS name, unnest([0, 0, 1, 1]) AS rank FROM entities
    UNION ALL SELECT entity_id, alias, 2 FROM entity_aliases""",
    "select entity_id, name from entities",
)


def find_named(con: Connection, kind: Kind, typed: str) -> list[str]:
    """Return the ids that a person means: that of an id, or all that bear the name, aliases only where no name fits.

    Raises UsageError, which offers names that are near, when there is none.
    """
    values = {"typed": typed.strip()[:LONGEST_NAME]}
    wanted, folded = _FOLDED.format("$typed"), _FOLDED.format("name")
    rows = con.execute(
        f"""WITH found AS (SELECT DISTINCT id, rank FROM ({kind.names}) WHERE {folded} = {wanted} AND {wanted} <> '')
        SELECT DISTINCT id FROM found WHERE rank = (SELECT min(rank) FROM found) ORDER BY id""",
        values,
    ).fetchall()
    if not rows:
        raise UsageError(f"No {kind.called} is called '{values['typed']}'{_offer(con, kind, values)}")
    return [found for (found,) in rows]


def find_language(con: Connection, typed: str) -> str:
    """Return the language code that a person means; UsageError names those of the store when it has no story in it."""
    code = typed.strip()[:LONGEST_NAME].lower().replace("_", "-").split("-")[0]
    known = [row[0] for row in con.execute("SELECT DISTINCT unnest(languages) FROM stories ORDER BY 1").fetchall()]
    if known and code not in known:
        raise UsageError(f"No story is told in '{typed.strip()[:LONGEST_NAME]}'; the stories of this store are in: {', '.join(known)}.")
    return code


def _offer(con: Connection, kind: Kind, values: dict[str, str]) -> str:
    rows: Sequence[tuple[str, str]] = con.execute(
        f"""SELECT arg_max(name, likeness), id FROM (
          SELECT id, name, jaro_winkler_similarity({_FOLDED.format("name[:100]")}, {_FOLDED.format("$typed")}) AS likeness
          FROM ({kind.names}) WHERE name IS NOT NULL AND rank > 0)
        WHERE likeness >= {LEAST_LIKE} GROUP BY id ORDER BY max(likeness) DESC, id LIMIT {OFFERED}""",
        values,
    ).fetchall()
    if not rows:
        return f"; see: wirehouse sql '{kind.all_of_them}'"
    return f"; near it are: {', '.join(f'{name} ({found})' for name, found in rows)}."
