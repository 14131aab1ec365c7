"""What a person may decide about labels: topics of one's own, and a model of topics."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from schemas.record import Record

MOST_ENTRIES = 1_000
"""Words, or entities, of one rule: more are a lexicon, and each is looked for in every article."""
MOST_RULES = 500

Entry = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Entries = Annotated[tuple[Entry, ...], Field(max_length=MOST_ENTRIES)]
TagKind = Literal["section", "keywords", "user"]
"""What a model of topics learns from: the outlet's section, the keywords of the document or of its feed's item, or the topics that
rules of one's own gave."""

EntityEngine = Literal["own", "spacy", "gliner"]
"""What finds names beside the table of names: our own model, or one of the extras of the same name."""


class TopicRule(Record):
    """A topic of one's own. An article has it when all that the rule asks for holds; rules with the same id are alternatives.

    `words`: one of them stands in the title or text: words or phrases, case and accents folded; `port*` covers what begins so,
    and a word its plural in s. `entities`: the article names one of them as a subject, by id or by any of its names.
    `where`: a condition in SQL over the article's row. `languages`: ISO 639-1 codes of the articles that are looked at.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(:[\w.-]+)?$", max_length=80)]
    name: Entry
    words: Entries = ()
    entities: Entries = ()
    where: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)] | None = None
    languages: tuple[Annotated[str, StringConstraints(pattern="^([a-z]{2}|und)$")], ...] = ()

    @field_validator("id")
    @classmethod
    def _own(cls, topic_id: str) -> str:
        if topic_id.startswith("medtop:"):
            raise ValueError("medtop: is for IPTC's topics; take an id of your own, such as user:harbour")
        return topic_id

    @field_validator("words")
    @classmethod
    def _findable(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for entry in words:
            if not re.search(r"[^\W_]", entry) or "*" in entry.removesuffix("*"):
                raise ValueError(f"'{entry}' is no word or phrase; a * may stand at its end only")
        return words

    @model_validator(mode="after")
    def _asks_for_something(self) -> "TopicRule":
        if not (self.words or self.entities or self.where or self.languages):
            raise ValueError(f"the topic '{self.id}' asks for nothing; give it words, entities, where or languages")
        return self


class Labelling(Record):
    """The settings that decide about labels, as workers are given them."""

    rules: Annotated[tuple[TopicRule, ...], Field(max_length=MOST_RULES)] = ()
    topic_model: Path | None = None
    entity_engine: EntityEngine = "own"
    entity_model: str | None = None
