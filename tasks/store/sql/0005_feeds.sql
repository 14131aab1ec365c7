-- What polling needs to know between runs, and what people want to know of it.
ALTER TABLE feeds ADD COLUMN moved_from VARCHAR;
ALTER TABLE feeds ADD COLUMN duplicate_of UUID;
ALTER TABLE feeds ADD COLUMN parked_until TIMESTAMPTZ;
ALTER TABLE feeds ADD COLUMN health VARCHAR;
ALTER TABLE feeds ADD COLUMN health_note VARCHAR;
COMMENT ON COLUMN feeds.moved_from IS 'Address before the last move; a move is believed after two confirmations a day apart.';
COMMENT ON COLUMN feeds.duplicate_of IS 'The feed of the list that it has become by moving; such a feed is not polled.';
COMMENT ON COLUMN feeds.parked_until IS 'When a feed that is gone, or failed for very long, is asked again; NULL when it is polled.';
COMMENT ON COLUMN feeds.health IS 'ok, degraded, failing, gone or quiet, at the last poll; NULL before the first.';
COMMENT ON COLUMN feeds.health_note IS 'Why.';

COMMENT ON COLUMN articles.published_raw IS 'The date of publication as it was printed; without published_at: printed, and not to be trusted.';

ALTER TABLE fetches ADD COLUMN detail VARCHAR;
ALTER TABLE fetches ADD COLUMN kind VARCHAR;
COMMENT ON COLUMN fetches.kind IS 'feed or page.';
COMMENT ON COLUMN fetches.detail IS 'The reason for people.';

COMMENT ON COLUMN documents.media_type IS 'text/plain, text/html, application/json (a row of an archive or an item of a feed), or what a server calls its feed: the last bytes of each feed are kept.';

