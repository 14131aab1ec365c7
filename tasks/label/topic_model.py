"""A model of topics of one's own: one linear classifier a topic over weighted words, trained by tasks/label/train_topics.py.

    words of title and text | (1 + ln count) x rarity, length 1 | weights of each topic | probability | what reaches the cut

The file is a NumPy archive of plain arrays: reading it runs nothing.
"""

import json
import math
import zipfile
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from schemas.errors import UsageError
from schemas.labels import TopicScore
from tasks.stories.terms import TEXT_CHARACTERS, word_list

HEADLINE_WEIGHT = 3
"""A word of the headline counts as three in the text, as for names."""
FORMAT = 1
MOST_BYTES = 256 * 2**20
"""A model with the most words and topics that training allows is a tenth of this."""
SHOWN_WORDS = 8

Floats = np.ndarray[Any, np.dtype[np.float32]]


class Features(NamedTuple):
    """The known words of a text, by number, and how much each weighs."""

    numbers: np.ndarray[Any, np.dtype[np.int64]]
    values: Floats


class TopicModel(NamedTuple):
    """A trained model: its words with their rarity, its topics, and what each word says of each topic."""

    name: str
    words: dict[str, int]
    rarity: Floats
    topics: tuple[str, ...]
    titles: tuple[str, ...]
    weights: Floats
    """Words x topics."""
    bias: Floats
    cut: float
    """Least probability at which an article has a topic."""

    @property
    def names(self) -> list[tuple[str, str]]:
        """The topics with their names."""
        return list(zip(self.topics, self.titles, strict=True))

    @property
    def method(self) -> str:
        """What labels of this model are marked with."""
        return f"model:{self.name}"

    def features(self, title: str | None, text: str) -> Features:
        """Return the weighted words of a text, length 1 in all; empty when it holds none that the model knows."""
        return weighted(word_counts(title, text), self.words, self.rarity)

    def topics_of(self, title: str | None, text: str) -> tuple[TopicScore, ...]:
        """Return the topics of an article with their probabilities, the best first."""
        numbers, values = self.features(title, text)
        if not len(numbers):
            return ()
        chances = probability(values @ self.weights[numbers] + self.bias)
        found = sorted(((-float(chance), topic) for topic, chance in zip(self.topics, chances, strict=True) if chance >= self.cut))
        return tuple(TopicScore(topic_id=topic, score=round(-chance, 4), method=self.method) for chance, topic in found)

    def spoke_for(self, topic_id: str, title: str | None, text: str) -> list[tuple[str, float]]:
        """Return the words of an article that spoke most for a topic, with what each added to its log-odds."""
        if topic_id not in self.topics:
            return []
        words = list(self.words)
        numbers, values = self.features(title, text)
        shares = values * self.weights[numbers, self.topics.index(topic_id)]
        best = np.argsort(-shares, kind="stable")[:SHOWN_WORDS]
        return [(words[numbers[n]], round(float(shares[n]), 4)) for n in best if shares[n] > 0]


def word_counts(title: str | None, text: str) -> Counter[str]:
    """Return the words of the beginning of an article, counted, those of the headline more."""
    counts = Counter(word_list(text[:TEXT_CHARACTERS]))
    for word in word_list((title or "")[:TEXT_CHARACTERS]):
        counts[word] += HEADLINE_WEIGHT
    return counts


def weighted(counts: Counter[str], words: dict[str, int], rarity: Floats) -> Features:
    """Return the known words of a text by number, each with (1 + ln count) x rarity, scaled to length 1."""
    known = sorted((words[word], count) for word, count in counts.items() if word in words)
    numbers = np.array([number for number, _ in known], dtype=np.int64)
    values = np.array([1.0 + math.log(count) for _, count in known], dtype=np.float32) * rarity[numbers]
    length = float(np.linalg.norm(values))
    return Features(numbers, values / np.float32(length) if length else values)


def probability(log_odds: Any) -> Any:
    """Return the probabilities that belong to log-odds."""
    return 0.5 * (1.0 + np.tanh(0.5 * log_odds))


def save_model(model: TopicModel, path: Path) -> None:
    """Write a model to a file; raises UsageError when that cannot be. The same model gives the same bytes."""
    about = {"format": FORMAT, "topics": model.topics, "titles": model.titles, "cut": model.cut, "words": list(model.words)}
    described = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
    try:
        with path.open("wb") as file:
            np.savez_compressed(file, about=described, rarity=model.rarity, weights=model.weights, bias=model.bias)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def load_model(path: Path) -> TopicModel:
    """Return the model in a file, read once as long as the file stays as it is; raises UsageError for any other file."""
    try:
        stat = path.stat()
        return _load(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise UsageError(f"The topic model {path} cannot be read: {error.strerror}; see the setting topic_model.") from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path} is no topic model; one is made by: wirehouse label train-topics") from error


@lru_cache(maxsize=2)
def _load(path: Path, size: int, changed: int) -> TopicModel:
    del changed
    if size > MOST_BYTES:
        raise ValueError(size)
    with np.load(path, allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        rarity, weights, bias = (arrays[name].astype(np.float32) for name in ("rarity", "weights", "bias"))
    words = {str(word): number for number, word in enumerate(about["words"])}
    topics, titles = tuple(map(str, about["topics"])), tuple(map(str, about["titles"]))
    if about["format"] != FORMAT or rarity.shape != (len(words),) or weights.shape != (len(words), len(topics)):
        raise ValueError(about["format"])
    if bias.shape != (len(topics),) or len(titles) != len(topics):
        raise ValueError(bias.shape)
    return TopicModel(path.stem, words, rarity, topics, titles, weights, bias, float(about["cut"]))
