"""Training a model of topics on one's own tags, and how right it is on articles that it has not seen.

    articles | words counted | words that two articles share, the commonest | one logistic regression a topic, each fifth held out once

The parts are made by story, not by article: two tellings of one event in both would be no examination. Every article is judged by a
model that has not seen its part; the model that is kept has seen all. The same articles give the same model.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from schemas.errors import UsageError
from schemas.record import Record
from tasks.label.topic_lexicon import fold
from tasks.label.topic_model import Floats, TopicModel, probability, word_counts

PARTS = 5
MOST_WORDS = 30_000
MOST_TOPICS = 200
FEWEST_ARTICLES = 5
"""Of one topic: below, its words are those of a story or two."""
FEWEST_IN_ALL = 20
MOST_COUNTED = 1_000_000
"""Different words kept while counting; beyond, new ones are passed over."""
FREEDOM = 10.0
"""The inverse of the penalty on weights, as is usual for words scaled to length 1; 1 to 30 differ little."""
ITERATIONS = 100
CUTS = tuple(round(0.05 * step, 2) for step in range(1, 19))
LONGEST_SLUG = 60

Matrix = Any
"""scipy.sparse.csr_matrix of articles x words; SciPy publishes no types."""


class Tagged(NamedTuple):
    """An article with its tags; `part` says which fifth it belongs to."""

    title: str | None
    text: str
    tags: tuple[tuple[str, str], ...]
    """Each tag's id and name."""
    part: int


class TopicAccuracy(Record):
    """How right a model is about one topic on articles that it has not seen; `precision` is None when it gave it to none."""

    topic_id: str
    name: str
    articles: int
    precision: float | None
    recall: float


class Accuracy(Record):
    """How right a model is on articles that it has not seen: the share of them whose best topic is one of their tags.

    Where some articles have no tag, finding none for them is right, and finding none for others is not.
    `commonest` is what the commonest answer alone would reach.
    """

    articles: int
    accuracy: float
    commonest: float
    cut: float
    words: int
    topics: tuple[TopicAccuracy, ...]


class _Data(NamedTuple):
    words: dict[str, int]
    rarity: Floats
    articles: Matrix
    tags: Any
    """Articles x topics, true or false."""
    part: Any


class _Fit(NamedTuple):
    weights: Floats
    bias: Floats


def slug(kind: str, name: str) -> str:
    """Return the id of a topic that a document names: its words, folded, behind what kind of tag it is."""
    words = "".join(char if char.isalnum() else " " for char in fold(name)).split()
    return f"{kind}:{'-'.join(words)[:LONGEST_SLUG].strip('-')}"


def train(articles: Iterable[Tagged], name: str) -> tuple[TopicModel, Accuracy]:
    """Return a model of that name, trained on all the articles, and how right it is when it has not seen them.

    Raises UsageError when there are too few articles or none of the tags has enough.
    """
    counted, tags, part = _count(articles)
    topics, titles = _topics(tags)
    if len(tags) < FEWEST_IN_ALL or not topics:
        raise UsageError(
            f"There are {len(tags)} tagged articles and {len(topics)} topics with at least {FEWEST_ARTICLES} of them; "
            f"a model needs {FEWEST_IN_ALL} articles and one topic. Choose other --labels or a wider --where."
        )
    data = _data(counted, tags, part, topics)
    del counted
    accuracy = _examine(data, _held_out(data), list(zip(topics, titles, strict=True)))
    fit = _fit(data, np.ones(len(tags), dtype=bool))
    return TopicModel(name, data.words, data.rarity, tuple(topics), tuple(titles), fit.weights, fit.bias, accuracy.cut), accuracy


class _Counted(NamedTuple):
    """The words of many articles, as numbers and counts one behind the other."""

    words: dict[str, int]
    numbers: "array[int]"
    counts: "array[int]"
    ends: "array[int]"


def _count(articles: Iterable[Tagged]) -> tuple[_Counted, list[tuple[tuple[str, str], ...]], list[int]]:
    counted = _Counted({}, array("i"), array("i"), array("q"))
    tags, part = [], []
    for article in articles:
        for word, count in word_counts(article.title, article.text).items():
            number = counted.words.setdefault(word, len(counted.words)) if len(counted.words) < MOST_COUNTED else counted.words.get(word)
            if number is not None:
                counted.numbers.append(number)
                counted.counts.append(count)
        counted.ends.append(len(counted.numbers))
        tags.append(article.tags)
        part.append(article.part)
    return counted, tags, part


def _topics(tags: Sequence[Sequence[tuple[str, str]]]) -> tuple[list[str], list[str]]:
    """Return the ids and names of the topics that have enough articles, the commonest of each id's names."""
    articles = Counter(topic_id for some in tags for topic_id in {topic_id for topic_id, _ in some})
    names = Counter(tag for some in tags for tag in some)
    enough = sorted((-count, topic_id) for topic_id, count in articles.items() if FEWEST_ARTICLES <= count < len(tags))
    topics = sorted(topic_id for _, topic_id in enough[:MOST_TOPICS])
    titles: dict[str, str] = {}
    for (topic_id, name), _ in sorted(names.items(), key=lambda item: (-item[1], item[0])):
        titles.setdefault(topic_id, name)
    return topics, [titles[topic_id] for topic_id in topics]


