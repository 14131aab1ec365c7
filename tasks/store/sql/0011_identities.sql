-- Which learned entities are one in two spellings, and which only look alike (tasks/store/labels/identities.py).
CREATE TABLE entity_candidates (
  entity_id VARCHAR NOT NULL,
  other_id VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  seen INTEGER NOT NULL
);
COMMENT ON TABLE entity_candidates IS 'Entities that look alike and were not taken for one, for a person to look at; written anew at the end of every run.';
COMMENT ON COLUMN entity_candidates.entity_id IS 'The entity whose id comes first.';
COMMENT ON COLUMN entity_candidates.other_id IS 'The other.';
COMMENT ON COLUMN entity_candidates.reason IS 'same language: alike, but nothing tells that both languages mean one; one article: named side by side; origin: such names do not change their letters; known apart: each is one that comes with the software, or is taken for one.';
COMMENT ON COLUMN entity_candidates.seen IS 'Articles that name one or the other.';
COMMENT ON COLUMN entity_aliases.source IS 'Where the row is from: cldr, geonames, curated; learned: a spelling in articles that was taken for this entity.';

-- Entities that were taken for another one, and why: what articles call them is in merged_mentions, so that it can be taken back.
CREATE TABLE internal.merged_entities (entity_id VARCHAR PRIMARY KEY, into_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, name VARCHAR NOT NULL, rule VARCHAR NOT NULL);
-- Mentions whose entity was replaced, with the one that the article by itself gave; start is -1 for a removed line.
CREATE TABLE internal.merged_mentions (article_id UUID NOT NULL, field VARCHAR NOT NULL, start INTEGER NOT NULL, surface VARCHAR NOT NULL, entity_id VARCHAR NOT NULL);
-- Keys of entity ids, several each (tasks/label/names/fold.py), by the version of the rules that made them.
CREATE TABLE internal.entity_keys (entity_id VARCHAR NOT NULL, block VARCHAR NOT NULL, initials VARCHAR NOT NULL, rules INTEGER NOT NULL);
