import pytest

from tasks.clean.agencies import agency_line
from tasks.clean.names import read_byline
from tasks.clean.people import split_people


@pytest.mark.parametrize(
    ("line", "language", "names", "agencies"),
    [
        ("Par Le360 (avec AFP)", "fr", ("Le360",), ("AFP",)),
        ("Par Hélène Vasseur et Marc Thiry", "fr", ("Hélène Vasseur", "Marc Thiry"), ()),
        ("Claire Dubosc, correspondante à Berlin", "fr", ("Claire Dubosc",), ()),
        ("By Jane Doe, Associated Press", "en", ("Jane Doe",), ("AP",)),
        ("Imogen Hart Environment correspondent", "en", ("Imogen Hart",), ()),
        ("Von Jonas Petzold, Berlin", "de", ("Jonas Petzold",), ()),
        ("Por Lucía Ferrán en Madrid", "es", ("Lucía Ferrán",), ()),
        ("Par la rédaction", "fr", (), ()),
        ("Von Jan Petzold, NDX Kiel", "de", ("Jan Petzold",), ()),
        ("Por Célia Duarte, Portal do Vale MG", "pt", ("Célia Duarte",), ()),
        ("Por Célia Duarte, do Rio de Janeiro", "pt", ("Célia Duarte",), ()),
        ("By Ann Lee, County News Reporting Service", "en", ("Ann Lee",), ()),
        ("(Rédigé par Ève Laurent, édité par Paul Mar)", "fr", ("Ève Laurent",), ()),
        ("a cura di Ten. Col. Aldo Ferri", "it", ("Aldo Ferri",), ()),
        ("- Autor: Jan Petzold (Kiel), +49 431 5550188", "de", ("Jan Petzold",), ()),
        ("ByAnn LeeCourts Reporter", "en", ("Ann Lee",), ()),
        ("Par Le Courrier Ève MARTIN", "fr", ("Ève MARTIN",), ()),
        ("Par Ève Martin Le Courrier du Val", "fr", ("Ève Martin",), ()),
        ("By Ann Lee Falcon News", "en", ("Ann Lee",), ()),
        ("Par J.D. avec Ève Martin", "fr", ("J.D.", "Ève Martin"), ()),
        ("Une recette de Maud Lévêque", "fr", ("Maud Lévêque",), ()),
        ("Receta de Inés Cuadra", "es", ("Inés Cuadra",), ()),
        ("Автор: Алина Корсакова", "en", ("Алина Корсакова",), ()),
        ("بقلم: منى الشامي", "en", ("منى الشامي",), ()),
        ("Nora Ambühl und Keystone-SDA", "de", ("Nora Ambühl",), ("Keystone-SDA",)),
        ("Inés Cuadra / con información de EFE", "es", ("Inés Cuadra",), ("EFE",)),
        ("Por: Célia Duarte, Inforpress", "pt", ("Célia Duarte",), ("Inforpress",)),
    ],
)
def test_bylines(line, language, names, agencies):
    found = read_byline(line, language)
    assert found is not None
    assert (found.names, found.agencies) == (names, agencies)


@pytest.mark.parametrize(
    "line", ["Par hasard, il a vu le feu.", "By noon the queue stretched for miles", "Avec eux, nous discutons", "Par qui ?"]
)
def test_sentences_are_no_bylines(line):
    assert read_byline(line, "fr" if line[0] in "PA" else "en") is None


@pytest.mark.parametrize(
    ("line", "agencies"),
    [
        ("Avec Reuters", ("Reuters",)),
        ("(avec AFP et AP)", ("AFP", "AP")),
        ("AFP/VNA/CVN", ("AFP", "VNA", "CVN")),
        ("رويترز - وكالات", ("Reuters",)),
        ("Источник: РИА Новости", ("RIA Novosti",)),
        ("Quelle: dpa-AFX", ("dpa-AFX",)),
        ("Quelle: Stadtfunk Kiel, dpa/lno", ("dpa",)),
        ("Fuente: Ministerio de Salud", None),
        ("La Presse Canadienne", ("La Presse Canadienne",)),
        ("apa/dpa-afx", ("APA", "dpa-AFX")),
        ("Avec le temps", None),
        ("Map", None),
        ("Leap", None),
    ],
)
def test_agency_lines(line, agencies):
    assert agency_line(line) == agencies


@pytest.mark.parametrize(
    ("line", "language", "desk"),
    [
        ("Par La Rédaction", "fr", "La Rédaction"),
        ("Redacción Medellín", "es", "Redacción Medellín"),
        ("Redacción | El Eco del Valle", "es", "Redacción"),
        ("Redazione ANSA", "it", "Redazione"),
        ("Da Redação, com agências", "pt", "Redação"),
        ("City News Desk", "en", "City News Desk"),
        ("A walking tour with a standing desk", "en", None),
        ("Por Redacción Eco Vivo", "es", "Redacción Eco Vivo"),
    ],
)
def test_desks_that_sign(line, language, desk):
    found = read_byline(line, language, bare=True)
    assert (found.desk if found else None) == desk


def test_author_fields():
    assert split_people("By Ann Lee and Tom Roe") == (("Ann Lee", "Tom Roe"), ())
    assert split_people([{"name": "Ann Lee"}, {"name": "AFP"}, "admin", None, 7]) == (("Ann Lee",), ("AFP",))
    assert split_people("https://a.example/author/x") == ((), ())
