-- The public tables of the store, and what the loader keeps for itself in schema internal.
-- Every public table and column is described in the file itself; docs/schema.md is generated from that.
-- There are no foreign keys: DuckDB checks them row by row, and one transaction per batch keeps the tables together.
CREATE SCHEMA internal;

CREATE TABLE articles (
  article_id UUID PRIMARY KEY,
  url VARCHAR,
  canonical_url VARCHAR,
  source VARCHAR NOT NULL,
  origin VARCHAR NOT NULL CHECK (origin IN ('feed', 'archive')),
  title VARCHAR,
  dek VARCHAR,
  byline VARCHAR[] NOT NULL,
  agency VARCHAR[] NOT NULL,
  section VARCHAR,
  published_at TIMESTAMPTZ,
  published_raw VARCHAR,
  published_zone VARCHAR CHECK (published_zone IN ('stated', 'assumed')),
  published_from VARCHAR,
  updated_at TIMESTAMPTZ,
  first_seen_at TIMESTAMPTZ NOT NULL,
  last_seen_at TIMESTAMPTZ NOT NULL,
  language VARCHAR NOT NULL,
  language_score DOUBLE NOT NULL,
  text VARCHAR NOT NULL,
  word_count INTEGER NOT NULL,
  access VARCHAR NOT NULL CHECK (access IN ('full', 'teaser', 'metered', 'unknown')),
  access_note VARCHAR,
  image_url VARCHAR,
  version INTEGER NOT NULL CHECK (version >= 1),
  content_hash VARCHAR NOT NULL,
  duplicate_of UUID,
  story_id UUID
);
COMMENT ON TABLE articles IS 'One row per article: its current version.';
COMMENT ON COLUMN articles.article_id IS 'Derived from the canonical URL or, without one, from the clean text: the same in every store.';
COMMENT ON COLUMN articles.url IS 'Address under which the article was met first; NULL for a document that names none.';
COMMENT ON COLUMN articles.canonical_url IS 'Normalised address that identifies the article.';
COMMENT ON COLUMN articles.source IS 'Registered domain of the URL, or the name of the archive.';
COMMENT ON COLUMN articles.origin IS 'How it first came in: feed or archive.';
COMMENT ON COLUMN articles.title IS 'Headline; NULL when the document has none.';
COMMENT ON COLUMN articles.dek IS 'Standfirst below the headline.';
COMMENT ON COLUMN articles.byline IS 'Authors as printed, persons and organisations.';
COMMENT ON COLUMN articles.agency IS 'News agencies the text is credited to.';
COMMENT ON COLUMN articles.section IS 'Section of the outlet, as printed.';
COMMENT ON COLUMN articles.published_at IS 'When it was published; NULL when nothing says so.';
COMMENT ON COLUMN articles.published_raw IS 'The date of publication as it was printed.';
COMMENT ON COLUMN articles.published_zone IS 'Whether the time zone was stated or assumed.';
COMMENT ON COLUMN articles.published_from IS 'Where the date was found: json-ld, meta, time, feed, row, text, htmldate or inferred.';
COMMENT ON COLUMN articles.updated_at IS 'Latest stated update.';
COMMENT ON COLUMN articles.first_seen_at IS 'When this store first met the article.';
COMMENT ON COLUMN articles.last_seen_at IS 'When this store last met it.';
COMMENT ON COLUMN articles.language IS 'ISO 639-1 code; und when unsure.';
COMMENT ON COLUMN articles.language_score IS 'Confidence in the language, 0 to 1.';
COMMENT ON COLUMN articles.text IS 'Clean text; paragraphs are parted by a blank line.';
COMMENT ON COLUMN articles.word_count IS 'Words in the text.';
COMMENT ON COLUMN articles.access IS 'Whether the text is the whole article.';
COMMENT ON COLUMN articles.access_note IS 'The evidence for access, such as 73.13 % remaining.';
COMMENT ON COLUMN articles.image_url IS 'Lead picture.';
COMMENT ON COLUMN articles.version IS 'Number of the current version, counted from 1 in order of revision.';
COMMENT ON COLUMN articles.content_hash IS 'Hash of the words of the text in their order: equal for exact copies.';
COMMENT ON COLUMN articles.duplicate_of IS 'The earliest copy of the group; NULL when this is the earliest or there is no copy.';
COMMENT ON COLUMN articles.story_id IS 'The story this article tells; see stories.';

