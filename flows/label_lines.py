"""The evidence of labels as people read it: a line for each topic and entity."""

from collections.abc import Iterable, Sequence
from typing import Any

from tasks.store.reading.browse import Found

SHOWN = 6  # things a line names; all of them stand in --json


def topic_lines(topics: Iterable[Found]) -> list[list[Any]]:
    """Return name, score, method and evidence of each topic."""
    return [[one["name_en"], one["score"], one["method"], _joined(map(_reason, one["evidence"]))] for one in topics]


def entity_lines(entities: Iterable[Found]) -> list[list[Any]]:
    """Return kind, name, mentions, salience and evidence of each entity."""
    return [[one["kind"], one["name"], one["mention_count"], one["salience"], _joined(map(_spelling, one["evidence"]))] for one in entities]


def credit_lines(credited: Iterable[Found]) -> list[list[Any]]:
    """Return kind, name and evidence of each author, agency or credit."""
    return [[one["kind"], one["name"], _joined(f"{row['role']}: {_spelling(row)}" for row in one["evidence"])] for one in credited]


def _joined(parts: Iterable[str]) -> str:
    found: Sequence[str] = list(parts)
    return "; ".join(found[:SHOWN]) + (f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else "")


def _reason(one: Found) -> str:
    """Return such as `election* 4.2 (title, text 3)`."""
    places = [*(["title"] if one.get("in_title") else []), *([f"text {one['in_text']}"] if one.get("in_text") else [])]
    name = one["text"] if one["kind"] in {"term", "note", "word of the model"} else f"{one['kind']}: {one['text']}"
    return name + (f" {one['weight']:g}" if "weight" in one else "") + (f" ({', '.join(places)})" if places else "")


def _spelling(one: Found) -> str:
    """Return such as `Poutine x3 (table 0.95, spelling of fr, curated)`."""
    source = f", spelling of {one['alias_language'] or 'any language'}, {one['alias_source']}" if one["alias"] else ""
    return f"{one['surface']} x{one['mentions']} ({one['method']} {one['score']:.2f}{source})"
