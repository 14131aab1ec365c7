"""Engines that find names with models of somebody else's: spaCy and GLiNER, each an extra.

They are imported only when the setting `entity_engine` asks for one, and read only models that are on this machine.
"""

import importlib.util
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from schemas.errors import UsageError
from schemas.labelling import EntityEngine
from schemas.labels import EntityKind
from tasks.extras import check_extra
from tasks.label.names.protocol import FoundName, NameFinder

SPACY_MODEL = "xx_ent_wiki_sm"
"""The smallest model of spaCy for all languages, MIT."""
SPACY_SCORE = 0.8
"""spaCy gives no probability with a name; of its multilingual model's names about so many are right."""
SPACY_LETTERS = 100_000
"""Of a text that go through spaCy at once: its memory grows with them."""
GLINER_LETTERS = 1_200
"""Of a text that go through GLiNER at once: it passes over all behind some 380 words."""
GLINER_KINDS: dict[str, EntityKind] = {"person": "PER", "organization": "ORG", "location": "LOC"}
SPACY_KINDS: dict[str, EntityKind] = {
    **{"PER": "PER", "PERSON": "PER", "ORG": "ORG", "LOC": "LOC", "GPE": "LOC", "FAC": "LOC"},
    **{"persName": "PER", "orgName": "ORG", "placeName": "LOC", "geogName": "LOC"},
}


class SpacyNames:
    """Names by a pipeline of spaCy."""

    method = "spacy"

    def __init__(self, model: str) -> None:
        """Take the name of an installed package, or a folder."""
        import spacy

        self._pipeline = spacy.load(model)

    def find(self, text: str, language: str) -> Iterator[FoundName]:
        """Yield the names in a text."""
        del language  # the pipeline knows its own
        for start, piece in pieces(text, SPACY_LETTERS):
            for found in self._pipeline(piece).ents:
                kind = SPACY_KINDS.get(found.label_)
                if kind:
                    yield FoundName(start + found.start_char, start + found.end_char, kind, SPACY_SCORE)


class GlinerNames:
    """Names by a GLiNER model in a folder."""

    method = "gliner"

    def __init__(self, model: str) -> None:
        """Take the folder of a model; nothing is downloaded."""
        os.environ["HF_HUB_OFFLINE"] = "1"
        from gliner import GLiNER

        self._model = GLiNER.from_pretrained(model, local_files_only=True)

    def find(self, text: str, language: str) -> Iterator[FoundName]:
        """Yield the names in a text."""
        del language  # the model is asked in English about any
        for start, piece in pieces(text, GLINER_LETTERS):
            for found in self._model.predict_entities(piece, list(GLINER_KINDS)):
                yield FoundName(start + found["start"], start + found["end"], GLINER_KINDS[found["label"]], float(found["score"]))


def pieces(text: str, most: int) -> Iterator[tuple[int, str]]:
    """Yield a text in pieces of at most so many characters with their places, cut behind paragraphs, sentences or words if it can be."""
    start = 0
    while start < len(text):
        end = start + most
        if end < len(text):
            cuts = (text.rfind(mark, start + most // 2, end) for mark in ("\n\n", ". ", " "))
            end = next((cut + 1 for cut in cuts if cut > start), end)
        yield start, text[start:end]
        start = end


def check_engine(engine: EntityEngine, model: str | None) -> None:
    """Raise UsageError, with what to do, when an engine or its model is not on this machine; nothing heavy is imported."""
    if engine == "own":
        return
    check_extra("entity_engine", engine)
    there = Path(model or "").is_dir() if model else False
    if engine == "gliner" and not there:
        raise UsageError(f"GLiNER needs the folder of a model in the setting entity_model; {model or 'nothing'} is none.")
    if engine == "spacy" and not there and importlib.util.find_spec((model or SPACY_MODEL).partition(".")[0]) is None:
        raise UsageError(
            f"spaCy's model {model or SPACY_MODEL} is not installed; install it, or name a folder in the setting entity_model."
        )


@cache
def finder(engine: EntityEngine, model: str | None) -> NameFinder | None:
    """Return the engine that the settings ask for, loaded once in a process; None for our own."""
    if engine == "own":
        return None
    return SpacyNames(model or SPACY_MODEL) if engine == "spacy" else GlinerNames(model or "")
