"""Generated articles of realistic size: `python -m tests.bench.generate 5000 articles.jsonl` (or a folder for .txt).

What they must have for a fair benchmark: 150 to 700 words in French or English, events told by several
outlets in their own words, reprints with small edits, agency dispatches whole inside longer articles, lines
of furniture, dates over a year; and unrelated articles share hardly any run of five words. The same count
and seed give the same articles everywhere.
"""

import argparse
import json
import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Literal

VOCABULARY: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))
START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365
FRENCH = 0.6
TELLINGS = [1, 1, 1, 1, 2, 2, 3, 5, 8]  # outlets that tell one event: mostly one, sometimes many
COPY, DISPATCH = 0.12, 0.10  # share of the tellings that reprint another one; that carry an agency text whole
OWN_WORDS = 0.7  # share of the slots filled from the few words of the event, so that its tellings resemble each other

Kind = Literal["telling", "copy", "carrier", "dispatch"]


@dataclass(frozen=True)
class Generated:
    """An article, and the truth about it: which event it tells, and whether it repeats another one."""

    number: int
    event: int
    kind: Kind
    language: str
    title: str
    paragraphs: list[str]
    published: datetime
    byline: str
    outlet: str
    related: str
    agency: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """Return the article as an object of a JSON Lines archive."""
        address = f"https://{re.sub('[^a-z]+', '-', self.outlet.lower()).strip('-')}.example/{self.published:%Y/%m/%d}/{self.number}"
        return {
            "id": self.number,
            "url": address,
            "title": self.title,
            "text": "\n\n".join(self.paragraphs),
            "published_at": self.published.isoformat(),
            "byline": [self.byline],
            "language": self.language,
            "source": self.outlet,
        }

    def page(self, chance: random.Random) -> str:
        """Return the article as the plain text of a page, with its header and lines of furniture."""
        words, date = VOCABULARY[self.language], self.published
        dateline = words["dateline"].format(
            day=date.day, month=words["months"][date.month - 1], year=date.year, hour=date.hour, minute=date.minute
        )
        lines = [
            self.title,
            words["byline"].format(person=self.byline) + (f" ({self.agency})" if self.agency else ""),
            dateline,
            *self.paragraphs,
        ]
        for line in chance.sample(words["furniture"], 3):
            filled = line.format(title=self.related, person=self.byline, outlet=self.outlet)
            lines.insert(chance.randint(4, len(lines)), filled)
        return "\n\n".join(lines) + "\n"


@dataclass
class Event:
    """What happened, as lists of words: its own few, and all those of its subject."""

    chance: random.Random
    number: int
    language: str = ""
    general: dict[str, Any] = field(default_factory=dict)
    own: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pick = self.chance
        self.language = "fr" if pick.random() < FRENCH else "en"
        self.general = VOCABULARY[self.language]
        self.subject = self.general["domain"][pick.choice(sorted(self.general["domain"]))]
        self.own = {
            "person": [self.new_person() for _ in range(3)],
            "thing": [self.new_thing() for _ in range(8)],
            **{slot: pick.sample(self.general[slot], 2) for slot in ("place", "organisation", "unit", "role")},
            "does": pick.sample(self.subject["verb"], 6),
            "number": [self.new_number() for _ in range(4)],
        }

    def new_person(self) -> str:
        return f"{self.chance.choice(self.general['first'])} {self.chance.choice(self.general['last'])}"

    def new_thing(self) -> str:
        return f"{self.chance.choice(self.subject['head'])} {self.chance.choice(self.subject['tail'])}"

    def new_number(self) -> str:
        return str(self.chance.randint(3, 990) * self.chance.choice([1, 1, 10, 100]))

    def word(self, slot: str) -> str:
        """Return a filling of a slot: `thing2` is another thing, `Thing` a thing with a capital."""
        name = slot.rstrip("23").lower()
        if name in self.own and self.chance.random() < OWN_WORDS:
            found = self.chance.choice(self.own[name])
        elif name in ("person", "thing", "number"):
            found = getattr(self, f"new_{name}")()
        else:
            found = self.chance.choice(self.subject["verb"] if name == "does" else self.general[name])
        return found[0].upper() + found[1:] if slot[0].isupper() else found

    def sentence(self, frames: str = "frames") -> str:
        frame = self.chance.choice(self.general[frames])
        text = re.sub(r"\{(\w+)\}", lambda slot: self.word(slot[1]), frame)
        return text[0].upper() + text[1:]

    def paragraphs(self, words: int) -> list[str]:
        """Return paragraphs of about so many words."""
        found: list[str] = []
        while sum(len(paragraph.split()) for paragraph in found) < words:
            found.append(" ".join(self.sentence() for _ in range(self.chance.randint(2, 4))))
        return found


