"""Topics of our own short articles, and of the five documents where they are at hand."""

import csv
import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.label.topic_lexicon import Lexicon, fold, lexicon
from tasks.label.topics import LEAST_SCORE, label_topics, topic_rows

ROOT = Path(__file__).resolve().parents[3]
SEEDS = ROOT.parent / "shared" / "seeds"
LANGUAGES = {"fr": 120, "en": 120, "de": 40, "es": 40, "it": 40, "pt": 40}
"""Language -> the fewest terms its lexicon holds for each topic."""

TEXTS = [
    (
        "fr",
        "01",
        "La cinéaste présentera son film en avant-première au festival ; l'orchestre jouera la musique du compositeur dans la salle.",
    ),
    (
        "fr",
        "02",
        "Le tribunal a condamné l'ancien trésorier à quatre ans de prison pour escroquerie. Son avocat va faire appel du jugement.",
    ),
    ("fr", "03", "Un séisme de magnitude 6,2 a secoué la région à l'aube. Les secouristes cherchent des survivants dans les décombres."),
    (
        "fr",
        "04",
        "La banque centrale a relevé son taux directeur pour freiner l'inflation. La bourse a reculé et les investisseurs vendent.",
    ),
    ("fr", "05", "Les lycéens passent les épreuves du baccalauréat lundi. Les professeurs du lycée dénoncent des classes surchargées."),
    ("fr", "06", "La déforestation recule, mais la biodiversité de la forêt reste menacée par la pollution et les déchets plastiques."),
    (
        "fr",
        "07",
        "Les médecins de l'hôpital réclament des lits : l'épidémie de grippe remplit les urgences et la vaccination prend du retard.",
    ),
    (
        "fr",
        "08",
        "Un chien perdu depuis trois ans a retrouvé sa famille : des retrouvailles émouvantes, filmées par un refuge pour animaux.",
    ),
    (
        "fr",
        "09",
        "Les syndicats appellent à la grève contre les licenciements ; les salariés de l'usine demandent une hausse des salaires.",
    ),
    ("fr", "10", "La cheffe propose une recette de cuisine simple, un dessert au chocolat et les vins qui vont avec, pour un pique-nique."),
    ("fr", "11", "Les députés ont voté la motion de censure ; le premier ministre remettra la démission du gouvernement au président."),
    ("fr", "12", "Le pape a célébré la messe devant des milliers de fidèles ; l'archevêque a lu une prière dans la cathédrale."),
    (
        "fr",
        "13",
        "Des astronomes ont découvert une exoplanète avec le télescope spatial ; les chercheurs publient leurs données cette semaine.",
    ),
    (
        "fr",
        "14",
        "Les associations d'aide aux migrants et aux familles pauvres s'inquiètent des discriminations et du racisme dans le quartier.",
    ),
    ("fr", "15", "L'attaquant a marqué deux buts en finale du championnat ; l'entraîneur salue ses joueurs et les supporters du stade."),
    (
        "fr",
        "16",
        "Les rebelles ont bombardé la ville malgré le cessez-le-feu ; l'armée a envoyé des soldats et des drones sur la ligne de front.",
    ),
    (
        "fr",
        "17",
        "Météo-France prévoit des averses orageuses et des rafales de vent ; les températures tomberont à huit degrés dans la nuit.",
    ),
    ("en", "01", "The singer will release her third album before the film festival, where a documentary about the band opens."),
    (
        "en",
        "02",
        "A jury found the former mayor's driver guilty of fraud; the judge will sentence him on Friday and his lawyer will appeal.",
    ),
    (
        "en",
        "03",
        "Rescuers searched the rubble for survivors after the earthquake, and hundreds were evacuated from flooded houses nearby.",
    ),
    ("en", "04", "The retailer's shares fell after it warned on profits; investors fear that inflation and interest rates hurt consumers."),
    ("en", "07", "Doctors say the new vaccine protects patients against malaria, and hospitals expect fewer infections this season."),
    ("en", "09", "Rail workers voted to strike over pay; the trade union says wages have fallen and employers plan redundancies."),
    ("en", "11", "Parliament passed the reform by three votes; the opposition called on the prime minister to hold an election."),
    ("en", "12", "The bishop led prayers in the cathedral while muslims and jews joined the congregation in a show of faith."),
    ("en", "13", "Researchers trained an algorithm on a supercomputer; the software reads satellite data for scientists in a laboratory."),
    ("en", "15", "The striker scored twice as her team won the cup; the coach praised the goalkeeper for saving a penalty."),
    ("en", "16", "Troops shelled the border town overnight despite a ceasefire; rebels said missiles had killed eleven soldiers."),
    ("en", "17", "Forecasters expect heavy snow and gusts of wind; temperatures will fall below freezing and fog may linger."),
    ("de", "04", "Die Notenbank hat den Leitzins erhöht, um die Inflation zu bremsen; an der Börse gaben die Aktien der Konzerne nach."),
    ("de", "11", "Der Bundestag stimmte über das Gesetz ab; Kanzler und Opposition warben vor der Wahl um die Mehrheit der Abgeordneten."),
    ("de", "15", "Der Stürmer erzielte zwei Tore, und die Mannschaft gewann das Endspiel; der Trainer lobte seine Spieler im Stadion."),
    ("es", "07", "El hospital vacuna a los pacientes contra la gripe; los médicos temen que la epidemia llene las urgencias."),
    ("es", "16", "El ejército bombardeó la ciudad pese a la tregua; los rebeldes dispararon misiles y murieron nueve soldados."),
    ("es", "05", "Los alumnos de la escuela vuelven a las aulas; los profesores de la universidad piden más becas."),
    ("it", "03", "Il terremoto ha fatto crollare decine di case; i vigili del fuoco cercano superstiti sotto le macerie."),
    ("it", "02", "Il tribunale ha condannato il boss all'ergastolo; il procuratore e gli avvocati attendono la sentenza d'appello."),
    ("pt", "06", "O desmatamento da Amazônia caiu, mas a poluição dos rios ameaça espécies e o clima da floresta."),
    ("pt", "11", "Os deputados aprovaram o orçamento do governo; a oposição acusa o primeiro-ministro antes das eleições."),
]


