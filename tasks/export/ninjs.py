"""ninjs 3.0, the IPTC's news in JSON: an object a line.

Names and values after the IPTC's JSON Schema ninjs-schema_3.0.json, which asks for nothing but `uri`.
"""

import json
from typing import Any

from tasks.export.articles import address, filled, moment, urn
from tasks.store.reading.browse import Found

STANDARD = {"name": "ninjs", "version": "3.0", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.0.json"}
MEDIATOPICS = "http://cv.iptc.org/newscodes/mediatopic/"
WIKIDATA = "http://www.wikidata.org/entity/"
KINDS = {"PER": "people", "ORG": "organisations", "LOC": "places"}
PERCENT = 100
"""ninjs counts confidence from 0 to 100."""


def ninjs_line(row: Found) -> str:
    """Return an article as one ninjs object; what is not known has no key."""
    text, seen = row["text"], row["updated_at"] or row["published_at"]
    told: dict[str, Any] = {
        "uri": urn(row["article_id"]),
        "type": "text",
        "representationType": "partial" if row["access"] in {"teaser", "metered"} else "full",
        "version": str(row["version"]),
        "firstCreated": moment(row["published_at"]),
        "versionCreated": moment(seen),
        "pubStatus": "usable",
        "language": row["language"],
        "headlines": _valued(row["title"], "main"),
        "descriptions": _valued(row["dek"], "summary"),
        "bodies": [
            {"role": "main", "contentType": "text/plain", "charCount": len(text), "wordCount": row["word_count"], "value": text},
        ],
        "by": ", ".join([*row["byline"], *row["agency"]]),
        "subjects": [_subject(one) for one in row["topics"]],
        **{name: [_entity(one) for one in row["entities"] if one["kind"] == kind] for kind, name in KINDS.items()},
        "infoSources": [{"name": row["source"]}, *({"name": name, "role": "agency"} for name in row["agency"])],
        "altIds": [filled({"role": "url", "value": address(row)})] if address(row) else [],
        "renditions": [{"name": "image", "href": row["image_url"]}] if row["image_url"] else [],
        "standard": STANDARD,
    }
    return json.dumps(filled(told), ensure_ascii=False) + "\n"


def _valued(value: str | None, role: str) -> list[dict[str, str]]:
    return [{"role": role, "contentType": "text/plain", "value": value}] if value else []


def _subject(topic: Found) -> dict[str, Any]:
    scheme, _, code = topic["topic_id"].partition(":")
    uri = MEDIATOPICS + code if scheme == "medtop" else None
    confidence = round(PERCENT * min(1.0, max(0.0, topic["score"])))
    return filled({"name": topic["name"], "rel": "about", "uri": uri, "literal": topic["topic_id"], "confidence": confidence})


def _entity(entity: Found) -> dict[str, Any]:
    uri = WIKIDATA + entity["wikidata_id"] if entity["wikidata_id"] else None
    return filled({"name": entity["name"], "rel": "mentions", "uri": uri, "literal": entity["entity_id"]})
