"""The commands that tell stories: stories, story. Neither imports Prefect or a parser."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import typer

from flows.options import DAY, DAY_FORMATS, AsJson, StorePath, make_settings
from flows.output import Row, print_json, print_table
from tasks.store.connection import open_reader
from tasks.store.labels.named import ENTITY, TOPIC, find_language, find_named
from tasks.store.reading.browse import Found
from tasks.store.reading.browse_stories import Story, Wanted, fetch_story, list_stories

app = typer.Typer()

Since = Annotated[
    datetime | None,
    typer.Option(
        formats=DAY_FORMATS, metavar=DAY, help="Only stories with an article of this day (UTC) or later; not those without dates."
    ),
]
Topic = Annotated[str | None, typer.Option(help="Only stories on a topic or a narrower one: its name in English or French, or its id.")]
Entity = Annotated[str | None, typer.Option(help="Only stories that name a person, organisation or place: any of its names, or its id.")]
Language = Annotated[str | None, typer.Option(help="Only stories with an article in a language, such as fr.")]
Limit = Annotated[int, typer.Option(min=1, help="How many at most.")]


@app.command()
def stories(  # noqa: PLR0913, PLR0917  # a command has an argument for each of its options
    since: Since = None,
    topic: Topic = None,
    entity: Entity = None,
    language: Language = None,
    limit: Limit = 20,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """List stories, those told by most sources first. Conditions hold together; case and accents do not count.

    Example: wirehouse stories --since 2024-12-01 --topic politique --entity macron
    """
    con = open_reader(make_settings(store=store).store)
    wanted = Wanted(
        since=since and since.date(),
        topics=None if topic is None else find_named(con, TOPIC, topic),
        entities=None if entity is None else find_named(con, ENTITY, entity),
        language=None if language is None else find_language(con, language),
    )
    found = list_stories(con, limit, wanted)
    if as_json:
        print_json(found)
        return
    columns = ("story", "title", "articles", "sources", "languages", "from", "to", "thread")
    print_table(columns, map(_story_row, found))
    if not found:
        nothing = "There are no stories yet; fill the store with: wirehouse backfill PATH, or: wirehouse feeds add URL"
        typer.echo(nothing if wanted == Wanted() else "No story is like that.", err=True)


def _story_row(one: Found) -> Row:
    return (
        _short(one["story_id"]),
        one["title"],
        one["article_count"],
        one["independent_source_count"],
        one["languages"],
        _day(one["first_published_at"]),
        _day(one["last_published_at"]),
        _short(one["thread_id"]),
    )


@app.command()
def story(story_id: Annotated[str, typer.Argument(help="Id, or its beginning.")], as_json: AsJson = False, store: StorePath = None) -> None:
    """Show one story: its articles in order, who copied whom, who tells it independently, and the other stories of its thread.

    Example: wirehouse story 3f2a91c0
    """
    found = fetch_story(open_reader(make_settings(store=store).store), story_id)
    if as_json:
        more = {"articles": found.articles, "copies": found.copies, "tellings": found.tellings, "thread": found.thread}
        print_json(found.story | more)
        return
    for title, columns, rows in (
        (
            f"{found.story['title'] or ''}\n{_counted(found.story)}",
            ("published", "source", "language", "title", "copy of", "article"),
            _timeline(found),
        ),
        ("Who copied whom", ("article", "source", "kind", "of", "source of that", "share"), _copies(found)),
        ("Tellings that are independent of each other", ("first", "sources", "articles", "agency"), _tellings(found)),
        ("Other stories of the same thread", ("from", "title", "articles", "story"), _thread(found)),
    ):
        if rows:
            print_table(columns, rows, title=title)


def _timeline(found: Story) -> list[Row]:
    return [
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


def _copies(found: Story) -> list[Row]:
    return [
        (_short(one["article_id"]), one["source"], one["kind"], _short(one["other_id"]), one["other_source"], f"{one['share']:.0%}")
        for one in found.copies
    ]


def _tellings(found: Story) -> list[Row]:
    """Return a line for each telling; none where every article is one."""
    if len(found.tellings) == len(found.articles):
        return []
    return [
        (_minute(one["first_published_at"]), ", ".join(one["sources"]), len(one["article_ids"]), ", ".join(one["agency"]))
        for one in found.tellings
    ]


def _counted(one: Found) -> str:
    counts = ((one["article_count"], "article"), (one["source_count"], "source"), (one["independent_source_count"], "independent telling"))
    return ", ".join(f"{count:,} {name}{'s' * (count > 1)}" for count, name in counts)


def _thread(found: Story) -> Iterable[Row]:
    return [(_day(one["first_published_at"]), one["title"], one["article_count"], _short(one["story_id"])) for one in found.thread]


def _short(value: object) -> str:
    return str(value)[:8] if value else ""


def _day(value: object) -> str:
    return str(value)[:10] if value else ""


def _minute(value: object) -> str:
    return str(value)[:16] if value else ""