@pytest.mark.parametrize(("language", "code", "text"), TEXTS)
def test_the_main_topic_comes_first(language, code, text):
    topics = label_topics(None, text, language)
    assert topics[0].topic_id == f"medtop:{code}000000"
    assert topics[0].score > 0.5
    assert topics[0].method == "lexicon"


def test_scores_fall_and_stay_above_the_cut():
    text = " ".join(text for language, _, text in TEXTS if language == "fr")
    scores = [topic.score for topic in label_topics(None, text, "fr")]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= LEAST_SCORE


def test_more_evidence_scores_higher():
    text = "Le tribunal a ouvert le procès."
    few, more = (
        label_topics(None, f"{text} {rest}", "fr")[0] for rest in ("", "Le juge et l'avocat ont entendu l'accusé au sujet du meurtre.")
    )
    assert few.topic_id == more.topic_id == "medtop:02000000"
    assert few.score < more.score < 1


def test_two_topics_of_one_article_are_both_given():
    text = "The president signed a defence pact with his ally; the foreign minister said the treaty covers missiles and drones in the war."
    assert {topic.topic_id for topic in label_topics(None, text, "en")[:2]} == {"medtop:11000000", "medtop:16000000"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 345 — 67 %",
        "🙂🙂🙂 !!!",
        "Il marche dans la rue et il regarde les passants, puis il rentre chez lui et il attend que la soirée finisse.",
        "She walked along the road, looked at the windows for a while and went back the way she came.",
    ],
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_text_about_nothing_has_no_topic(text, language):
    assert label_topics(None, text, language) == ()


@pytest.mark.parametrize("language", ["und", "zh", "ru", "", "../fr", "FR", "xx"])
def test_a_language_without_lexicon_has_no_topic(language):
    assert label_topics("Guerre", TEXTS[15][2], language) == ()


