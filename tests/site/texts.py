"""The articles of the test site, read from the files beside this one."""

import tomllib
from datetime import datetime, timedelta
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent


class Story(NamedTuple):
    """An article as its newsroom has it."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]
    language: str
    section: str
    author: str
    published: datetime | None = None
    updated: datetime | None = None

    @property
    def html(self) -> str:
        """The text as markup, without the title."""
        return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in self.paragraphs)

    @property
    def summary(self) -> str:
        """What a feed of summaries says: the first sentence."""
        return self.paragraphs[0].split(". ")[0].rstrip(".") + "."


@cache
def read(name: str) -> dict[str, Any]:
    """Return what a file of texts holds."""
    return tomllib.loads((HERE / name).read_text("utf-8"))


def news(base: datetime) -> list[Story]:
    """Return the articles of the site, the newest first, dated backwards from a moment."""
    return [
        _story(row, base - timedelta(hours=1 + 5 * number, minutes=number)) for number, row in enumerate(read("stories.toml")["article"])
    ]


def _story(row: dict[str, str], published: datetime) -> Story:
    return Story(row["slug"], row["title"], _paragraphs(row["text"]), row["language"], row["section"], row["author"], published)


def case(group: str, name: str, published: datetime | None, slug: str | None = None) -> Story:
    """Return an article of the feeds that evolve; an edited one keeps the slug of the first."""
    row = read("evolution.toml")[group][name]
    language = "fr" if any(letter in row["text"] for letter in "éèà") else "en"
    return Story(
        slug or f"story-{name.replace('_', '-')}", row["title"], _paragraphs(row["text"]), language, "region", "Ada Wren", published
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))