CREATE TABLE article_versions (
  article_id UUID NOT NULL,
  version INTEGER NOT NULL,
  seen_at TIMESTAMPTZ NOT NULL,
  title VARCHAR,
  text VARCHAR NOT NULL,
  content_hash VARCHAR NOT NULL,
  change VARCHAR NOT NULL CHECK (change IN ('first', 'title', 'text', 'title+text')),
  change_ratio DOUBLE NOT NULL,
  PRIMARY KEY (article_id, version)
);
COMMENT ON TABLE article_versions IS 'Every version of an article: a row only when the cleaned text or the title changed.';
COMMENT ON COLUMN article_versions.article_id IS 'The article.';
COMMENT ON COLUMN article_versions.version IS 'Counted from 1 in order of revision.';
COMMENT ON COLUMN article_versions.seen_at IS 'When this store met the version.';
COMMENT ON COLUMN article_versions.title IS 'Headline of the version.';
COMMENT ON COLUMN article_versions.text IS 'Clean text of the version.';
COMMENT ON COLUMN article_versions.content_hash IS 'Hash of the words of the text in their order.';
COMMENT ON COLUMN article_versions.change IS 'What differs from the version before.';
COMMENT ON COLUMN article_versions.change_ratio IS 'Share of words that differ from the version before, 0 to 1.';

CREATE TABLE sightings (
  article_id UUID NOT NULL,
  document_id VARCHAR NOT NULL,
  origin VARCHAR NOT NULL,
  feed_id UUID,
  url VARCHAR,
  guid VARCHAR,
  seen_at TIMESTAMPTZ NOT NULL,
  run_id UUID NOT NULL
);
COMMENT ON TABLE sightings IS 'Every place where an article was met. Copies are never deleted, they are related.';
COMMENT ON COLUMN sightings.article_id IS 'The article.';
COMMENT ON COLUMN sightings.document_id IS 'The document that carried it.';
COMMENT ON COLUMN sightings.origin IS 'Archive path with member or line (folder/a.txt, b.zip!c.html, d.jsonl#17), or the feed''s URL.';
COMMENT ON COLUMN sightings.feed_id IS 'The feed, when it came through one.';
COMMENT ON COLUMN sightings.url IS 'Address given at that place.';
COMMENT ON COLUMN sightings.guid IS 'Identifier given by the feed.';
COMMENT ON COLUMN sightings.seen_at IS 'When it was met there.';
COMMENT ON COLUMN sightings.run_id IS 'The run that met it.';

CREATE TABLE relations (
  article_id UUID NOT NULL,
  other_id UUID NOT NULL,
  kind VARCHAR NOT NULL CHECK (kind IN ('exact', 'near', 'contains', 'contained')),
  jaccard DOUBLE NOT NULL,
  containment DOUBLE NOT NULL,
  other_containment DOUBLE NOT NULL
);
COMMENT ON TABLE relations IS 'Pairs of articles of which one copies the other, wholly or in part; one row per pair. Of more than twenty exact copies some stand for the crowd: the others are paired with the one of the lowest id only.';
COMMENT ON COLUMN relations.article_id IS 'The later article of the pair.';
COMMENT ON COLUMN relations.other_id IS 'The earlier article.';
COMMENT ON COLUMN relations.kind IS 'Read from article_id: it is an exact or near copy of the other, contains it, or is contained in it.';
COMMENT ON COLUMN relations.jaccard IS 'Shared word 5-grams over all of both texts, 0 to 1.';
COMMENT ON COLUMN relations.containment IS 'Share of article_id''s word 5-grams found in other_id.';
COMMENT ON COLUMN relations.other_containment IS 'Share of other_id''s word 5-grams found in article_id.';

