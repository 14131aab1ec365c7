"""The commands that only read: sql and article; stories are in story_commands.py. None of them imports Prefect or a parser."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from flows.options import AsJson, StorePath, make_settings
from flows.output import Format, print_json, print_table, write_rows
from schemas.errors import UsageError
from tasks.store.connection import is_store_file, open_reader
from tasks.store.query import run_query
from tasks.store.reading.browse import fetch_article

app = typer.Typer()

FormatOption = Annotated[Format, typer.Option("--format", help="How rows are written.")]
OutputOption = Annotated[Path | None, typer.Option("--output", help="File to write instead of stdout.")]


@app.command(context_settings={"ignore_unknown_options": True})  # a query may begin with a comment, which looks like an option
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


@app.command()
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
