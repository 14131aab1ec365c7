"""The annotated texts, training on them, and the shipped model on articles that it was not trained on."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tasks.label.corpora import KINDS, Annotated, read_marked, read_tokens
from tasks.label.names.features import shape
from tasks.label.names.gazetteer import towns
from tasks.label.names.ordinary import ordinary_words
from tasks.label.names.reading import Reading
from tasks.label.names.table import knowledge
from tasks.label.names.tagger import LANGUAGES, Tagger, tags
from tasks.label.names.tokens import tokenize
from tasks.label.swapping import pool_of, swapped
from tasks.label.train_names import examples, own_texts, train
from tests.bench.entities import by_table, count, held_back, whole

NAMES = Path(__file__).parents[2] / "data" / "names"
MARKED = """# [LOC Lindmark] : le maire répond

Le maire, M. [PER Arvid Lund], a écrit à la [ORG Compagnie du port].
[PER Lund] reviendra à [LOC Lindmark].

Sans titre ni nom.
"""


def surfaces(one: Annotated) -> list[tuple[str, str]]:
    return [(one.text[start:end], kind) for start, end, kind in one.names]


def test_marks_become_places(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(MARKED.replace("répond\n\n", "répond\n"), encoding="utf-8")
    first, second = read_marked(tmp_path / "a.txt")
    assert (first.title, first.title_names) == ("Lindmark : le maire répond", ((0, 8, "LOC"),))
    assert surfaces(first) == [("Arvid Lund", "PER"), ("Compagnie du port", "ORG"), ("Lund", "PER"), ("Lindmark", "LOC")]
    assert (second.title, second.text, second.names) == ("", "Sans titre ni nom.", ())


@pytest.mark.parametrize("tagged", ["I-PERS I-PERS O I-LOC O", "B-person I-person O B-location O"])
def test_corpora_of_others_are_read_as_texts(tmp_path: Path, tagged: str) -> None:
    words = ["Arvid", "Lund", "quitte", "Lindmark", "."]
    lines = "\n".join(f"{word} {tag}" for word, tag in zip(words, tagged.split(), strict=True))
    path = tmp_path / "corpus.gz"
    path.write_bytes(gzip.compress(f"{lines}\n\n{lines}\n".encode()))
    (one,) = read_tokens(path, 0, 1)
    assert one.text == "Arvid Lund quitte Lindmark.\n\nArvid Lund quitte Lindmark."
    assert surfaces(one) == [("Arvid Lund", "PER"), ("Lindmark", "LOC")] * 2


def all_texts() -> Iterator[tuple[str, Annotated]]:
    for part in ("train", "held_back"):
        for language, texts in own_texts(NAMES / part).items():
            yield from ((language, one) for one in texts)


def test_our_own_texts_are_marked_well() -> None:
    texts = list(all_texts())
    names = words = 0
    for _, one in texts:
        assert "[" not in one.title + one.text
        for text, places in ((one.title, one.title_names), (one.text, one.names)):
            tokens = tokenize(text)
            edges = set(tokens.starts), set(tokens.ends)
            names += len(places)
            words += sum(start not in edges[0] or end not in edges[1] for start, end, _ in places)
            assert all(text[start:end] == text[start:end].strip() for start, end, _ in places)
    assert {language for language, _ in texts} == LANGUAGES
    assert words < 0.005 * names  # names whose ends lie within a word of ours


def test_no_held_back_text_is_trained_on() -> None:
    trained = {line for texts in own_texts(NAMES / "train").values() for one in texts for line in one.text.splitlines() if len(line) > 60}
    held = {line for texts in own_texts(NAMES / "held_back").values() for one in texts for line in one.text.splitlines() if len(line) > 60}
    assert held
    assert not trained & held


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_swapped_names_stand_in_their_places(language: str) -> None:
    texts = own_texts(NAMES / "train")[language][:40]
    chance = Random(1)
    pool = pool_of(texts, ["Plougastel", "Oxenholme"], chance)
    for one in texts:
        other = swapped(one, pool, chance)
        assert [kind for *_, kind in other.names] == [kind for *_, kind in one.names]
        known = {name.casefold() for kind in KINDS for name in pool[kind]} | {name.casefold() for name, _ in surfaces(one)}
        assert {name.casefold() for name, _ in surfaces(other)} <= known
        rest, other_rest = (_without_names(each) for each in (one, other))
        assert rest == other_rest


def _without_names(one: Annotated) -> str:
    text = one.text
    for start, end, _ in reversed(one.names):
        text = text[:start] + text[end:]
    return text


def test_a_model_learns_what_it_is_shown_and_twice_the_same(tmp_path: Path) -> None:
    texts = [(one, "fr") for one in own_texts(NAMES / "train")["fr"][:60]]
    for name in ("one", "two"):
        train(texts, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    one, language = texts[0]
    reading = Reading(knowledge(), [one.title, one.text], language)
    _, spans = Tagger(tmp_path / "one").names(reading.evidence)
    found = {(reading.texts[1].surface(span.first, span.last), span.kind) for span in spans}
    assert len(found & set(surfaces(one))) > 0.8 * len(set(surfaces(one)))
    assert all(0 < span.score <= 1 for span in spans)


def test_examples_have_a_tag_for_each_word() -> None:
    one = own_texts(NAMES / "train")["en"][0]
    pairs = list(examples(one, "en"))
    assert sum(len(features) for features, _ in pairs) == sum(len(tokenize(text)) for text in (one.title, one.text))
    assert all(len(features) == len(marked) for features, marked in pairs)


def test_tags_tell_first_and_last_words() -> None:
    assert tags([(0, 1, "LOC"), (2, 5, "ORG")], 6) == ["U-LOC", "O", "B-ORG", "I-ORG", "L-ORG", "O"]


def test_shapes() -> None:
    assert [shape(word) for word in ("Lindmark", "AFP", "l'", "B-52", "easyJet", "PARIS")] == ["Xxx", "XX", "x'", "X-00", "xxXxx", "XX"]


def test_towns_are_hints_for_capitalised_words() -> None:
    tokens = tokenize("À Saint-Malo, nice et Nice, puis Los Angeles")
    assert [tokens.surface(first, last) for first, last in towns(tokens)] == ["Saint-Malo", "Nice", "Los Angeles"]


def test_ordinary_words_hold_no_names() -> None:
    assert {"chacun", "budget"} <= ordinary_words("fr")
    assert not {"paris", "macron"} & ordinary_words("fr")
    assert ordinary_words("fi") == frozenset()


@pytest.mark.parametrize(("language", "least"), [("fr", 0.88), ("en", 0.86), ("de", 0.80), ("es", 0.80), ("it", 0.77), ("pt", 0.83)])
def test_names_in_articles_that_the_model_has_not_seen(language: str, least: float) -> None:
    texts = held_back(language)
    found = count(texts, whole)
    assert found.f1() > least
    assert found.f1("PER") > 0.85
    assert found.f1() > count(texts, by_table).f1() + 0.3
