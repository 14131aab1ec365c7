"""Topics below the 17 at the top, what the source itself calls an article, and the evidence behind a topic."""

import csv
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.label.topic_lexicon import Lexicon, narrow_tops
from tasks.label.topics import MOST_NARROW, MOST_TOPICS, SCHEME_VERSION, label_topics, topic_evidence, topic_rows

LANGUAGES = ("fr", "en", "de", "es", "it", "pt")
ROWS = {row.topic_id[7:]: row for row in topic_rows()}
SECOND_LEVEL = {code for code, row in ROWS.items() if row.broader_id and row.broader_id.endswith("000000")}

TEXTS = [
    (
        "fr",
        "20000574",
        "Les bureaux de vote ouvriront dimanche pour le second tour ; les candidats ont tenu leur dernier meeting, l'abstention inquiète.",
    ),
    ("fr", "20000638", "Le ministre des Affaires étrangères a reçu l'ambassadeur avant le sommet ; les deux pays parlent de sanctions."),
    (
        "fr",
        "20000530",
        "Les cheminots sont en grève jeudi : un préavis de grève a été déposé par l'intersyndicale, et la CGT parle de salaires.",
    ),
    ("fr", "20000153", "Un séisme de magnitude 6,2 a secoué la région ; des répliques ont suivi et l'épicentre se trouve en mer."),
    ("fr", "20000892", "Cyclisme : le peloton du Tour de France abordera le contre-la-montre derrière le maillot jaune."),
    (
        "en",
        "20000099",
        "A man was charged with murder after his neighbour was stabbed to death; police had treated the homicide as a robbery.",
    ),
    ("en", "20000370", "Inflation slowed to 2.2 per cent as consumer prices rose less than expected, easing the cost of living."),
    ("en", "20000448", "Doctors confirmed eleven cases of measles and warned that cholera and malaria spread where vaccines are missing."),
    ("en", "20000677", "Muslims broke their fast at the mosque on the first evening of Ramadan, and the imam spoke of Islam and charity."),
    ("en", "20001085", "She won in straight sets at Wimbledon and will meet the Australian Open champion in her first tennis final."),
    ("de", "20000574", "Vor der Bundestagswahl werben die Kandidaten im Wahlkampf um die Wähler; die Stimmzettel sind gedruckt."),
    ("de", "20000146", "Nach dem Zugunglück bei Fulda ist klar, warum der Zug entgleiste: eine Weiche war falsch gestellt."),
    (
        "es",
        "20001202",
        "El incendio forestal ha quemado mil hectáreas; los bomberos luchan contra las llamas y se han evacuado tres pueblos.",
    ),
    ("es", "20000532", "La reforma de las pensiones eleva la edad de jubilación; los pensionistas protestan y los jubilados piden más."),
    ("it", "20001065", "Serie A: la Juventus batte l'Inter con un gol dell'attaccante su rigore, il portiere salva il risultato."),
    (
        "it",
        "20000418",
        "I cambiamenti climatici accelerano: le emissioni di gas serra crescono e il riscaldamento globale supera le previsioni.",
    ),
    ("pt", "20000615", "Os deputados da Assembleia da República rejeitaram a moção de censura; o parlamento volta a votar na sexta-feira."),
    ("pt", "20000433", "O desmatamento da Amazônia caiu: a floresta perdeu menos árvores, e o reflorestamento avança."),
]


def rows_of(language: str) -> list[tuple[str, float, list[str]]]:
    lines = files("tasks.label").joinpath("data", "topics", f"{language}_narrow.tsv").read_text(encoding="utf-8").splitlines()
    rows = csv.reader((line for line in lines if line[0] != "#"), delimiter="\t")
    return [(code, float(weight), terms.split()) for code, weight, terms in rows]


@pytest.mark.parametrize(("language", "code", "text"), TEXTS)
def test_a_narrower_topic_is_found(language, code, text):
    assert f"medtop:{code}" in {topic.topic_id for topic in label_topics(None, text, language)}


@pytest.mark.parametrize(("language", "code", "text"), TEXTS)
def test_a_narrower_topic_brings_all_that_are_above_it(language, code, text):
    scores = {topic.topic_id: topic.score for topic in label_topics(None, text, language)}
    for topic_id, score in scores.items():
        broader = ROWS[topic_id[7:]].broader_id
        assert broader is None or scores[broader] >= score


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_are_well_formed(language):
    for code, weight, terms in rows_of(language):
        assert ROWS[code].broader_id
        assert 0 < weight <= 2
        for term in terms:
            assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*\*?|[a-z0-9]+\*?(_[a-z0-9]+\*?)+", term), term


