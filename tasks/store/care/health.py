"""The checks of `wirehouse doctor`: the installation, the store, and whether its tables agree with each other."""

import os
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import duckdb

from schemas.errors import WirehouseError
from schemas.record import Record
from tasks.store.care.deep import RULES, Rule, index_rules
from tasks.store.connection import open_reader
from tasks.store.migrate import Connection, migrations, stored_version

PACKAGES = ("wirehouse", "duckdb", "prefect", "trafilatura", "pydantic")

AGREEMENTS = {
    "every run balances": "SELECT count(*) FROM runs WHERE seen <> new + new_versions + sightings + unchanged + rejected",
    "earlier runs are closed": "SELECT count(*) FROM runs WHERE state = 'running' AND started_at < (SELECT max(started_at) FROM runs)",
    "every article has its versions": """SELECT count(*) FROM articles a
        LEFT JOIN (SELECT article_id, max(version) AS newest FROM article_versions GROUP BY ALL) v USING (article_id)
        WHERE a.version IS DISTINCT FROM v.newest""",
    "every article was sighted": "SELECT count(*) FROM articles WHERE article_id NOT IN (SELECT article_id FROM sightings)",
    "sightings have their documents": "SELECT count(*) FROM sightings WHERE document_id NOT IN (SELECT document_id FROM documents)",
    "every article is in one story": """SELECT count(*) FROM articles a
        LEFT JOIN (SELECT article_id, count(*) AS n, any_value(story_id) AS story_id FROM story_articles GROUP BY ALL) s USING (article_id)
        WHERE s.n IS DISTINCT FROM 1 OR s.story_id IS DISTINCT FROM a.story_id""",
    "copies point at an original": """SELECT count(*) FROM articles a LEFT JOIN articles o ON o.article_id = a.duplicate_of
        WHERE a.duplicate_of IS NOT NULL AND (o.article_id IS NULL OR o.duplicate_of IS NOT NULL)""",
    "removed articles stay away": "SELECT count(*) FROM removed_articles SEMI JOIN articles USING (article_id)",
    "every article can be searched": """SELECT count(*) FROM internal.article_numbers n
        FULL JOIN (SELECT article_no, count(*) AS texts FROM internal.search_documents WHERE current GROUP BY ALL) d USING (article_no)
        WHERE d.texts IS DISTINCT FROM 1 OR n.article_id IS NULL""",
    "mentions name known entities": "SELECT count(*) FROM mentions WHERE entity_id NOT IN (SELECT entity_id FROM entities)",
}
"""What must be true of the tables: each query counts the rows that break it."""


class Check(Record):
    """One check: what was looked at, whether it is well, and what was found or what to do."""

    name: str
    ok: bool
    detail: str


def check_store(store: Path, writer: Path) -> list[Check]:
    """Return the checks of the installation and, when there is one, of the store."""
    checks = [_installation(), _offline()]
    if not store.exists() and not writer.exists():
        return [*checks, Check(name="store", ok=True, detail=f"none at {store} yet; fill one with: wirehouse backfill PATH")]
    try:
        con = open_reader(store)
    except WirehouseError as error:
        return [*checks, Check(name="store", ok=False, detail=str(error))]
    try:
        agreements = [_agreement(con, name, sql) for name, sql in AGREEMENTS.items()]
        return [*checks, _version(con, store), *agreements, _index(con)]
    finally:
        con.close()


def check_deeply(store: Path) -> list[Check]:
    """Return the checks that look at every row: indexes beside tables, tables beside each other, counts beside what they count.

    A fault says how it is repaired. Takes minutes on a million articles. Nothing when the store cannot be opened: that is said already.
    """
    try:
        con = open_reader(store)
    except WirehouseError:
        return []
    with closing(con):
        return [_deep(con, rule) for rule in (*index_rules(con), *RULES)]


def _deep(con: Connection, rule: Rule) -> Check:
    try:
        broken = rule.count(con)
    except duckdb.Error as error:
        return _unchecked(rule.name, error)
    detail = "yes" if broken == 0 else f"{broken:,} rows say no; {rule.repair}"
    return Check(name=rule.name, ok=broken == 0, detail=detail)


def _installation() -> Check:
    python = ".".join(map(str, sys.version_info[:3]))
    return Check(name="installation", ok=True, detail=", ".join([f"Python {python}", *(f"{name} {version(name)}" for name in PACKAGES)]))


def _offline() -> Check:
    silent = os.environ.get("DO_NOT_TRACK") == "1" and os.environ.get("PREFECT_SERVER_ANALYTICS_ENABLED", "").lower() in {"false", "0"}
    detail = "analytics are off" if silent else "set DO_NOT_TRACK=1 and PREFECT_SERVER_ANALYTICS_ENABLED=false"
    return Check(name="nothing phones home", ok=silent, detail=detail)


def _version(con: Connection, store: Path) -> Check:
    found, newest = stored_version(con), len(migrations())
    age = "the newest" if found == newest else f"the newest is {newest}: the next backfill migrates it"
    size = f"{store.stat().st_size / 1e6:.1f} MB"
    return Check(name="store", ok=True, detail=f"{store}, version {found} ({age}), {size}; readable with DuckDB 2.0 or later")


def _agreement(con: Connection, name: str, sql: str) -> Check:
    try:
        broken = con.execute(sql).fetchall()[0][0]
    except duckdb.Error as error:
        return _unchecked(name, error)
    return Check(name=name, ok=broken == 0, detail="yes" if broken == 0 else f"{broken} rows say no")


def _index(con: Connection) -> Check:
    """Check that articles are found by their key: an index that lost a row (duckdb issue 23788) shows in no scan."""
    name = "index and table agree"
    try:
        ids = con.execute("SELECT article_id FROM articles USING SAMPLE reservoir(500 ROWS) REPEATABLE (1)").fetchall()
        lost = sum(not con.execute("SELECT article_id FROM articles WHERE article_id = ?", one).fetchall() for one in ids)
    except duckdb.Error as error:
        return _unchecked(name, error)
    detail = f"{len(ids)} of the articles were looked up by key" if not lost else f"{lost} of {len(ids)} articles are not found by key"
    return Check(name=name, ok=not lost, detail=detail)


def _unchecked(name: str, error: duckdb.Error) -> Check:
    return Check(name=name, ok=False, detail=f"cannot be checked: {str(error).splitlines()[0]}")
