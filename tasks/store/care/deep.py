"""What `wirehouse doctor --deep` looks at: rules over every row of a store, and how a fault is repaired."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from tasks.store.migrate import Connection
from tasks.store.search.index import wrong_words

LOOKED_UP = 1_000
"""Keys in one question: up to 2,048 rows DuckDB takes them from the index, above it scans the table."""

SEARCHED = 1_000
"""Articles whose words are compared with the index of the search: splitting all texts again would take as long as loading them."""

BUILD_ANEW = "build all indexes anew with: wirehouse maintain --only compaction"
SEARCH_ANEW = "make the index of the search anew with: wirehouse maintain --only search"
RELABEL = "label the articles anew with: wirehouse relabel --where true"
FILL_ANEW = "put a backup in its place, or fill a new store: wirehouse export DIR, then wirehouse backfill DIR --store NEW.duckdb"
REPORT = "please report this; the articles themselves are whole"


class Rule(NamedTuple):
    """Something that must be so: its name, what counts the rows that are not, and what repairs them."""

    name: str
    count: Callable[[Connection], int]
    repair: str


def index_rules(con: Connection) -> list[Rule]:
    """Return a rule for every key of the store: the rows of the table are those that the index finds, each once."""
    keys = con.execute(
        """SELECT schema_name || '.' || table_name, constraint_column_names FROM duckdb_constraints()
        WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE') ORDER BY ALL"""
    ).fetchall()
    return [
        Rule(f"index of {table.removeprefix('main.')}", partial(lost_keys, table=table, columns=columns), BUILD_ANEW)
        for table, columns in keys
    ]


def lost_keys(con: Connection, table: str, columns: list[str]) -> int:
    """Return how many keys of a table stand there twice, or are not found by its index: only constants are looked up there.

    DuckDB asks an index of several columns when it writes, never when it reads; of such a table only doubles can be seen.
    """
    key = ", ".join(f'"{column}"' for column in columns)
    doubles = con.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {key} HAVING count(*) > 1)").fetchall()[0][0]
    return int(doubles) + (_not_found(con, table, key) if len(columns) == 1 else 0)


def _not_found(con: Connection, table: str, key: str) -> int:
    scan, lost = con.cursor(), 0
    scan.execute(f"SELECT {key} FROM {table}")
    while keys := [value for (value,) in scan.fetchmany(LOOKED_UP)]:
        found = con.execute(f"SELECT count(*) FROM {table} WHERE {key} IN ({', '.join('?' * len(keys))})", keys).fetchall()[0][0]
        lost += len(keys) - int(found)
    return lost


def _sql(query: str) -> Callable[[Connection], int]:
    def count(con: Connection) -> int:
        return int(con.execute(query).fetchall()[0][0])

    return count


def _belongs(table: str, column: str, parent: str, parent_column: str | None = None) -> Callable[[Connection], int]:
    """Return what counts the rows of a table whose parent is not there."""
    there = f"p.{parent_column or column} = c.{column}"
    return _sql(f"SELECT count(*) FROM {table} c ANTI JOIN {parent} p ON {there} WHERE c.{column} IS NOT NULL")


def _all(*counts: Callable[[Connection], int]) -> Callable[[Connection], int]:
    return lambda con: sum(count(con) for count in counts)


OF_ARTICLES = ("article_versions", "sightings", "story_articles", "article_topics", "removed_blocks", "rule_changes", "internal.contexts")
OF_RUNS = ("sightings", "rejections", "rule_changes")
GROUP = "coalesce(%s.duplicate_of, %s.article_id)"