CREATE TABLE stories (
  story_id UUID NOT NULL,
  title VARCHAR,
  first_published_at TIMESTAMPTZ,
  last_published_at TIMESTAMPTZ,
  article_count INTEGER NOT NULL,
  source_count INTEGER NOT NULL,
  independent_source_count INTEGER NOT NULL,
  languages VARCHAR[] NOT NULL,
  thread_id UUID NOT NULL
);
COMMENT ON TABLE stories IS 'Events as told by one or more articles.';
COMMENT ON COLUMN stories.story_id IS 'Derived from the story''s earliest article.';
COMMENT ON COLUMN stories.title IS 'A headline chosen among the members.';
COMMENT ON COLUMN stories.first_published_at IS 'Earliest known date of publication.';
COMMENT ON COLUMN stories.last_published_at IS 'Latest known date of publication.';
COMMENT ON COLUMN stories.article_count IS 'Articles in the story.';
COMMENT ON COLUMN stories.source_count IS 'Distinct sources.';
COMMENT ON COLUMN stories.independent_source_count IS 'Distinct tellings: copies of one text count once.';
COMMENT ON COLUMN stories.languages IS 'Languages of the articles.';
COMMENT ON COLUMN stories.thread_id IS 'Links stories of one long-running affair, also across languages: the id of its earliest story.';

