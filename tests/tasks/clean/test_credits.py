"""Who signs and which agency it comes from, in whole texts; and how many articles may be read for nothing."""

from datetime import UTC, datetime

import pytest

from schemas.article import Article
from schemas.document import RawDocument
from tasks.clean.access import counts_free_articles
from tasks.clean.credits import dateline_stamp, text_agencies
from tasks.clean.dates import Clock
from tasks.clean.document import clean_document
from tasks.clean.folding import fold
from tasks.clean.lines import read_lines, split_lines
from tasks.clean.meta import expected_byline, expected_date
from tasks.clean.signatures import signers

CLOCK = Clock("UTC", datetime(2026, 11, 20, tzinfo=UTC))
BODY = (
    "The harbour authority of Lennick will dredge the northern channel in two stages, so that ferries can go on sailing all winter.",
    "Residents had asked for a single campaign, but the council said that the spawning of the herring left no other choice.",
)
LAST = "The work is to begin in March and to cost nine million, a third of which the region pays from its fund for ports."


def text(first: str = "", last: str = "") -> list:
    return split_lines("\n".join([f"{first}{BODY[0]}", BODY[1], f"{LAST}{last}"]))


def cleaned(*lines: str) -> Article:
    body = "\n".join(lines).encode()
    document = RawDocument(body=body, media_type="text/plain", origin="a.txt", place="/a.txt", source="test")
    found = clean_document(document, zone="UTC", now=CLOCK.now)
    assert isinstance(found, Article)
    return found


@pytest.mark.parametrize(
    ("first", "last", "agencies"),
    [
        ("LENNICK (Reuters) - ", "", ("Reuters",)),
        ("Lennick, Aug. 9, 2026 (NAN) ", "", ("NAN",)),
        ("Lennick, 9 ago. (Adnkronos) - ", "", ("Adnkronos",)),
        ("ЛЕННИК, 9 августа. /ТАСС/. ", "", ("TASS",)),
        ("LENNICK bote/epd | ", "", ("epd",)),
        ("LENNICK (dpa-AFX Broker) - ", "", ("dpa-AFX",)),
        ("", " (APA, red, 9.8.2026)", ("APA",)),
        ("", " (APA/red)", ("APA",)),
        ("", " (eg/dpa)", ("dpa",)),
        ("", " (dpa/lby)", ("dpa",)),
        ("", " (With PTI inputs)", ("PTI",)),
        ("", " PTI COR MNK", ("PTI",)),
        ("", " EFE", ("EFE",)),
        ("(The council of Lennick) ", "", ()),
        ("", " (Photo: AFP)", ()),
        ("The old map (of 1802) shows it: ", "", ()),
        ("", " The channel was surveyed by APS.", ()),
    ],
)
def test_the_agency_of_a_dateline_or_closing_sign(first, last, agencies):
    assert text_agencies(text(first, last)) == agencies


def test_an_agency_quoted_in_one_paragraph_is_a_source():
    lines = split_lines(
        "\n".join([BODY[0], "The minister had told Reuters on Monday that the channel would stay open (as AFP had reported).", LAST])
    )
    assert text_agencies(lines) == ()


def test_the_agency_that_tells_the_first_paragraph_or_published_the_report_first():
    told = split_lines("\n".join([f"{BODY[0][:-1]}, informa a Angop.", BODY[1], LAST]))
    first = split_lines("\n".join([*BODY, "This report by The Canadian Press was first published Aug. 9, 2026."]))
    assert (text_agencies(told), text_agencies(first)) == (("Angop",), ("The Canadian Press",))


def test_a_dateline_with_its_year_dates_the_text():
    dated = dateline_stamp(text("Vila Lennick, 02 dez 2024 (Lusa) — "), CLOCK)
    assert dated is not None
    assert dated.at == datetime(2024, 12, 2, tzinfo=UTC)
    assert dateline_stamp(text("Vila Lennick, 02 dez (Lusa) — "), CLOCK) is None
    assert dateline_stamp(text("On 2 December 2024 (a Monday) — "), CLOCK) is None


@pytest.mark.parametrize(
    ("line", "language", "names"),
    [
        ("Radio item: Ines Halloran", "en", ("Ines Halloran",)),
        ("by ines halloran and tom roe", "en", ("Ines Halloran", "Tom Roe")),
        ("منى الشامي", "en", ("منى الشامي",)),
        ("Алина Корсакова", "en", ("Алина Корсакова",)),
        ("Ines Halloran | Lennick", "en", ("Ines Halloran",)),
    ],
)
def test_lines_known_to_be_bylines(line, language, names):
    found = expected_byline(line, language)
    assert found is not None
    assert found.names == names


