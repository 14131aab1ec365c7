from uuid import UUID

import pytest

from tasks.dedupe.groups import order_of
from tasks.stories.telling import TITLE_CHARACTERS, Teller, first_sentence, headline, independent_sources


def teller(number: int, title: str | None = None, score: float = 0.5, source: str | None = None, agency: tuple[str, ...] = ()) -> Teller:
    one = UUID(int=number)
    return Teller(one, order_of(None, one), source or f"s{number}", agency, title, f"Opening {number}. More.", score)


def test_the_title_is_that_of_the_article_most_like_the_others():
    assert headline([teller(1, "Early", 0.3), teller(2, "Central", 0.6), teller(3, "Late", 0.6), teller(4, None, 0.9)]) == "Central"


def test_without_titles_it_is_the_first_sentence_of_the_earliest():
    assert headline([teller(2), teller(1)]) == "Opening 1."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Un accord a été signé. Il est secret.", "Un accord a été signé."),
        ("«Nous luttons.» Puis rien", "«Nous luttons.»"),
        ("One line\nanother", "One line"),
        ("今天会见。 然后", "今天会见。"),
        ("  ", None),
        ("word " * 60, " ".join(["word"] * 24) + "…"),
        ("x" * 300, "x" * TITLE_CHARACTERS + "…"),
    ],
)
def test_first_sentence(text, sentence):
    assert first_sentence(text) == sentence


def test_copies_one_source_and_one_agency_count_once():
    free = [teller(1), teller(2), teller(3)]
    assert independent_sources(free, []) == 3
    assert independent_sources(free, [(UUID(int=1), UUID(int=3))]) == 2
    assert independent_sources([teller(1, source="a"), teller(2, source="a")], []) == 1
    assert independent_sources([teller(1, agency=("AFP",)), teller(2, agency=("AFP", "AP")), teller(3)], []) == 2