CREATE TABLE story_articles (
  story_id UUID NOT NULL,
  article_id UUID NOT NULL,
  score DOUBLE NOT NULL,
  assigned_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE story_articles IS 'Which article tells which story; every article is in exactly one.';
COMMENT ON COLUMN story_articles.story_id IS 'The story.';
COMMENT ON COLUMN story_articles.article_id IS 'The article.';
COMMENT ON COLUMN story_articles.score IS 'Similarity to the story when it joined; 1 for the article that opened it.';
COMMENT ON COLUMN story_articles.assigned_at IS 'When it was assigned.';

CREATE TABLE topics (
  topic_id VARCHAR PRIMARY KEY,
  name_en VARCHAR NOT NULL,
  name_fr VARCHAR,
  broader_id VARCHAR
);
COMMENT ON TABLE topics IS 'IPTC Media Topics, (c) IPTC, CC BY 4.0.';
COMMENT ON COLUMN topics.topic_id IS 'medtop:NNNNNNNN.';
COMMENT ON COLUMN topics.name_en IS 'English name.';
COMMENT ON COLUMN topics.name_fr IS 'French name.';
COMMENT ON COLUMN topics.broader_id IS 'The next broader topic.';

CREATE TABLE article_topics (
  article_id UUID NOT NULL,
  topic_id VARCHAR NOT NULL,
  score DOUBLE NOT NULL,
  method VARCHAR NOT NULL
);
COMMENT ON TABLE article_topics IS 'What articles are about.';
COMMENT ON COLUMN article_topics.article_id IS 'The article.';
COMMENT ON COLUMN article_topics.topic_id IS 'The topic.';
COMMENT ON COLUMN article_topics.score IS 'Relative to the article''s best topic, which has 1.';
COMMENT ON COLUMN article_topics.method IS 'What assigned it.';

CREATE TABLE entities (
  entity_id VARCHAR PRIMARY KEY,
  kind VARCHAR NOT NULL CHECK (kind IN ('PER', 'ORG', 'LOC')),
  name VARCHAR NOT NULL,
  name_fr VARCHAR,
  wikidata_id VARCHAR,
  country VARCHAR,
  stands_for VARCHAR
);
COMMENT ON TABLE entities IS 'Persons, organisations and places, one row each across all spellings.';
COMMENT ON COLUMN entities.entity_id IS 'Readable and the same in every store, such as per:vladimir-putin.';
COMMENT ON COLUMN entities.kind IS 'Person, organisation or place.';
COMMENT ON COLUMN entities.name IS 'Usual English name.';
COMMENT ON COLUMN entities.name_fr IS 'Usual French name.';
COMMENT ON COLUMN entities.wikidata_id IS 'Wikidata item; NULL unless certain.';
COMMENT ON COLUMN entities.country IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON COLUMN entities.stands_for IS 'Entity it may stand for: a capital or seat of power for its country.';

CREATE TABLE entity_aliases (
  entity_id VARCHAR NOT NULL,
  alias VARCHAR NOT NULL,
  language VARCHAR,
  case_rule VARCHAR NOT NULL CHECK (case_rule IN ('exact', 'capital', 'upper')),
  source VARCHAR NOT NULL
);
COMMENT ON TABLE entity_aliases IS 'Spellings of the known entities.';
COMMENT ON COLUMN entity_aliases.entity_id IS 'The entity.';
COMMENT ON COLUMN entity_aliases.alias IS 'A spelling.';
COMMENT ON COLUMN entity_aliases.language IS 'Language of the spelling; NULL when it serves in any.';
COMMENT ON COLUMN entity_aliases.case_rule IS 'How its capitals must stand in a text.';
COMMENT ON COLUMN entity_aliases.source IS 'Where the row is from: cldr, geonames, curated or learned.';

CREATE TABLE mentions (
  article_id UUID NOT NULL,
  entity_id VARCHAR NOT NULL,
  field VARCHAR NOT NULL CHECK (field IN ('title', 'text', 'removed')),
  start INTEGER,
  "end" INTEGER,
  surface VARCHAR NOT NULL,
  role VARCHAR NOT NULL CHECK (role IN ('subject', 'byline', 'credit', 'agency')),
  score DOUBLE NOT NULL,
  method VARCHAR NOT NULL
);
COMMENT ON TABLE mentions IS 'Where entities are named.';
COMMENT ON COLUMN mentions.article_id IS 'The article.';
COMMENT ON COLUMN mentions.entity_id IS 'The entity.';
COMMENT ON COLUMN mentions.field IS 'Text the positions count in; removed: a line that cleaning cut, without positions.';
COMMENT ON COLUMN mentions.start IS 'First code point, counted from 0.';
COMMENT ON COLUMN mentions."end" IS 'Code point after the last one.';
COMMENT ON COLUMN mentions.surface IS 'The name as written.';
COMMENT ON COLUMN mentions.role IS 'Why it is named.';
COMMENT ON COLUMN mentions.score IS 'Confidence, 0 to 1.';
COMMENT ON COLUMN mentions.method IS 'What found it.';

CREATE TABLE article_entities (
  article_id UUID NOT NULL,
  entity_id VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  mention_count INTEGER NOT NULL,
  in_title BOOLEAN NOT NULL,
  salience DOUBLE NOT NULL
);
COMMENT ON TABLE article_entities IS 'The entities an article is about, counted.';
COMMENT ON COLUMN article_entities.article_id IS 'The article.';
COMMENT ON COLUMN article_entities.entity_id IS 'The entity.';
COMMENT ON COLUMN article_entities.kind IS 'PER, ORG or LOC.';
COMMENT ON COLUMN article_entities.name IS 'Usual English name.';
COMMENT ON COLUMN article_entities.mention_count IS 'Mentions as a subject in title and text.';
COMMENT ON COLUMN article_entities.in_title IS 'Whether the title names it.';
COMMENT ON COLUMN article_entities.salience IS 'Share of attention, 0 to 1: title, lead and count.';

CREATE TABLE removed_blocks (
  article_id UUID NOT NULL,
  role VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  text VARCHAR NOT NULL
);
COMMENT ON TABLE removed_blocks IS 'What cleaning cut from the articles, whole, with its role.';
COMMENT ON COLUMN removed_blocks.article_id IS 'The article.';
COMMENT ON COLUMN removed_blocks.role IS 'What the line was: related, caption, paywall, donation, byline, date...';
COMMENT ON COLUMN removed_blocks.reason IS 'Name of the rule that cut it.';
COMMENT ON COLUMN removed_blocks.text IS 'The line.';

CREATE TABLE feeds (
  feed_id UUID PRIMARY KEY,
  url VARCHAR NOT NULL,
  title VARCHAR,
  site_url VARCHAR,
  folder VARCHAR,
  added_at TIMESTAMPTZ NOT NULL,
  next_due_at TIMESTAMPTZ
);
COMMENT ON TABLE feeds IS 'The feed list.';
COMMENT ON COLUMN feeds.feed_id IS 'Derived from the URL under which the feed was added.';
COMMENT ON COLUMN feeds.url IS 'Where it is polled.';
COMMENT ON COLUMN feeds.title IS 'Name of the feed.';
COMMENT ON COLUMN feeds.site_url IS 'The site it belongs to.';
COMMENT ON COLUMN feeds.folder IS 'Folder in the feed list.';
COMMENT ON COLUMN feeds.added_at IS 'When it was added.';
COMMENT ON COLUMN feeds.next_due_at IS 'When it is polled next.';

CREATE TABLE fetches (
  run_id UUID NOT NULL,
  feed_id UUID,
  url VARCHAR NOT NULL,
  fetched_at TIMESTAMPTZ NOT NULL,
  status INTEGER,
  reason VARCHAR NOT NULL,
  bytes BIGINT NOT NULL,
  seconds DOUBLE NOT NULL,
  items INTEGER NOT NULL,
  new_items INTEGER NOT NULL
);
COMMENT ON TABLE fetches IS 'Every attempt to fetch a feed or a page.';
COMMENT ON COLUMN fetches.run_id IS 'The run.';
COMMENT ON COLUMN fetches.feed_id IS 'The feed.';
COMMENT ON COLUMN fetches.url IS 'Address asked for.';
COMMENT ON COLUMN fetches.fetched_at IS 'When.';
COMMENT ON COLUMN fetches.status IS 'HTTP status; NULL when there was no answer.';
COMMENT ON COLUMN fetches.reason IS 'ok, not_modified, or what went wrong.';
COMMENT ON COLUMN fetches.bytes IS 'Size of the body after decoding.';
COMMENT ON COLUMN fetches.seconds IS 'Time it took.';
COMMENT ON COLUMN fetches.items IS 'Entries in the feed.';
COMMENT ON COLUMN fetches.new_items IS 'Entries not seen before.';

CREATE TABLE rejections (
  run_id UUID NOT NULL,
  stage VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  detail VARCHAR NOT NULL,
  origin VARCHAR NOT NULL,
  url VARCHAR,
  document_id VARCHAR,
  at_stage_time TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE rejections IS 'Documents that could not go on, each with its reason.';
COMMENT ON COLUMN rejections.run_id IS 'The run.';
COMMENT ON COLUMN rejections.stage IS 'Where it stopped: read, fetch, clean, label or load.';
COMMENT ON COLUMN rejections.reason IS 'Short constant reason.';
COMMENT ON COLUMN rejections.detail IS 'The same for people.';
COMMENT ON COLUMN rejections.origin IS 'Where the document was met.';
COMMENT ON COLUMN rejections.url IS 'Its address.';
COMMENT ON COLUMN rejections.document_id IS 'Its bytes in documents; NULL when they could not be read.';
COMMENT ON COLUMN rejections.at_stage_time IS 'When it was rejected.';

CREATE TABLE documents (
  document_id VARCHAR PRIMARY KEY,
  media_type VARCHAR NOT NULL,
  origin VARCHAR NOT NULL,
  url VARCHAR,
  fetched_at TIMESTAMPTZ,
  body BLOB NOT NULL
);
COMMENT ON TABLE documents IS 'The raw documents, as met.';
COMMENT ON COLUMN documents.document_id IS 'SHA-256 of the bytes.';
COMMENT ON COLUMN documents.media_type IS 'text/plain, text/html or application/json (one object of a JSONL archive).';
COMMENT ON COLUMN documents.origin IS 'Where it was met first.';
COMMENT ON COLUMN documents.url IS 'Address it was fetched from.';
COMMENT ON COLUMN documents.fetched_at IS 'When it was fetched; NULL for archives.';
COMMENT ON COLUMN documents.body IS 'The bytes, compressed with zstd.';

CREATE TABLE runs (
  run_id UUID PRIMARY KEY,
  flow VARCHAR NOT NULL,
  engine VARCHAR NOT NULL CHECK (engine IN ('direct', 'prefect')),
  started_at TIMESTAMPTZ NOT NULL,
  finished_at TIMESTAMPTZ,
  state VARCHAR NOT NULL CHECK (state IN ('running', 'completed', 'failed', 'crashed')),
  seen BIGINT NOT NULL,
  new BIGINT NOT NULL,
  new_versions BIGINT NOT NULL,
  sightings BIGINT NOT NULL,
  unchanged BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  duplicates BIGINT NOT NULL,
  seconds DOUBLE NOT NULL,
  per_stage STRUCT(stage VARCHAR, documents BIGINT, seconds DOUBLE)[] NOT NULL
);
COMMENT ON TABLE runs IS 'Every run. It balances: seen = new + new_versions + sightings + unchanged + rejected.';
COMMENT ON COLUMN runs.run_id IS 'The run.';
COMMENT ON COLUMN runs.flow IS 'backfill, ingest, maintain...';
COMMENT ON COLUMN runs.engine IS 'What drove it.';
COMMENT ON COLUMN runs.started_at IS 'When it began.';
COMMENT ON COLUMN runs.finished_at IS 'When it ended; for a crashed run, when the next one found it.';
COMMENT ON COLUMN runs.state IS 'How it stands.';
COMMENT ON COLUMN runs.seen IS 'Documents met.';
COMMENT ON COLUMN runs.new IS 'Articles not known before.';
COMMENT ON COLUMN runs.new_versions IS 'Versions not known before of known articles.';
COMMENT ON COLUMN runs.sightings IS 'Known articles met in a new place.';
COMMENT ON COLUMN runs.unchanged IS 'The same document at the same place as before.';
COMMENT ON COLUMN runs.rejected IS 'Documents that could not go on.';
COMMENT ON COLUMN runs.duplicates IS 'New articles that are a copy of an earlier one.';
COMMENT ON COLUMN runs.seconds IS 'Time it took.';
COMMENT ON COLUMN runs.per_stage IS 'CPU seconds and documents of each stage.';

-- Which version the file has; a DuckDB file without this table is not ours. Version n = migrations 1..n applied.
CREATE TABLE internal.schema_version (version INTEGER PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL);

-- A short number per article, in order of arrival, so that fingerprints stay small. It never decides a result.
CREATE TABLE internal.article_numbers (article_no BIGINT PRIMARY KEY, article_id UUID NOT NULL);

-- What each place held when it was met last: the same document at the same place is 'unchanged', without any work.
-- place_key and document_key are 128-bit hashes; article_id is NULL for a rejected document.
CREATE TABLE internal.places (place_key UUID NOT NULL, document_key UUID NOT NULL, article_id UUID);

-- The versions of an article in their order: by updated_at (latest stated update) or met_at (latest fetch or publication), the later,
-- then with a title, then the longer one, then by version_key (hash of title and text), so that the order of arrival does not
-- show. variant: hash of what is stored beside title and text; of several variants the one with most fields filled is kept.
CREATE TABLE internal.version_keys (
  article_id UUID NOT NULL, version INTEGER NOT NULL, version_key UUID NOT NULL, updated_at TIMESTAMPTZ, met_at TIMESTAMPTZ,
  titled BOOLEAN NOT NULL, word_count INTEGER NOT NULL, filled INTEGER NOT NULL, variant UUID NOT NULL);

-- How far an unfinished run has come in each source; gone when the run ends well.
CREATE TABLE internal.cursors (
  source VARCHAR PRIMARY KEY, path VARCHAR NOT NULL, position BIGINT NOT NULL, size BIGINT NOT NULL, mtime_ns BIGINT NOT NULL);
-- Fingerprint of the shipped topics, entities and aliases that stand in the tables: they are replaced when it changes.
CREATE TABLE internal.reference (fingerprint VARCHAR NOT NULL);