def articles(count: int, seed: int = 1) -> Iterator[Generated]:
    """Yield `count` articles, event after event; the tellings of one event stand together."""
    return islice((replace(article, number=number) for number, article in enumerate(_endless(random.Random(seed)), 1)), count)


def _endless(chance: random.Random) -> Iterator[Generated]:
    number = 0
    while True:
        number += 1
        yield from _tellings(Event(chance, number))


def _tellings(event: Event) -> Iterator[Generated]:
    chance, told = event.chance, list[Generated]()
    moment = START + timedelta(days=chance.randrange(DAYS), minutes=chance.randrange(1440))
    dispatch = event.paragraphs(chance.randint(90, 160))
    for outlet in chance.sample(event.general["outlet"], chance.choice(TELLINGS)):
        moment += timedelta(minutes=chance.randrange(5, 600))
        title, related = (event.sentence("titles").rstrip(".") for _ in range(2))
        article = Generated(0, event.number, "telling", event.language, title, [], moment, event.new_person(), outlet, related)
        fate = chance.random()
        if told and fate < COPY:
            article = replace(
                article, kind="copy", title=told[0].title, paragraphs=_edited(told[0].paragraphs, chance), agency=told[0].agency
            )
        elif fate < COPY + DISPATCH:
            around = event.paragraphs(chance.randint(60, 400)) if told else []
            agency = chance.choice(event.general["agency"])
            article = replace(
                article, kind="carrier" if told else "dispatch", paragraphs=[*around[:2], *dispatch, *around[2:]], agency=agency
            )
        else:
            article = replace(article, paragraphs=event.paragraphs(chance.randint(150, 700)))
        told.append(article)
        yield article


def _edited(paragraphs: list[str], chance: random.Random) -> list[str]:
    """Return the paragraphs as another desk prints them: one dropped at times, a word changed here and there."""
    kept = list(paragraphs)
    if len(kept) > 3 and chance.random() < 0.5:
        del kept[chance.randrange(1, len(kept))]
    changed = chance.randrange(len(kept))
    words = kept[changed].split()
    del words[chance.randrange(len(words))]
    return [*kept[:changed], " ".join(words), *kept[changed + 1 :]]


def write(path: Path, count: int, seed: int = 1) -> None:
    """Write the articles: a JSON Lines file when the path ends in .jsonl, else a folder of .txt files."""
    if path.suffix == ".jsonl":
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(article.row, ensure_ascii=False) + "\n" for article in articles(count, seed))
        return
    path.mkdir(parents=True, exist_ok=True)
    for article in articles(count, seed):
        (path / f"{article.number:06}.txt").write_text(article.page(random.Random(article.number)), encoding="utf-8")


def main() -> None:
    """Write generated articles to a file or folder."""
    options = argparse.ArgumentParser(description="Write generated articles.")
    options.add_argument("count", type=int)
    options.add_argument("path", type=Path, help="ends in .jsonl for JSON Lines, else a folder of .txt files")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    write(given.path, given.count, given.seed)


if __name__ == "__main__":
    main()
