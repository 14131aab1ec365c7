import pytest

from tasks.fetch.robots import LONGEST, Policy, decode_robots, host_key, product_token, read_policy

SITE = "https://news.example"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://News.Example/a", "news.example"),
        ("https://news.example:443/a", "news.example"),
        ("http://news.example:80", "news.example"),
        ("http://news.example:443/", "news.example:443"),
        ("https://news.example.:8443/", "news.example:8443"),
        ("https://me:secret@news.example/", "news.example"),
        ("http://[2001:DB8::1]:8080/", "[2001:db8::1]:8080"),
        ("http://[2001:db8::1]/", "[2001:db8::1]"),
        ("http://news.example:99999/", ""),
        ("http://[junk/", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address(url: str, key: str) -> None:
    assert host_key(url) == key


@pytest.mark.parametrize(
    ("agent", "token"),
    [
        ("My-News/1.0 (+https://a.example)", "my-news"),
        ("wirehouse", "wirehouse"),
        ("news bot 2", "news"),
        ("(me@a.example)", ""),
    ],
)
def test_our_name_in_a_robots_txt(agent: str, token: str) -> None:
    assert product_token(agent) == token


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /", "/a", False),
        ("Disallow:", "/a", True),
        ("Disallow: /private", "/private/a", False),
        ("Disallow: /private", "/public", True),
        ("Disallow: /\nAllow: /news/", "/news/a", True),  # the longest match, not the first
        ("Allow: /news/\nDisallow: /", "/news/a", True),
        ("Disallow: /news\nAllow: /news", "/news", True),  # of equals the one that allows
        ("Disallow: /*.pdf$", "/a/b.pdf", False),
        ("Disallow: /*.pdf$", "/a/b.pdf?x=1", True),
        ("Disallow: /*/print", "/a/print", False),
        ("Disallow: /caf%C3%A9", "/café", False),
        ("disallow : /a", "/a", False),
        ("Disallow: /a # not this", "/a", False),
        ("Disallow /a", "/a", False),
    ],
)
def test_rules_for_everybody(rules: str, path: str, allowed: bool) -> None:
    assert Policy(f"User-agent: *\n{rules}\n", "ours").allows(SITE + path) is allowed


def test_a_group_that_names_us_replaces_the_one_for_everybody() -> None:
    policy = Policy("User-agent: *\nDisallow: /\nCrawl-delay: 30\n\nUser-agent: Ours\nDisallow: /private\n", "ours")
    assert policy.allows(f"{SITE}/a")
    assert not policy.allows(f"{SITE}/private")
    assert policy.crawl_delay == 0


def test_groups_that_name_us_are_one() -> None:
    text = "User-agent: other\nUser-agent: OURS/2.0\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: ours\nDisallow: /b\n"
    policy = Policy(text, "ours")
    assert [policy.allows(SITE + path) for path in ("/a", "/b", "/c")] == [False, False, True]


@pytest.mark.parametrize("name", ["our", "ourselves", "not-ours", "ours-bot", "x ours"])
def test_a_name_like_ours_is_not_ours(name: str) -> None:
    policy = Policy(f"User-agent: {name}\nDisallow: /\n", "ours")
    assert policy.allows(f"{SITE}/a")
    assert not policy.names_us_and_disallows(f"{SITE}/a")


def test_sitemaps_between_agents_do_not_part_a_group() -> None:
    assert not Policy("User-agent: ours\nSitemap: https://a.example/s.xml\nUser-agent: x\nDisallow: /a\n", "ours").allows(f"{SITE}/a")


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("User-agent: *\nDisallow: /\n", False),
        ("User-agent: ours\nDisallow: /\n", True),
        ("User-agent: *\nUser-agent: ours\nDisallow: /\n", True),
        ("User-agent: ours\nDisallow: /other\n", False),
        ("User-agent: ours\nDisallow: /\nAllow: /feed\n", False),
        ("", False),
    ],
)
def test_a_feed_is_forbidden_by_name_only(text: str, forbidden: bool) -> None:
    assert Policy(text, "ours").names_us_and_disallows(f"{SITE}/feed") is forbidden


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("Crawl-delay: 10", 10),
        ("Crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 86400", 60),
        ("Crawl-delay: inf", 0),
        ("Crawl-delay: -3", 0),
        ("", 0),
    ],
)
def test_crawl_delay(line: str, seconds: float) -> None:
    assert Policy(f"User-agent: *\n{line}\n", "ours").crawl_delay == seconds


def test_decoding_reads_the_beginning_whatever_it_is() -> None:
    assert decode_robots(b"\xef\xbb\xbfUser-agent: *\0\n") == "User-agent: *\n"
    assert len(decode_robots(b"x" * (LONGEST + 1))) == LONGEST
    assert "\ufffd" in decode_robots(b"\xff")


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: a\n" * 9_000 + "User-agent: *\n" * 9_000 + "Disallow: /b\n" * 9_000,
        "User-agent: ours\n" * 9_000 + "".join(f"Disallow: /{n}\n" for n in range(9_000)),
        "".join(f"User-agent: *\nDisallow: /{n}\n" for n in range(9_000)),
        "User-agent: *\n" + "Disallow: /" + "*a" * 200_000,
        "User-agent: *\nDisallow: /" + "%" * 400_000,
        "\n" * LONGEST,
        ":" * LONGEST,
        "user-agent" * 50_000,
        "user-agent " + " " * LONGEST,
        "host" + " " * LONGEST,
        "<html>" * 80_000,
    ],
)
def test_hostile_files_are_read(text: str) -> None:
    policy = Policy(text[:LONGEST], "ours")
    assert isinstance(policy.allows(f"{SITE}/{'a' * 2_000}"), bool)
    assert policy.crawl_delay == 0


def test_a_file_is_read_once() -> None:
    assert read_policy("User-agent: *\n", "ours") is read_policy("User-agent: *\n", "ours")