CREATE TABLE tdm_signals (
  url VARCHAR NOT NULL,
  host VARCHAR NOT NULL,
  found_in VARCHAR NOT NULL CHECK (found_in IN ('header', 'meta', 'well-known')),
  reserved BOOLEAN NOT NULL,
  policy VARCHAR,
  seen_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE tdm_signals IS 'What sites say about text and data mining (TDM Reservation Protocol): stored, not judged.';
COMMENT ON COLUMN tdm_signals.url IS 'The page, or the pattern of addresses that a site''s file names.';
COMMENT ON COLUMN tdm_signals.host IS 'The host that said it.';
COMMENT ON COLUMN tdm_signals.found_in IS 'HTTP header, meta element of the page, or /.well-known/tdmrep.json.';
COMMENT ON COLUMN tdm_signals.reserved IS 'Whether the rights are reserved.';
COMMENT ON COLUMN tdm_signals.policy IS 'Address of the policy.';
COMMENT ON COLUMN tdm_signals.seen_at IS 'When it was said last.';

DROP VIEW feed_health;
CREATE VIEW feed_health AS
SELECT f.feed_id, f.url, f.title, coalesce(f.health, 'new') AS state, coalesce(f.health_note, 'not polled yet') AS why,
  count(h.url) AS fetches, count(h.url) FILTER (h.reason NOT IN ('ok', 'not_modified')) AS failures,
  max(h.fetched_at) FILTER (h.reason IN ('ok', 'not_modified')) AS last_good_at, arg_max(h.reason, h.fetched_at) AS last_reason,
  coalesce(sum(h.new_items), 0)::BIGINT AS new_items, max(h.fetched_at) FILTER (h.new_items > 0) AS last_new_at,
  f.next_due_at, f.parked_until, f.duplicate_of
FROM feeds f
LEFT JOIN fetches h ON h.feed_id = f.feed_id AND h.kind = 'feed'
GROUP BY ALL
ORDER BY f.url;
COMMENT ON VIEW feed_health IS 'How each feed does, and why we think so.';
COMMENT ON COLUMN feed_health.feed_id IS 'The feed.';
COMMENT ON COLUMN feed_health.url IS 'Where it is polled.';
COMMENT ON COLUMN feed_health.title IS 'Name of the feed.';
COMMENT ON COLUMN feed_health.state IS 'ok; degraded: some polls fail or news may be missing; failing; gone: parked after 410; quiet: answers, but far less than usual; new.';
COMMENT ON COLUMN feed_health.why IS 'The evidence.';
COMMENT ON COLUMN feed_health.fetches IS 'Polls.';
COMMENT ON COLUMN feed_health.failures IS 'Polls that brought nothing usable.';
COMMENT ON COLUMN feed_health.last_good_at IS 'When it last answered well.';
COMMENT ON COLUMN feed_health.last_reason IS 'Outcome of the last poll.';
COMMENT ON COLUMN feed_health.new_items IS 'Entries it brought that were new.';
COMMENT ON COLUMN feed_health.last_new_at IS 'When it last brought one.';
COMMENT ON COLUMN feed_health.next_due_at IS 'When it is polled next.';
COMMENT ON COLUMN feed_health.parked_until IS 'Until when it rests; NULL when it is polled.';
COMMENT ON COLUMN feed_health.duplicate_of IS 'The feed that it has become by moving.';

CREATE VIEW withdrawn AS
SELECT a.article_id, a.url, a.source, a.title, max(f.fetched_at) AS noticed_at, arg_max(f.reason, f.fetched_at) AS reason
FROM (
  SELECT url, max(fetched_at) AS fetched_at, arg_max(reason, fetched_at) AS reason, arg_max(status, fetched_at) AS status
  FROM fetches WHERE kind = 'page' GROUP BY url
) f
JOIN (SELECT DISTINCT article_id, url FROM sightings) s ON s.url = f.url
JOIN articles a ON a.article_id = s.article_id
WHERE f.status IN (404, 410)
GROUP BY ALL
ORDER BY noticed_at DESC, a.article_id;
COMMENT ON VIEW withdrawn IS 'Articles whose page was gone when it was asked for again; the article stays.';
COMMENT ON COLUMN withdrawn.article_id IS 'The article.';
COMMENT ON COLUMN withdrawn.url IS 'Its address.';
COMMENT ON COLUMN withdrawn.source IS 'Registered domain.';
COMMENT ON COLUMN withdrawn.title IS 'Headline.';
COMMENT ON COLUMN withdrawn.noticed_at IS 'When the page was found gone.';
COMMENT ON COLUMN withdrawn.reason IS 'not_found or gone.';

-- What polling has taught about each feed (schemas/feed.py: FeedState), and the feed list's further attributes (JSON).
CREATE TABLE internal.feed_states (feed_id UUID PRIMARY KEY, state VARCHAR NOT NULL);
CREATE TABLE internal.feed_attributes (feed_id UUID NOT NULL, name VARCHAR NOT NULL, value VARCHAR NOT NULL);

-- How much of the page's text a feed's own text has: the mean of recent samples.
CREATE TABLE internal.feed_texts (feed_id UUID PRIMARY KEY, share DOUBLE NOT NULL, samples INTEGER NOT NULL);

-- Every item that a feed has shown: what it said (digest; KnownEntry as JSON), and where its text was taken from.
CREATE TABLE internal.feed_entries (
  place_key UUID NOT NULL, feed_id UUID NOT NULL, link_key UUID, digest VARCHAR NOT NULL, via VARCHAR NOT NULL, entry VARCHAR NOT NULL);

-- Pages to be fetched, each with the item it belongs to (JSON); due_at is NULL when only a person may ask for it again.
CREATE TABLE internal.pages (feed_id UUID NOT NULL, entry_key VARCHAR NOT NULL, due_at TIMESTAMPTZ, page VARCHAR NOT NULL);

-- What hosts asked for: nothing before a moment (Retry-After), robots.txt.
CREATE TABLE internal.hosts (
  host VARCHAR PRIMARY KEY, not_before TIMESTAMPTZ, forbidden INTEGER NOT NULL,
  robots VARCHAR, robots_at TIMESTAMPTZ, rights_at TIMESTAMPTZ);

-- Documents that are kept but were rejected, and what is needed to put them through again.
CREATE TABLE internal.refused (place_key UUID NOT NULL, document_id VARCHAR NOT NULL, attempts INTEGER NOT NULL, document VARCHAR NOT NULL);
