"""The commands that only read: sql, stories, story, article. None of them imports Prefect or a parser."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from flows.options import AsJson, StorePath, make_settings
from flows.output import Format, print_json, print_table, write_rows
from schemas.errors import UsageError
from tasks.store.browse import fetch_article, fetch_story, list_stories
from tasks.store.connection import is_store_file, open_reader
from tasks.store.query import run_query

FormatOption = Annotated[Format, typer.Option("--format", help="How rows are written.")]
OutputOption = Annotated[Path | None, typer.Option("--output", help="File to write instead of stdout.")]


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT.")],
    form: FormatOption = "table",
    output: OutputOption = None,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Answer one read-only SQL query.

    Example: wirehouse sql "select source, count(*) from articles group by all" --format csv
    """
    settings = make_settings(store=store)
    chosen: Format = "json" if as_json else form
    if chosen == "parquet" and output is None:
        raise UsageError("Parquet is not for the terminal; name a file with --output.")
    if output is not None and is_store_file(output, settings.store):
        raise UsageError(f"{output} belongs to the store; name another file with --output.")
    with closing(open_reader(settings.store)) as con:
        answer, rows = run_query(con, query, settings.sql_timeout)
        if chosen == "parquet" and output is not None:
            from tasks.store.parquet import write_parquet

            write_parquet(answer, rows, output)
        else:
            write_rows(answer.columns, rows, chosen, output)


def stories(
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20, as_json: AsJson = False, store: StorePath = None
) -> None:
    """List stories, those told by most sources first.

    Example: wirehouse stories --limit 5
    """
    con = open_reader(make_settings(store=store).store)
    found = list_stories(con, limit)
    if as_json:
        print_json(found)
        return
    columns = ("story", "title", "articles", "sources", "languages", "from", "to", "thread")
    rows = [
        (
            _short(one["story_id"]),
            one["title"],
            one["article_count"],
            one["independent_source_count"],
            one["languages"],
            _day(one["first_published_at"]),
            _day(one["last_published_at"]),
            _short(one["thread_id"]),
        )
        for one in found
    ]
    print_table(columns, rows)


def story(story_id: Annotated[str, typer.Argument(help="Id, or its beginning.")], as_json: AsJson = False, store: StorePath = None) -> None:
    """Show one story: its articles in order, which of them are copies, and the other stories of its thread.

    Example: wirehouse story 3f2a91c0
    """
    found = fetch_story(open_reader(make_settings(store=store).store), story_id)
    if as_json:
        print_json(found.story | {"articles": found.articles, "thread": found.thread})
        return
    rows = [
        (
            _minute(one["published_at"]),
            one["source"],
            one["language"],
            one["title"] or one["opening"] + "…",
            _short(one["duplicate_of"]),
            _short(one["article_id"]),
        )
        for one in found.articles
    ]
    print_table(("published", "source", "language", "title", "copy of", "article"), rows, title=found.story["title"])
    if found.thread:
        others = [(_day(one["first_published_at"]), one["title"], one["article_count"], _short(one["story_id"])) for one in found.thread]
        print_table(("from", "title", "articles", "story"), others, title="Other stories of the same thread")


def article(
    article_id: Annotated[str, typer.Argument(help="Id, or its beginning.")], as_json: AsJson = False, store: StorePath = None
) -> None:
    """Show one article: what is known of it, its text, labels, copies and what cleaning cut.

    Example: wirehouse article 9b1d --json
    """
    found = fetch_article(open_reader(make_settings(store=store).store), article_id)
    if as_json:
        print_json(found)
        return
    facts = [(name, value) for name, value in found.items() if name != "text" and value not in (None, []) and not _is_part(value)]
    print_table(("field", "value"), facts, title=found["title"])
    typer.echo(found["text"] + "\n")
    for name, columns in _PARTS.items():
        if found[name]:
            print_table(columns, [[row[column] for column in columns] for row in found[name]], title=name.replace("_", " "))


_PARTS = {
    "topics": ("name_en", "score"),
    "entities": ("kind", "name", "mention_count", "salience"),
    "relations": ("kind", "article_id", "other_id", "jaccard"),
    "versions": ("version", "seen_at", "change", "change_ratio"),
    "sightings": ("origin", "seen_at"),
    "removed_blocks": ("role", "reason", "text"),
}


def _is_part(value: object) -> bool:
    return isinstance(value, list) and isinstance(value[0], dict)


def _short(value: object) -> str:
    return str(value)[:8] if value else ""


def _day(value: object) -> str:
    return str(value)[:10] if value else ""


def _minute(value: object) -> str:
    return str(value)[:16] if value else ""
