"""The two models behind `tasks.language`: loaded once a process, never changed afterwards."""

import json
import threading
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

SMOOTHING = 0.5 / 10_000  # langdetect's own: alpha over base frequency, the weight of an n-gram never seen in a language
_RENAMED = {"no": "nb", "zh-cn": "zh", "zh-tw": "zh"}  # both libraries' Norwegian is Bokmål but for a few pages
_MERGED = {0x0219: "ş", 0x021B: "ţ", 0x06CC: "ي"} | dict.fromkeys(range(0x1EA0, 0x1F00), "ể")
# ^ letters that langdetect's profiles store as one: Romanian commas, Persian yeh, the Vietnamese block
_LOCK = threading.Lock()


class Models:
    """The n-gram table of langdetect's profiles, and py3langid's identifier."""

    def __init__(self) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 0.4 s to load: only workers need it

        profiles = dict(_profiles())
        self.codes = sorted(profiles)
        self._index: dict[str, int] = {}
        self._table = self._fill(profiles)
        self._identifier: Any = LanguageIdentifier.from_model_file(MODEL_FILE)

    def _fill(self, profiles: dict[str, dict[str, float]]) -> Scores:
        """Return the log-probabilities, n-grams by languages, and number the n-grams on the way."""
        rows = [[self._index.setdefault(gram, len(self._index)) for gram in profiles[code]] for code in self.codes]
        table = np.full((len(self._index), len(self.codes)), SMOOTHING, dtype=np.float32)
        for column, (code, row) in enumerate(zip(self.codes, rows, strict=True)):
            table[row, column] += np.fromiter(profiles[code].values(), np.float32, len(row))
        return np.log(table, out=table)

    def profile_scores(self, words: list[str]) -> Scores:
        """Return the log-probability of the words' n-grams under each of `codes`."""
        line = f" {' '.join(words)} ".translate(_MERGED)
        grams = (line, map("".join, pairwise(line)), map("".join, zip(line, line[1:], line[2:], strict=False)))
        known = [row for size in grams for row in map(self._index.get, size) if row is not None]
        scores: Scores = self._table[known].sum(axis=0)
        return scores

    def second_opinion(self, words: list[str]) -> dict[str, float]:
        """Return py3langid's log-probability of the words for each language it knows."""
        return {_RENAMED.get(code, code): score for code, score in self._identifier.rank(" ".join(words))}


@cache
def _load() -> Models:
    return Models()


def models() -> Models:
    """Return the models, loading them at the first call (0.6 s); threads that come meanwhile wait."""
    with _LOCK:
        return _load()


def _profiles() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield language code and n-gram probabilities of each profile in the installed langdetect; the two Chinese ones are one."""
    merged: dict[str, dict[str, float]] = {}
    for path in sorted(files("langdetect").joinpath("profiles").iterdir(), key=lambda path: path.name):
        profile = json.loads(path.read_text(encoding="utf-8"))
        totals = profile["n_words"]
        grams = {gram: count / totals[len(gram) - 1] for gram, count in profile["freq"].items()}
        code = _RENAMED.get(path.name, path.name)
        merged[code] = merged.get(code, {}) | grams
    yield from merged.items()
