"""Make `ordinary.tsv.gz`: `python -m tasks.label.data.build_ordinary FOLDER PUBLIC`.

One line a language: its code, and the words that stand outside names in annotated texts and hardly ever inside: what a sentence
may begin with, and in German any noun. The model is told of them; nothing is decided by them alone. FOLDER holds our own annotated
texts, PUBLIC the corpora of others that README-names.md lists, old newspapers among them, whose words are as good as any here.
"""

import gzip
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tasks.label.corpora import Annotated, read_marked, read_tokens
from tasks.label.names.ordinary import FILE
from tasks.label.names.tagger import LANGUAGES
from tasks.label.names.tokens import tokenize
from tasks.label.train_names import PUBLIC, Corpus

OLD = (
    Corpus("europeana_fr.bio", "fr", 0, 1),
    *(Corpus(f"newseye_fr_{part}.tsv.gz", "fr", 0, 1) for part in ("dev", "dev2", "test")),
    *(Corpus(f"europeana_de_{part}.bio", "de", 0, 1) for part in ("lft", "onb", "sbb")),
    *(Corpus(f"newseye_de_{part}.tsv.gz", "de", 0, 1) for part in ("dev", "dev2", "test")),
    *(Corpus(f"sonar_de_{part}.tsv.gz", "de", 0, 1) for part in ("dev", "test")),
    Corpus("btc_en.conll", "en", 0, 1),
)
LEAST_TEXTS = 2
"""A word of one text only may be a name that somebody overlooked, or misread."""
MOST_IN_NAMES = 0.05
"""Share of its places that a word may have inside names."""
LEAST_LETTERS = 2


def main(folder: Path, public: Path) -> None:
    """Write the file."""
    outside: dict[str, Counter[str]] = defaultdict(Counter)
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    for one, language in _texts(folder, public):
        plain, named = _words(one)
        outside[language].update(set(plain))
        inside[language].update(named)
    lines = [f"{language}\t{' '.join(sorted(_ordinary(outside[language], inside[language])))}" for language in sorted(LANGUAGES)]
    FILE.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def _ordinary(outside: Counter[str], inside: Counter[str]) -> Iterator[str]:
    for word, texts in outside.items():
        if texts >= LEAST_TEXTS and inside[word] <= MOST_IN_NAMES * (inside[word] + texts) and len(word) >= LEAST_LETTERS:
            yield word


def _texts(folder: Path, public: Path) -> Iterator[tuple[Annotated, str]]:
    for language in sorted(LANGUAGES):
        for path in sorted((folder / "train" / language).glob("*.txt")):
            yield from ((one, language) for one in read_marked(path))
    for corpus in (*PUBLIC, *OLD):
        for one in read_tokens(public / corpus.file, corpus.word, corpus.tag):
            yield one, corpus.language


def _words(one: Annotated) -> tuple[list[str], list[str]]:
    """Return the keys of the words outside names and inside."""
    plain: list[str] = []
    named: list[str] = []
    for text, names in ((one.title, one.title_names), (one.text, one.names)):
        tokens = tokenize(text)
        covered = _covered(tokens.starts, names)
        for key, is_named in zip(tokens.keys, covered, strict=True):
            if key.isalpha():
                (named if is_named else plain).append(key)
    return plain, named


def _covered(starts: Iterable[int], names: Iterable[tuple[int, int, str]]) -> list[bool]:
    ranges = [range(start, end) for start, end, _ in names]
    inside = {position for one in ranges for position in one}
    return [start in inside for start in starts]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