def test_the_headline_weighs_more_than_the_body():
    body = "Le ministre était présent, comme le maire et le préfet, puis chacun est rentré."
    assert label_topics("Football : finale du championnat au stade", body, "fr")[0].topic_id == "medtop:15000000"


def test_a_headline_alone_is_enough():
    assert label_topics("Earthquake kills dozens as buildings collapse", "", "en")[0].topic_id == "medtop:03000000"


def test_case_accents_and_apostrophes_do_not_matter():
    plain = label_topics(None, TEXTS[6][2], "fr")
    assert label_topics(None, TEXTS[6][2].upper(), "fr") == plain
    assert label_topics(None, TEXTS[6][2].replace("'", "’"), "fr") == plain
    assert label_topics(None, TEXTS[6][2].replace("é", "e").replace("ô", "o"), "fr") == plain


@pytest.mark.parametrize(("text", "folded"), [("Œuvre à ÉVIAN", "oeuvre a evian"), ("Straße", "strasse"), ("e\u0301te\u0301", "ete")])
def test_folding(text, folded):
    assert fold(text) == folded


def test_the_longest_entry_counts_and_a_phrase_replaces_its_words():
    words = Lexicon([("16", 1.0, "war* milit*"), ("17", 1.0, "warm*"), ("04", 1.0, "price_war"), ("00", 1.0, "war_of_words")])
    found = words.count("Warm wars: a price war, a military war, a war of words.")
    assert {term.written: count for term, count in found.items()} == {
        "warm*": 1,
        "war*": 2,
        "price_war": 1,
        "milit*": 1,
        "war_of_words": 1,
    }


def test_a_term_of_two_topics_shares_its_weight():
    words = Lexicon([("02", 1.0, "hostage*"), ("16", 1.0, "hostage*")])
    (term,) = words.count("hostages")
    assert term.weights == (("02", 0.5), ("16", 0.5))


@pytest.mark.parametrize("language", LANGUAGES)
def test_lexicon_files_are_well_formed(language):
    path = files("tasks.label").joinpath("data", "topics", f"{language}.tsv")
    rows = list(csv.reader((line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != "#"), delimiter="\t"))
    terms: dict[str, set[str]] = {}
    for code, weight, written in rows:
        assert 0 < float(weight) <= 2
        terms.setdefault(code, set()).update(written.split())
    topics = {f"{n:02}" for n in range(1, 18)}
    assert set(terms) == topics | {"00"}
    for code in topics:
        assert len(terms[code]) >= LANGUAGES[language], code
        for term in terms[code]:
            assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*\*?|[a-z0-9]+\*?(_[a-z0-9]+\*?)+", term), term
    assert lexicon(language) is lexicon(language)


def test_the_table_holds_all_media_topics_and_no_loose_end():
    rows = topic_rows()
    ids = {row.topic_id for row in rows}
    assert len(rows) == len(ids) == 1160
    assert sum(row.broader_id is None for row in rows) == 17
    assert all(row.broader_id is None or row.broader_id in ids for row in rows)
    assert all(re.fullmatch(r"medtop:\d{8}", row.topic_id) and row.name_en for row in rows)
    assert sum(row.name_fr is None for row in rows) == 34
    assert {f"medtop:{n:02}000000" for n in range(1, 18)} <= ids


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from([*LANGUAGES, "und", "ja"]))
def test_it_never_raises_and_always_keeps_its_form(title, text, language):
    topics = label_topics(title, text, language)
    assert all(0 < topic.score <= 1 for topic in topics)
    assert len({topic.topic_id for topic in topics}) == len(topics)


def test_long_runs_without_a_space_are_harmless():
    assert label_topics(None, "guerre" * 200_000, "fr") == ()


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five documents are not beside the repository")
def test_both_topics_lead_on_the_five_documents():
    for path in sorted(SEEDS.glob("*.txt")):
        topics = label_topics(None, path.read_text(encoding="utf-8"), "fr")
        assert {topic.topic_id for topic in topics[:2]} == {"medtop:11000000", "medtop:16000000"}, path.name
        assert sum(topic.topic_id.endswith("000000") for topic in topics) <= 3, path.name
