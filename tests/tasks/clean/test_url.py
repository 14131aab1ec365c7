import pytest

from tasks.clean.url import absolute_url, canonical_address, normalize_url, registered_domain

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


OWN = "https://quai.example/local/2026/pool-to-close-in-winter"


@pytest.mark.parametrize(
    ("url", "declared"),
    [
        (OWN, "https://www.quai.example/"),
        (OWN, "https://quai.example/index.html?utm_source=rss"),
        (OWN, "/"),
        (OWN, "https://elsewhere.example"),
        (OWN, "https://quai.example/local"),
        (OWN, "https://quai.example/local/2026/"),
        (OWN, "https://quai.example/fr/actualites"),
        (OWN, "https://quai.example/category/"),
        (OWN, "http://localhost:3000/local/2026/pool-to-close-in-winter"),
        (OWN, "http://127.0.0.1/local/2026/pool-to-close-in-winter"),
        (OWN, "https://cms.quai.internal/local/2026/pool-to-close-in-winter"),
        (OWN, "https://quai.invalid/x"),
        (OWN, "mailto:desk@quai.example"),
        (OWN, "http://[::1"),
        ("https://quai.example/?p=12", "https://quai.example/"),
        ("https://quai.example/article.php?id=4", "https://quai.example/article.php"),
        ("https://quai.example/news/48213077", "https://quai.example/news"),
    ],
)
def test_a_declared_address_that_would_make_all_articles_one_is_not_believed(url, declared):
    assert canonical_address(declared, url) == normalize_url(url)


@pytest.mark.parametrize(
    ("url", "declared"),
    [
        (OWN, "https://quai.example/pool-to-close-in-winter"),
        (OWN, "https://quai.example/a/48213077"),
        (OWN, "https://quai.example/story/a7"),
        (OWN, "https://partner.example/wire/pool-to-close"),
        (OWN, "https://quai.example/?p=12"),
        (f"{OWN}/comments", OWN),
        (f"{OWN}?page=2", OWN),
        (f"{OWN}?id=7", OWN),
        ("https://quai.example/a/7?from=front", "https://quai.example/a/7"),
        ("https://quai.example/", "https://quai.example/"),
        ("https://quai.example/fr", "https://quai.example/en"),
        ("http://127.0.0.1:8000/feed-item", "http://127.0.0.1:8000/story"),
    ],
)
def test_another_address_of_the_same_article_stays(url, declared):
    assert canonical_address(declared, url) == normalize_url(declared)


def test_the_address_of_a_page_is_declared_or_where_it_was_met_or_unknown():
    assert canonical_address("https://quai.example/a", None) == "https://quai.example/a"
    assert canonical_address(None, "https://quai.example/b") == "https://quai.example/b"
    assert canonical_address(None, None) is None
