"""JSON Lines: an article a line, under the names that `wirehouse backfill` and most other tools understand."""

import json
from typing import Any

from tasks.export.articles import address, filled, moment
from tasks.store.reading.browse import Found

AS_THEY_ARE = ("title", "dek", "byline", "agency", "section", "source", "text", "image_url", "keywords", "access", "word_count", "version")
UNDETERMINED = "und"


def jsonl_line(row: Found) -> str:
    """Return an article as one line of JSON; what is not known has no key."""
    told: dict[str, Any] = {
        "id": str(row["article_id"]),
        "url": address(row),
        **{name: row[name] for name in AS_THEY_ARE},
        "published_at": moment(row["published_at"]),
        "updated_at": moment(row["updated_at"]),
        "language": None if row["language"] == UNDETERMINED else row["language"],
        "duplicate_of": row["duplicate_of"] and str(row["duplicate_of"]),
        "story_id": row["story_id"] and str(row["story_id"]),
        "topics": [filled({"id": one["topic_id"], "name": one["name"], "score": one["score"]}) for one in row["topics"]],
        "entities": [
            filled({"id": one["entity_id"], "kind": one["kind"], "name": one["name"], "wikidata_id": one["wikidata_id"]})
            for one in row["entities"]
        ],
    }
    return json.dumps(filled(told), ensure_ascii=False) + "\n"
