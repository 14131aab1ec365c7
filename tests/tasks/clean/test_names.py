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
        ("Avec le temps", None),
        ("Leap", None),
    ],
)
def test_agency_lines(line, agencies):
    assert agency_line(line) == agencies


def test_author_fields():
    assert split_people("By Ann Lee and Tom Roe") == (("Ann Lee", "Tom Roe"), ())
    assert split_people([{"name": "Ann Lee"}, {"name": "AFP"}, "admin", None, 7]) == (("Ann Lee",), ("AFP",))
    assert split_people("https://a.example/author/x") == ((), ())