@pytest.mark.parametrize(
    "line", ["Facebook Twitter Telegram", "In Memoriam", "Edited by Tom Roe", "ISIN DE000LEN0014", "68 Postings", "La Ricerca", ""]
)
def test_labels_are_no_bylines_anywhere(line):
    assert expected_byline(line, "en") is None


def test_lines_known_to_be_dates():
    assert expected_date("45 Min. einfach 09.10.2024", CLOCK).dated
    assert expected_date("45 Min. einfach", CLOCK) is None


def test_who_reported_for_an_agency_is_named_where_nobody_signs():
    reported = "(Reporting by Ines Halloran and Tom Roe; Editing by Una Clay)"
    alone = cleaned("Lennick dredges its channel in two stages", "9 August 2026", f"LENNICK (Reuters) - {BODY[0]}", BODY[1], LAST, reported)
    assert (alone.byline, alone.agency) == (("Ines Halloran", "Tom Roe"), ("Reuters",))
    signed = cleaned("Lennick dredges its channel in two stages", "By Ada Quill", "9 August 2026", *BODY, LAST, reported)
    assert signed.byline == ("Ada Quill",)


@pytest.mark.parametrize(
    ("line", "byline", "agency"),
    [
        ("Par La Rédaction", ("La Rédaction",), ()),
        ("Redazione ANSA", (), ("ANSA",)),
        ("Written by: Harbour Desk", ("Harbour Desk",), ()),
        ("By Ines Halloran · The Canadian Press", ("Ines Halloran",), ("The Canadian Press",)),
        ("By Ines Halloran, The Associated Press contributed to this report", ("Ines Halloran",), ("AP",)),
        ("By Ines Halloran, Harbour Reporting Service", ("Ines Halloran",), ()),
    ],
)
def test_bylines_of_whole_texts(line, byline, agency):
    found = cleaned("Lennick dredges its channel in two stages", line, "9 August 2026, 10:15", *BODY, LAST)
    assert (found.byline, found.agency) == (byline, agency)


def test_a_desk_signs_only_where_no_person_does():
    desk, person = expected_byline("Redacción Lennick", "es"), expected_byline("Por Inés Cuadra", "es")
    assert signers([desk]) == ("Redacción Lennick",)
    assert signers([desk, person]) == ("Inés Cuadra",)
    unnamed = expected_byline("La Rédaction", "fr")
    assert (signers([unnamed]), signers([unnamed], credited=True)) == (("La Rédaction",), ())
    assert signers([desk], credited=True) == ("Redacción Lennick",)


def test_capitals_beside_other_names_sign_the_picture():
    metas = [expected_byline(line, "es") for line in ("BRUNO SALDAÑA", "Inés Cuadra")]
    assert signers(metas) == ("Inés Cuadra",)
    assert signers(metas[:1]) == ("BRUNO SALDAÑA",)


@pytest.mark.parametrize(
    "line",
    [
        "Il vous reste 2 articles gratuits ce mois-ci. Créer un compte pour continuer",
        "You have 3 free articles left",
        "You've read 1 of 3 free stories this month",
        "This is your last free article",
        "Leíste 4 de tus 5 notas gratuitas",
        "Noch 2 von 5 kostenlosen Artikeln",
        "Ti restano 2 articoli gratuiti",
        "Restam-lhe 2 artigos",
        "Você leu 3 de 5 reportagens gratuitas deste mês",
    ],
)
def test_counters_of_free_articles(line):
    assert counts_free_articles(fold(line))
    reading = read_lines("\n".join(["Lennick dredges its channel in two stages", line, "By Ada Quill", *BODY, LAST]), CLOCK)
    assert reading.metered == (line not in reading.text)


@pytest.mark.parametrize(
    "line",
    [
        "You have 30 days of free access to every article",
        "Abonnez-vous : 3 mois offerts sur tous les articles",
        "Le journal propose 10 articles par semaine",
        "He has read 3 articles",
        "2 Artikel im Warenkorb",
    ],
)
def test_offers_count_no_free_articles(line):
    assert not counts_free_articles(fold(line))


def test_a_credit_under_the_text_is_the_texts():
    found = cleaned(
        "Lennick dredges its channel in two stages", "9. August 2026, 10:15 Uhr", *BODY, LAST, "Quelle: lennick.example, abc/dpa/AFP"
    )
    assert set(found.agency) <= {"dpa", "AFP"}
    assert found.byline == ()


def test_buttons_beside_a_date_are_no_names():
    found = cleaned("Lennick draga su canal en dos etapas", "Por Inés Cuadra", "9 de agosto de 2026", "Guardar Compartir", *BODY, LAST)
    assert found.byline == ("Inés Cuadra",)
