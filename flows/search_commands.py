"""The command that searches: search. It imports neither Prefect nor a parser."""

import sys
from contextlib import closing
from datetime import datetime
from typing import Annotated

import typer

from flows.options import DAY, DAY_FORMATS, AsJson, StorePath, make_settings
from flows.output import PIPE_WIDTH, print_json
from schemas.errors import UsageError
from tasks.store.connection import open_current
from tasks.store.labels.named import ENTITY, TOPIC, find_language, find_named
from tasks.store.reading.browse import Found
from tasks.store.search.engine import ranker
from tasks.store.search.find import Conditions
from tasks.store.search.find import search as find
from tasks.store.search.snippets import Marked

app = typer.Typer()

ID_CHARACTERS = 8

Words = Annotated[
    list[str], typer.Argument(help='Words that must all occur; "..." a phrase, title:word, word* a beginning, -word excludes.')
]
Since = Annotated[
    datetime | None,
    typer.Option(formats=DAY_FORMATS, metavar=DAY, help="Only articles of this day (UTC) or later; not those without a date."),
]
Topic = Annotated[str | None, typer.Option(help="Only articles on a topic or a narrower one: its name in English or French, or its id.")]
Entity = Annotated[str | None, typer.Option(help="Only articles that name a person, organisation or place: any of its names, or its id.")]
Language = Annotated[str | None, typer.Option(help="Only articles in a language, such as fr.")]
Source = Annotated[str | None, typer.Option(help="Only articles of a source, such as example.org.")]
Limit = Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")]


@app.command(context_settings={"ignore_unknown_options": True})  # -word leaves out
def search(  # noqa: PLR0913, PLR0917  # a command has an argument for each of its options
    words: Words,
    language: Language = None,
    since: Since = None,
    topic: Topic = None,
    entity: Entity = None,
    source: Source = None,
    limit: Limit = 10,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Find articles by their words, best first. Neither case nor accents count; quotes go into quotes: '"head of state"'.

    Example: wirehouse search 'title:summit climate -golf' --since 2024-11-01 --language en
    """
    for word in words:
        if word.startswith("--"):  # a word may begin with one dash, so the parser lets all through
            raise UsageError(f"No such option: {word.split('=')[0]}. See: wirehouse search --help")
    query = " ".join(words)
    settings = make_settings(store=store)
    rank = ranker(settings)
    with closing(open_current(settings.store)) as con:
        conditions = Conditions(
            since=since and since.date(),
            topics=None if topic is None else find_named(con, TOPIC, topic),
            entities=None if entity is None else find_named(con, ENTITY, entity),
            language=None if language is None else find_language(con, language),
            source=source,
        )
        found = find(con, query, limit, conditions, rank)
    if as_json:
        print_json([one | {"title": one["title"] and one["title"].plain, "snippet": one["snippet"].starred} for one in found])
        return
    _show(found)
    if not found:
        typer.echo("No article is like that." if conditions != Conditions() else "No article has all of these words.", err=True)


def _show(found: list[Found]) -> None:
    """Write each article: its title, where and when, and the stretch of its text with the words that were found."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    at_terminal = sys.stdout.isatty()
    console = Console(markup=False, highlight=False, width=None if at_terminal else PIPE_WIDTH)

    def styled(marked: Marked) -> Text:
        if not at_terminal:  # where nothing is bold
            return Text(marked.starred)
        return Text.assemble(*((text, "bold" if hit else "") for text, hit in marked.pieces))

    for one in found:
        title: Marked | None = one["title"]
        console.print(styled(title) if title else Text("(no title)"))
        about = (str(one["article_id"])[:ID_CHARACTERS], one["source"], str(one["published_at"] or "")[:10], one["language"])
        console.print(Text("  " + "  ".join(filter(None, (*about, f"{one['score']:.2f}"))), "dim" if at_terminal else ""))
        console.print(Padding(styled(one["snippet"]), (0, 0, 0, 2), expand=False))
        console.print()
