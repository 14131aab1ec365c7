"""Which rules labelled an article: a digest for topics and one for entities, so that no one has to remember to count a version up."""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from schemas.errors import UsageError
from schemas.labelling import Labelling

Kind = Literal["topics", "entities"]
"""The two kinds of labels, each of which can be made anew without the other."""
KINDS: tuple[Kind, ...] = get_args(Kind)

LENGTH = 12
"""Characters of a digest, as of that of the cleaning rules."""
TOPICS = "topic"
"""What a file's or a folder's name begins with, or has behind `user_`, when it decides about topics and not about entities."""
NOT_RULES = ("build_", "train_", "corpora.", "swapping.", "README")
"""What files begin with that are used to make data, not to label."""


class Digests(NamedTuple):
    """The digest of today's rules for each kind of labels."""

    topics: str
    entities: str


def label_digests(labelling: Labelling) -> Digests:
    """Return the digests of today's labelling rules, the settings and the model file among them, in hexadecimal.

    Raises UsageError when the model file cannot be read.
    """
    rules = "\n".join(rule.model_dump_json() for rule in labelling.rules)
    model = file_digest(labelling.topic_model) if labelling.topic_model else ""
    topics = hashlib.sha256("\0".join((_code("topics"), rules, model)).encode())
    engine = "" if labelling.entity_engine == "own" else f"{labelling.entity_engine}\0{labelling.entity_model}"
    entities = hashlib.sha256(f"{_code('entities')}\0{engine}".encode())
    return Digests(topics=topics.hexdigest()[:LENGTH], entities=entities.hexdigest()[:LENGTH])


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal; raises UsageError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"The topic model {path} cannot be read: {error.strerror}; see the setting topic_model.") from error


@cache
def _code(kind: Kind) -> str:
    digest = hashlib.sha256()
    for path, part in sorted(_parts(files("tasks.label"), ""), key=lambda found: found[0]):
        if _is_for_topics(path) == (kind == "topics"):
            digest.update(path.encode() + b"\0" + part.read_bytes())
    return digest.hexdigest()


def _is_for_topics(path: str) -> bool:
    return any(name.removeprefix("user_").startswith(TOPICS) for name in path.split("/"))


def _parts(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for part in folder.iterdir():
        if part.name == "__pycache__" or part.name.startswith(NOT_RULES):
            continue
        if part.is_dir():
            yield from _parts(part, f"{path}{part.name}/")
        else:
            yield f"{path}{part.name}", part
