"""What `wirehouse init` writes: settings with their defaults, and a feed list to fill."""

import json
from pathlib import Path

STARTER_SETTINGS = """# Settings of Wirehouse, read from the folder you are in. An environment variable WIREHOUSE_<NAME> overrules a line
# here, an option of a command overrules both. What is commented out shows the default.

# store = "news.duckdb"      # the published copy everybody reads; the writer's file stands beside it
# workers = 2                # processes that clean and label; default: the number of cores
# publish_every = 10.0       # minutes between two publications during a long run
# lock_wait = 30.0           # seconds a second writer waits
# dedupe_window = "90"       # days around its publication in which copies of an article are looked for, or "all"
# sql_timeout = 60.0         # seconds a query may take
# retention_days = 730       # days after which wirehouse maintain removes an article for good; default: all are kept
# backup_dir = "backups"     # folder into which wirehouse maintain puts a verified copy of the store; default: none is made
# backups_kept = 7           # backups that stay there, the newest
# metrics_file = "wirehouse.prom"  # OpenMetrics text that every run writes at its end; default: none
# store_memory = 1024        # megabytes the database may fill while it is written; default: by the number of rows
# assumed_zone = "UTC"       # IANA zone of dates that are printed without one, such as "Europe/Paris"
# document_timeout = 30.0    # seconds one document may take
# document_memory = 1024     # megabytes one worker may use

# What a person has to set before public sites are asked: a name for your collection with an address or mail where you
# can be reached. Sites see it with every request, and many refuse or block who does not say it.
# user_agent = "my-news/1.0 (+https://example.org/bot; bot@example.org)"

# host_delay = 1.0           # seconds between two requests to one host; its robots.txt may ask for more
# fetch_timeout = 60.0       # seconds that one fetch may take on the network
# min_poll_minutes = 10.0    # minutes that lie at least between two polls of a feed
# allow_networks = []        # networks of your own that may be asked although they are not public, such as ["192.168.0.0/16"]
# topic_model = "news.topics.npz"  # a model of topics made by wirehouse label train-topics; default: none
# entity_engine = "own"      # what finds names: "own", or an extra: "spacy" (pip install 'wirehouse[spacy]') or "gliner"
# entity_model = "xx_ent_wiki_sm"  # the extra's model: for spaCy a package or a folder, for GLiNER a folder; default: this one
# search_engine = "sql"      # what answers wirehouse search: "sql", or an extra: "tantivy" (pip install 'wirehouse[tantivy]')

# Topics of your own, at the end of this file; an article has one when all that it asks for holds. What is stored is tagged by
# wirehouse relabel.
# [[topics]]
# id = "user:harbour"
# name = "Harbours"
# words = ["harbour", "port*", "container ship"]   # one of them; case and accents do not count, * stands for any ending
# entities = ["Rotterdam", "org:hapag-lloyd"]      # one of them, by any of its names or by its id
# languages = ["en", "fr"]
# where = "section = 'Economy' and word_count > 100"
"""

STARTER_FEEDS = """<?xml version="1.0" encoding="UTF-8"?>
<!-- A feed list, as readers exchange it. To take its feeds into the store, and to poll them:
       wirehouse feeds import feeds.opml
       wirehouse ingest
     Or both at once: wirehouse ingest with the option feeds, which is this file.
     A single feed or site needs no list: wirehouse feeds add https://example.org/ -->
<opml version="2.0">
  <head><title>Feeds for Wirehouse</title></head>
  <body>
    <outline text="News">
      <!-- one line a feed, such as
      <outline type="rss" text="Name" xmlUrl="https://example.org/feed.xml" htmlUrl="https://example.org/"/> -->
    </outline>
  </body>
</opml>
"""


def starters(folder: Path, store: Path | None) -> dict[Path, str]:
    """Return what starts a collection in a folder: each file's path and content; the settings name the store, when one is given."""
    line = '# store = "news.duckdb"'
    named = line if store is None else f"store = {json.dumps(str(store), ensure_ascii=False)}"
    return {folder / "wirehouse.toml": STARTER_SETTINGS.replace(line, named, 1), folder / "feeds.opml": STARTER_FEEDS}