def test_all_languages_know_the_same_codes():
    known = {language: {code for code, _, _ in rows_of(language)} for language in LANGUAGES}
    assert len(known["fr"]) >= 200
    assert all(codes == known["fr"] for codes in known.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_a_topic_lead_to_at_least_sixty_of_the_second_level(language):
    found = set()
    for _, _, terms in rows_of(language):
        text = ". ".join(term.replace("*", "").replace("_", " ") for term in terms[:4])
        found |= {topic.topic_id[7:] for topic in label_topics(None, f"{text}. {text}.", language)}
    assert len(found & SECOND_LEVEL) >= 60


def test_one_passing_word_is_not_a_narrower_topic():
    text = "Le ministre a présenté le budget au parlement ; il a cité un attentat de 1995. Les députés et le gouvernement en débattront."
    assert "medtop:20000053" not in {topic.topic_id for topic in label_topics(None, text, "fr")}


def test_what_speaks_for_a_narrower_topic_speaks_for_its_top():
    words = Lexicon([("11", 1.0, "elect*")], [("20000574", 1.0, "election* ballot*"), ("20000056", 1.0, "frontline")], narrow_tops())
    found = {term.written: dict(term.weights) for term in words.count("An election, a ballot, the elected, the frontline.")}
    assert found == {
        "election*": {"11": 1.0, "20000574": 1.0},
        "ballot*": {"11": 1.0, "20000574": 1.0},
        "elect*": {"11": 1.0},
        "frontline": {"16": 1.0, "20000056": 1.0},
    }


def test_the_first_list_decides_for_which_top_a_word_speaks():
    words = Lexicon(
        [("07", 1.0, "viol*"), ("00", 1.0, "price_war")],
        [("20000056", 1.0, "violent price_war")],
        narrow_tops(),
    )
    found = {term.written: dict(term.weights) for term in words.count("violent price war")}
    assert found == {"violent": {"07": 1.0, "20000056": 1.0}, "price_war": {"20000056": 1.5}}


@pytest.mark.parametrize(
    ("category", "code"), [("Sport", "15"), ("Économie", "04"), ("Arts & Culture", "01"), ("POLITIK", "11"), (" weather ", "17")]
)
def test_the_name_of_a_section_is_evidence(category, code):
    text = "Rien de plus n'a été dit, et chacun est rentré chez soi."
    assert label_topics(None, text, "fr") == ()
    assert [topic.topic_id for topic in label_topics(None, text, "fr", [category])] == [f"medtop:{code}000000"]


def test_the_name_of_a_narrower_section_brings_its_top():
    found = {topic.topic_id for topic in label_topics(None, "Nothing was said.", "en", ["Football"])}
    assert found == {"medtop:15000000", "medtop:20000822", "medtop:20001065"}


def test_categories_are_the_only_evidence_where_there_is_no_lexicon():
    assert [topic.topic_id for topic in label_topics("Новости", "Текст.", "ru", ["Sport"])] == ["medtop:15000000"]
    assert label_topics("Новости", "Текст.", "ru", ["Новости", "", "x" * 10_000]) == ()


def test_categories_weigh_but_do_not_decide():
    text = "Les députés ont voté la motion de censure ; le premier ministre remettra la démission du gouvernement au président."
    assert label_topics(None, text, "fr", ["Sport"])[0].topic_id == "medtop:11000000"
    assert label_topics(None, text, "fr", ["Monde", "À la une"]) == label_topics(None, text, "fr")


def test_no_article_gets_more_topics_than_it_can_be_about():
    text = " ".join(" ".join(term.replace("*", "").replace("_", " ") for term in terms) for _, _, terms in rows_of("fr"))
    topics = label_topics(None, text, "fr")
    assert sum(topic.topic_id.endswith("000000") for topic in topics) <= MOST_TOPICS
    assert len(topics) <= MOST_TOPICS + MOST_NARROW


def test_the_evidence_of_a_topic_names_its_terms_the_strongest_first():
    title, text = "Séisme au Pérou", "Un séisme a secoué Lima. Les secouristes et un ministre sont sur place."
    above = topic_evidence(title, text, "fr", "medtop:03000000")
    assert above[0] == ("seisme*", 1, 1, 4.0)
    assert {"seisme*", "secouri*"} <= {found.term for found in above}
    assert [found.term for found in topic_evidence(title, text, "fr", "medtop:20000151")] == ["seisme*"]
    assert topic_evidence(title, text, "fr", "medtop:15000000") == ()
    assert topic_evidence(title, text, "ru", "medtop:03000000") == ()


def test_the_version_of_the_scheme_is_told():
    told = files("tasks.label").joinpath("data", "topics", "README.md").read_text(encoding="utf-8")
    assert SCHEME_VERSION in told


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=40), st.sampled_from([*LANGUAGES, "und"]))
def test_categories_never_raise(text, categories, language):
    assert all(0 < topic.score <= 1 for topic in label_topics(None, text, language, categories))


def test_a_text_full_of_beginnings_of_phrases_is_read_in_one_go():
    assert label_topics(None, "prise de pouvoir de la " * 50_000, "fr")
