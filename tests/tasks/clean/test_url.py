import pytest

from tasks.clean.url import absolute_url, normalize_url, registered_domain

SAME = [
    "https://example.com/a/b",
    "http://www.example.com:80/a/b/",
    "https://m.example.com/a/b?utm_source=x&fbclid=1",
    "https://amp.example.com/a/b#part",
    "https://example.com/a/b/amp/",
    "https://EXAMPLE.com//a/b?xtor=RSS-1&at_medium=mail",
    "https://example.com/a/b/index.html",
]


@pytest.mark.parametrize("url", SAME)
def test_spellings_of_one_page_are_one_address(url):
    assert normalize_url(url) == "https://example.com/a/b"


def test_parameters_that_name_a_page_keep_pages_apart():
    pages = {normalize_url(f"https://example.com/a?{q}") for q in ("id=1", "id=2", "page=2", "p=3", "id=1&page=2")}
    assert len(pages) == 5
    assert normalize_url("https://example.com/a?page=2&id=1") == normalize_url("https://example.com/a?id=1&page=2")


@pytest.mark.parametrize(
    "url", [None, "", "mailto:a@b.fr", "ftp://example.com/x", "https://", "http://[::1", "not a url", "javascript:x", "https://nodot/x"]
)
def test_what_is_no_web_address(url):
    assert normalize_url(url) is None


def test_relative_addresses_are_joined():
    assert absolute_url("/x", "https://example.com/a/b") == "https://example.com/x"


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.news.example.co.uk/x", "example.co.uk"),
        ("https://blog.lemonde.fr", "lemonde.fr"),
        ("https://desk.outlet.example/x", "outlet.example"),
        ("http://127.0.0.1/x", None),
        ("nothing", None),
    ],
)
def test_registered_domain(url, domain):
    assert registered_domain(url) == domain
