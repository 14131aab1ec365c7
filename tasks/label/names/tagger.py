"""Names by the trained model: a linear-chain CRF over the features of words."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

from schemas.labels import EntityKind
from tasks.label.names.features import Evidence, sequences, word_features
from tasks.label.names.spans import Span

LANGUAGES = frozenset(("fr", "en", "de", "es", "it", "pt"))
"""Those that the model was trained on; elsewhere table and rules decide alone."""
METHOD = "model"
FILE = Path(__file__).parent.parent / "data" / "names.crfsuite"
_NOTHING = "O"


class Tagger:
    """A model in memory. Raises OSError or ValueError for a file that holds none."""

    def __init__(self, path: Path) -> None:
        from pycrfsuite import Tagger as Model

        self._held = path.read_bytes()  # the model reads from these bytes for as long as it lives
        self._model = Model()
        self._model.open_inmemory(self._held)

    def names(self, evidence: Sequence[Evidence]) -> list[list[Span]]:
        """Return the names in each text of a document, in order, with the probability of the least sure of their words."""
        return [
            [span for first, last in sequences(one.context.tokens) for span in self._tagged(features[first:last], first)]
            for one, features in zip(evidence, word_features(evidence), strict=True)
        ]

    def _tagged(self, features: list[list[str]], first: int) -> list[Span]:
        tags = self._model.tag(features)
        found: list[Span] = []
        for index, tag in enumerate(tags):
            if tag == _NOTHING:
                continue
            kind, score = cast(EntityKind, tag[2:]), self._model.marginal(tag, index)
            if tag[0] in "BU" or not found or found[-1].last != first + index or found[-1].kind != kind:
                found.append(Span(first + index, first + index + 1, kind, None, score, METHOD))
            else:
                found[-1].last += 1
                found[-1].score = min(found[-1].score, score)
        return found


def tags(spans: Sequence[tuple[int, int, EntityKind]], count: int) -> list[str]:
    """Return the tag of each of so many words: U for a name of one word, else B, I, L, and O outside."""
    found = [_NOTHING] * count
    for first, last, kind in spans:
        marks = "U" if last - first == 1 else "B" + "I" * (last - first - 2) + "L"
        found[first:last] = [f"{mark}-{kind}" for mark in marks]
    return found


@cache
def tagger() -> Tagger:
    """Return the model shipped with the package, read once in a process."""
    return Tagger(FILE)
