"""What other cleaning rules changed in an article that did not change itself."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from schemas.arrival import Batch
from tasks.clean.version import rules_digest
from tasks.store.articles.decide import change
from tasks.store.migrate import Connection

COLUMNS = (
    *("title", "dek", "byline", "agency", "section", "keywords", "published_at", "published_raw", "published_from", "updated_at"),
    *("language", "text", "access", "access_note", "rights", "image_url", "canonical_url", "source"),
)
"""What cleaning decides of an article, as far as people ask for it."""
Standing = dict[UUID, dict[str, Any]]


def standing(con: Connection, ids: Sequence[UUID]) -> Standing:
    """Return what the store says of some articles now, and which rules made it."""
    if not ids:
        return {}
    rows = con.execute(
        f"SELECT article_id, cleaned_by, {', '.join(COLUMNS)} FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))", [list(ids)]
    ).fetchall()
    return {article_id: dict(zip(("cleaned_by", *COLUMNS), values, strict=True)) for article_id, *values in rows}


def log_rule_changes(con: Connection, before: Standing, batch: Batch) -> None:
    """Note what is not as it was in articles that were made anew, and that today's rules made all of them."""
    if not before:
        return
    after = standing(con, list(before))
    rows = [
        (article_id, batch.run_id, batch.now, was["cleaned_by"], rules_digest(), changed, _ratio(was, after[article_id]))
        for article_id, was in before.items()
        if (changed := [name for name in COLUMNS if was[name] != after[article_id][name]])
    ]
    with con.appender("rule_changes") as appender:
        appender.append_rows(rows)
    con.execute(
        "UPDATE articles SET cleaned_by = ? WHERE article_id IN (SELECT unnest(?::UUID[])) AND cleaned_by IS DISTINCT FROM ?",
        [rules_digest(), list(before), rules_digest()],
    )


def _ratio(was: dict[str, Any], now: dict[str, Any]) -> float:
    return change(now["title"], now["text"], (was["title"], was["text"]))[1]