def _data(counted: _Counted, tags: Sequence[Sequence[tuple[str, str]]], part: Sequence[int], topics: Sequence[str]) -> _Data:
    from scipy.sparse import csr_matrix

    in_articles = np.bincount(np.asarray(counted.numbers), minlength=len(counted.words))
    ranked = sorted((-int(in_articles[number]), word) for word, number in counted.words.items() if in_articles[number] > 1)
    chosen = sorted(word for _, word in ranked[:MOST_WORDS])
    words = {word: number for number, word in enumerate(chosen)}
    numbers = [counted.words[word] for word in chosen]
    rarity = np.log((1.0 + len(tags)) / (1.0 + in_articles[numbers])).astype(np.float32) + np.float32(1.0)
    place = np.full(len(counted.words), -1, dtype=np.int64)
    place[numbers] = np.arange(len(chosen))
    rows = np.repeat(np.arange(len(tags)), np.diff(np.concatenate([[0], np.asarray(counted.ends)])))
    columns = place[np.asarray(counted.numbers)]
    kept = columns >= 0
    values = ((1.0 + np.log(np.asarray(counted.counts)[kept])) * rarity[columns[kept]]).astype(np.float64)
    matrix = csr_matrix((values, (rows[kept], columns[kept])), shape=(len(tags), len(chosen)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(matrix.indptr))
    index = {topic_id: number for number, topic_id in enumerate(topics)}
    truth = np.zeros((len(tags), len(topics)), dtype=bool)
    for row, some in enumerate(tags):
        truth[row, [index[topic_id] for topic_id, _ in some if topic_id in index]] = True
    return _Data(words, rarity, matrix, truth, np.asarray(part))


def _fit(data: _Data, rows: Any) -> _Fit:
    """Return the weights of one logistic regression a topic over some of the articles."""
    articles = data.articles[rows]
    transposed = articles.T.tocsr()
    weights = np.zeros((articles.shape[1], data.tags.shape[1]), dtype=np.float32)
    bias = np.zeros(data.tags.shape[1], dtype=np.float32)
    for topic in range(data.tags.shape[1]):
        found = _regression(articles, transposed, np.where(data.tags[rows, topic], 1.0, -1.0))
        weights[:, topic], bias[topic] = found[:-1], found[-1]
    return _Fit(weights, bias)


def _regression(articles: Matrix, transposed: Matrix, signs: Any) -> Any:
    """Return the weights and, last, the bias that minimise the logistic loss with a penalty on the squared weights."""
    from scipy.optimize import minimize

    def loss(point: Any) -> tuple[float, Any]:
        margins = signs * (articles @ point[:-1] + point[-1])
        pull = -signs * probability(-margins)
        total = np.logaddexp(0.0, -margins).sum() + point[:-1] @ point[:-1] / (2.0 * FREEDOM)
        return float(total), np.concatenate([transposed @ pull + point[:-1] / FREEDOM, [pull.sum()]])

    start = np.zeros(articles.shape[1] + 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x


def _held_out(data: _Data) -> Any:
    """Return the probabilities of each article's topics as a model sees them that has learned from the other parts only."""
    chances = np.zeros(data.tags.shape, dtype=np.float64)
    for part in range(PARTS):
        rows = data.part == part
        if rows.any() and not rows.all():
            fit = _fit(data, ~rows)
            chances[rows] = probability(data.articles[rows] @ fit.weights + fit.bias)
    return chances


def _best_cut(chances: Any, truth: Any) -> float:
    """Return the cut at which precision and recall of all tags together are best in balance, the middle one among equals."""
    scores = [round(_balance(chances >= cut, truth), 6) for cut in CUTS]
    best = [cut for cut, score in zip(CUTS, scores, strict=True) if score == max(scores)]
    return best[len(best) // 2]


def _balance(given: Any, truth: Any) -> float:
    return 2.0 * float((given & truth).sum()) / max(1.0, float(given.sum() + truth.sum()))


def _examine(data: _Data, chances: Any, topics: Sequence[tuple[str, str]]) -> Accuracy:
    """Return how right the held-out probabilities are; each part is judged with the cut that is best for the others."""
    cuts = np.ones(len(data.part))
    for part in range(PARTS):
        rows = data.part == part
        cuts[rows] = _best_cut(chances[~rows], data.tags[~rows])
    given = chances >= cuts[:, None]
    return Accuracy(
        articles=len(data.part),
        accuracy=round(float(_right(chances, data.tags, cuts).mean()), 4),
        commonest=round(max([*data.tags.mean(axis=0), float((~data.tags.any(axis=1)).mean())]), 4),
        cut=_best_cut(chances, data.tags),
        words=len(data.words),
        topics=tuple(_about(topic, given[:, number], data.tags[:, number]) for number, topic in enumerate(topics)),
    )


def _about(topic: tuple[str, str], given: Any, truth: Any) -> TopicAccuracy:
    both = int((given & truth).sum())
    precision = round(both / int(given.sum()), 4) if given.any() else None
    return TopicAccuracy(
        topic_id=topic[0], name=topic[1], articles=int(truth.sum()), precision=precision, recall=round(both / int(truth.sum()), 4)
    )


def _right(chances: Any, truth: Any, cuts: Any) -> Any:
    """Return for each article whether its best topic is one of its tags; where some have none, whether none is found for them."""
    if truth.any(axis=1).all():
        cuts = np.zeros(len(truth))
    best = chances.argmax(axis=1)
    rows = np.arange(len(truth))
    return np.where(chances[rows, best] >= cuts, truth[rows, best], ~truth.any(axis=1))
