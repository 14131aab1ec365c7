"""Languages of our own sentences, in bodies, headlines and capitals."""

import csv
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.labels import Language
from tasks.language import identify_language
from tasks.language_data import neighbour_words, scripts

SENTENCES_FILE = Path(__file__).with_name("language_sentences.tsv")
SENTENCES = list(csv.reader(SENTENCES_FILE.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))

FRENCH = (
    "Le conseil municipal a voté lundi soir la rénovation du vieux pont, fermé depuis l'hiver dernier. Les travaux commenceront en mars "
    "et dureront dix-huit mois. Les commerçants du quartier redoutent une perte de clients, mais la mairie promet une passerelle."
)
ENGLISH_QUOTE = "We will rebuild this bridge stone by stone, and nobody who lives on the other bank will be forgotten while we do it"
CAPITALS = [
    ("fr", "LA RUSSIE ET LA CORÉE DU NORD SIGNENT UN TRAITÉ DE DÉFENSE"),
    ("en", "GOVERNMENT PROMISES NEW HOMES AFTER THE FLOODS"),
    ("de", "REGIERUNG WILL DIE STEUERN FÜR FAMILIEN SENKEN"),
    ("es", "EL GOBIERNO ANUNCIA NUEVAS AYUDAS PARA LOS AGRICULTORES"),
    ("it", "IL GOVERNO APPROVA LA RIFORMA DELLA SCUOLA"),
    ("pt", "GOVERNO APROVA NOVAS REGRAS PARA AS ESCOLAS"),
    ("ru", "ПРАВИТЕЛЬСТВО ОБЪЯВИЛО О НОВЫХ МЕРАХ"),
    ("el", "Η ΚΥΒΕΡΝΗΣΗ ΑΝΑΚΟΙΝΩΣΕ ΝΕΑ ΜΕΤΡΑ"),
]


@pytest.mark.parametrize(("code", "sentence"), SENTENCES)
def test_a_sentence(code, sentence):
    found = identify_language(sentence, None, None)
    assert found.code == code
    assert 0.5 < found.score <= 1


@pytest.mark.parametrize(("code", "headline"), CAPITALS)
def test_a_headline_in_capitals(code, headline):
    assert identify_language(headline, None, None).code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "12 345,67 % — 19/11/2024",
        "🙂🙂🚀",
        "https://www.example.org/la-guerre-en-ukraine",
        "redaction@example.org",
        "!!!",
        "XIV",
        "a",
    ],
)
def test_a_text_without_words_is_undetermined(text):
    assert identify_language(text, None, None) == Language(code="und", score=0.0)
    assert identify_language(text, text, "fr") == Language(code="und", score=0.0)


def test_the_body_decides_and_the_title_only_where_there_is_none():
    title = "Government promises new homes after the floods"
    assert identify_language(FRENCH, title, None).code == "fr"
    assert identify_language("", title, None).code == "en"
    assert identify_language("12:30", title, None).code == "en"


def test_names_of_another_language_do_not_decide():
    text = "Kim Jong Un et Choe Son Hui ont reçu Vladimir Poutine et Andrei Belousov à Pyongyang. " * 3
    assert identify_language(text, "Kim Jong Un", None).code == "fr"
    assert identify_language("", "Kim Jong Un et Vladimir Poutine à Pyongyang", None).code == "fr"


@pytest.mark.parametrize("marks", ["« {} »", "“{}”", '"{}"', "„{}“"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_quotation_in_another_language_does_not_decide(marks, place):
    parts = FRENCH.split(". ")
    parts.insert(place, marks.format(ENGLISH_QUOTE))
    assert identify_language(". ".join(parts), None, None).code == "fr"


def test_a_quotation_longer_than_the_rest_does_not_decide():
    text = f"« {ENGLISH_QUOTE} », a déclaré la maire devant les habitants réunis."
    assert identify_language(text, None, None).code == "fr"


def test_latin_names_in_another_script_do_not_decide():
    assert identify_language("Компания Google представила новый телефон Pixel в Москве", None, None).code == "ru"
    assert identify_language("La chanson «Спасибо» du groupe est sortie vendredi", None, None).code == "fr"


def test_the_declared_language_tips_only_a_close_call():
    assert identify_language(FRENCH, None, "en").code == "fr"
    assert identify_language(FRENCH, None, "zz-nonsense").code == "fr"
    close = "Det er en god dag"
    assert identify_language(close, None, "da").code == "da"
    assert identify_language(close, None, "nb").code == "nb"


def test_a_long_text_is_surer_than_a_short_one():
    assert identify_language(FRENCH, None, None).score > identify_language("Séoul convoque l'ambassadeur", None, None).score


def test_threads_that_start_together_agree():
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda row: identify_language(row[1], None, None), SENTENCES * 4))
    assert found == [identify_language(sentence, None, None) for _, sentence in SENTENCES] * 4


def test_cold_threads_agree():
    """Eight threads make the first call at once, in a process of their own: langdetect itself fails here."""
    program = (
        "import sys\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from tasks.language import identify_language\n"
        "assert 'numpy' not in sys.modules and 'py3langid' not in sys.modules\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    found = list(pool.map(lambda text: identify_language(text, None, None), [sys.argv[1]] * 8))\n"
        "assert len(set(found)) == 1, found\n"
        "print(found[0].code)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, FRENCH], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "fr"


@given(st.text(max_size=400), st.none() | st.text(max_size=80), st.none() | st.text(max_size=8))
def test_it_never_raises_and_stays_in_range(text, title, declared):
    found = identify_language(text, title, declared)
    assert 0 <= found.score <= 1
    assert found.code == "und" or len(found.code) == 2
    assert (found.code == "und") == (found.score == 0)
    assert identify_language(text, title, declared) == found


@pytest.mark.parametrize(
    "text", ["a" * 3_000_000, "@" * 100_000, "http://" * 50_000, "«" * 100_000, "\u0301" * 50_000, "ꝏ" * 100, "\ud800abcdefg"]
)
def test_odd_and_long_input_is_harmless(text):
    assert identify_language(text, None, None).score <= 1


def test_the_data_files_are_well_formed():
    table = scripts()
    assert all(first <= last for first, last in zip(table.firsts, table.lasts, strict=True))
    assert all(last < first for last, first in zip(table.lasts, table.firsts[1:], strict=False))
    assert all(len(code) == 2 for codes in table.languages.values() for code in codes)
    assert all(word == word.lower() and not any(map(str.isspace, word)) for word in neighbour_words())
