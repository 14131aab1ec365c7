"""Names by an engine of somebody else's: any object that implements the protocol, and spaCy where it is installed."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.article import Article, RemovedBlock
from schemas.errors import UsageError
from schemas.labelling import Labelling
from schemas.labels import EntityKind
from tasks.costs import Watch
from tasks.label.entities import find_entities
from tasks.label.names.engines import SpacyNames, check_engine, pieces
from tasks.label.names.protocol import FoundName, with_names_of
from tasks.label.version import label_digests
from tasks.prepare import ToLabel, label

ARTICLE = Article(
    title="Zorblat visits Paris",
    text="Quimby Zorblat spoke in Paris on Monday. The Gleep Foundation, which Zorblat leads, met in Snerdville.\n\nSnerdville was calm.",
    source="test.example",
    removed=(RemovedBlock(role="agency", reason="agency", text="(Reuters)"),),
)


NAMES: dict[str, EntityKind] = {"Quimby Zorblat": "PER", "Zorblat": "PER", "Gleep Foundation": "ORG", "Snerdville": "LOC"}


class Listed:
    """An engine that knows a list of names."""

    method = "listed"

    def find(self, text: str, language: str) -> Iterator[FoundName]:
        assert language == "en"
        for found in re.finditer("|".join([*NAMES, "Paris on", " "]), text):
            yield FoundName(found.start(), found.end(), NAMES.get(found[0], "LOC"), 1.7)
        yield FoundName(len(text) - 1, len(text) + 5, "LOC", 0.5)


def test_an_engine_takes_the_place_of_our_model_and_the_table_stays() -> None:
    mentions, entities = with_names_of(Listed(), ARTICLE, "en", find_entities(ARTICLE, "en"))
    placed = [one for one in mentions if one.field != "removed"]
    for one in placed:
        assert ((ARTICLE.title if one.field == "title" else ARTICLE.text) or "")[one.start : one.end] == one.surface
    found = {(one.surface, one.method) for one in placed}
    assert found == {
        ("Quimby Zorblat", "listed"),
        ("Zorblat", "listed"),
        ("Gleep Foundation", "listed"),
        ("Snerdville", "listed"),
        ("Paris", "table"),
    }
    ids = {one.surface: one.entity_id for one in placed}
    assert (ids["Paris"], ids["Gleep Foundation"]) == ("loc:paris", "org:gleep-foundation")
    assert ids["Zorblat"] == ids["Quimby Zorblat"] == "per:quimby-zorblat"
    assert [(one.surface, one.role) for one in mentions if one.field == "removed"] == [("Reuters", "agency")]
    assert {one.entity_id for one in mentions} == {one.entity_id for one in entities}
    assert all(0 <= one.score <= 1 for one in mentions)


@pytest.mark.parametrize("most", [1, 7, 60, 1_000])
def test_pieces_are_the_text_cut_where_it_can_be(most: int) -> None:
    text = "One two. Three four five.\n\nSix seven eight nine ten. " + "x" * 100
    found = list(pieces(text, most))
    assert "".join(piece for _, piece in found) == text
    assert all(text[start : start + len(piece)] == piece and len(piece) <= most for start, piece in found)


@pytest.mark.parametrize("engine", ["spacy", "gliner"])
def test_an_extra_that_is_missing_is_named(engine: str) -> None:
    if importlib.util.find_spec(engine) is not None:
        pytest.skip(f"{engine} is installed")
    with pytest.raises(UsageError, match=rf"pip install 'wirehouse\[{engine}\]'"):
        check_engine(engine, None)  # type: ignore[arg-type]
    check_engine("own", None)


def test_the_engine_is_part_of_the_digest_of_entities() -> None:
    own, other = label_digests(Labelling()), label_digests(Labelling(entity_engine="spacy"))
    assert (own.topics == other.topics, own.entities == other.entities) == (True, False)


def test_a_pipeline_of_spacy_made_here(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy", reason="the extra spacy is not installed")
    pipeline = spacy.blank("xx")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": "Quimby Zorblat"}, {"label": "GPE", "pattern": "Snerdville"}])
    pipeline.to_disk(tmp_path / "tiny")
    check_engine("spacy", str(tmp_path / "tiny"))
    found = list(SpacyNames(str(tmp_path / "tiny")).find(ARTICLE.text, "en"))
    assert [(ARTICLE.text[one.start : one.end], one.kind) for one in found] == [
        ("Quimby Zorblat", "PER"),
        ("Snerdville", "LOC"),
        ("Snerdville", "LOC"),
    ]
    labelled = label(ToLabel(ARTICLE, None, Labelling(entity_engine="spacy", entity_model=str(tmp_path / "tiny"))), Watch())
    assert {one.method for one in labelled.labels.mentions if one.surface == "Snerdville"} == {"spacy"}