RULES = (
    Rule("search has the words of the texts", partial(wrong_words, documents=SEARCHED), SEARCH_ANEW),
    Rule("rows of articles have their article", _all(*(_belongs(table, "article_id", "articles") for table in OF_ARTICLES)), FILL_ANEW),
    Rule("rows of runs have their run", _all(*(_belongs(table, "run_id", "runs") for table in OF_RUNS)), REPORT),
    Rule(
        "relations are between articles",
        _all(_belongs("relations", "article_id", "articles"), _belongs("relations", "other_id", "articles", "article_id")),
        FILL_ANEW,
    ),
    Rule(
        "labels have article and entity or topic",
        _all(
            *(_belongs(table, "article_id", "articles") for table in ("mentions", "article_entities")),
            _belongs("article_entities", "entity_id", "entities"),
            _belongs("entity_aliases", "entity_id", "entities"),
            _belongs("article_topics", "topic_id", "topics"),
        ),
        RELABEL,
    ),
    Rule(
        "mentions are where they say",
        _sql(
            """SELECT count(*) FROM mentions m JOIN articles a USING (article_id)
            WHERE m.field <> 'removed' AND m.start IS NOT NULL
            AND m.surface IS DISTINCT FROM substring(if(m.field = 'title', a.title, a.text), m.start + 1, m."end" - m.start)"""
        ),
        RELABEL,
    ),
    Rule(
        "runs have the rows they counted",
        _sql(
            """WITH met AS (SELECT run_id, count(*) AS n FROM sightings GROUP BY run_id),
            refused AS (SELECT run_id, count(*) AS n FROM rejections GROUP BY run_id)
            SELECT count(*) FROM runs r LEFT JOIN met m USING (run_id) LEFT JOIN refused f USING (run_id)
            WHERE coalesce(f.n, 0) <> rejected OR coalesce(m.n, 0) > new + new_versions + sightings
            OR (coalesce(m.n, 0) < new + new_versions + sightings AND NOT EXISTS (FROM removed_articles))"""
        ),
        REPORT,
    ),
    Rule(
        "copies are in one group",
        _sql(
            f"""SELECT count(*) FROM relations r JOIN articles a ON a.article_id = r.article_id JOIN articles b ON b.article_id = r.other_id
            WHERE r.kind IN ('exact', 'near') AND {GROUP % ("a", "a")} <> {GROUP % ("b", "b")}"""
        ),
        FILL_ANEW,
    ),
    Rule(
        "the earliest of a group is its head",
        _sql(
            """SELECT count(*) FROM articles a JOIN articles h ON h.article_id = a.duplicate_of
            WHERE (h.published_at IS NULL, coalesce(h.published_at, 'epoch'::TIMESTAMPTZ), h.article_id)
              > (a.published_at IS NULL, coalesce(a.published_at, 'epoch'::TIMESTAMPTZ), a.article_id)
            OR NOT EXISTS (FROM relations r WHERE r.kind IN ('exact', 'near') AND a.article_id IN (r.article_id, r.other_id))"""
        ),
        FILL_ANEW,
    ),
    Rule(
        "every article has a number, a sketch and terms",
        _sql(
            """SELECT count(*) FROM (SELECT article_id FROM articles) a FULL JOIN internal.article_numbers n USING (article_id)
            LEFT JOIN (SELECT article_no, count(*) AS n FROM internal.sketches GROUP BY article_no) s USING (article_no)
            LEFT JOIN (SELECT article_no, count(*) AS n FROM internal.article_terms GROUP BY article_no) t USING (article_no)
            WHERE a.article_id IS NULL OR s.n IS DISTINCT FROM 1 OR t.n IS DISTINCT FROM 1"""
        ),
        FILL_ANEW,
    ),
    Rule(
        "sketches have their fingerprints",
        _sql(
            """SELECT count(*) FROM internal.sketches s
            FULL JOIN (SELECT article_no, count(*) AS n FROM internal.fingerprints GROUP BY article_no) f USING (article_no)
            WHERE greatest(s.hash_count, 0) IS DISTINCT FROM coalesce(f.n, 0)"""
        ),
        FILL_ANEW,
    ),
    Rule(
        "the words of all articles are counted",
        _sql(
            """SELECT count(*) FROM (SELECT language, count(*) AS n FROM internal.article_terms GROUP BY language) a
            FULL JOIN (
              SELECT language, sum(articles) AS n FROM internal.term_counts WHERE key IS NULL GROUP BY language HAVING sum(articles) <> 0) c
            USING (language) WHERE a.n IS DISTINCT FROM c.n"""
        ),
        FILL_ANEW,
    ),
    Rule(
        "versions have their keys",
        _sql(
            """SELECT count(*) FROM (SELECT article_id, version FROM article_versions) v
            FULL JOIN (SELECT article_id, version FROM internal.version_keys) k USING (article_id, version)
            WHERE v.article_id IS NULL OR k.article_id IS NULL"""
        ),
        FILL_ANEW,
    ),
    Rule(
        "stories say what their articles say",
        _sql(
            """SELECT count(*) FROM stories s FULL JOIN (
              SELECT story_id, count(*) AS articles, count(DISTINCT source) AS sources, min(published_at) AS first,
                max(published_at) AS last, list_sort(list(DISTINCT language)) AS languages
              FROM articles GROUP BY story_id) a USING (story_id)
            WHERE (s.article_count, s.source_count, s.first_published_at, s.last_published_at, s.languages)
              IS DISTINCT FROM (a.articles, a.sources, a.first, a.last, a.languages)"""
        ),
        FILL_ANEW,
    ),
    Rule(
        "places lead to articles",
        _sql(
            """SELECT count(*) FROM internal.places p
            ANTI JOIN (SELECT article_id FROM articles UNION ALL SELECT article_id FROM removed_articles) a
            USING (article_id) WHERE p.article_id IS NOT NULL"""
        ),
        FILL_ANEW,
    ),
    Rule(
        "what is known of feeds has its feed",
        _all(*(_belongs(f"internal.{table}", "feed_id", "feeds") for table in ("feed_states", "feed_texts", "feed_entries", "pages"))),
        REPORT,
    ),
)
"""Each query counts the rows that break it. Foreign keys stand here because DuckDB would check them row by row while loading."""
