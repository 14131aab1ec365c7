-- Ready-made views over the public tables. Days are in UTC. Copies are left out where counting them would mislead.

CREATE VIEW latest AS
SELECT article_id, published_at, source, language, title, word_count, story_id, url
FROM articles
WHERE duplicate_of IS NULL
ORDER BY published_at DESC NULLS LAST, article_id;
COMMENT ON VIEW latest IS 'Articles without their copies, newest first; undated ones at the end.';
COMMENT ON COLUMN latest.article_id IS 'The article.';
COMMENT ON COLUMN latest.published_at IS 'When it was published.';
COMMENT ON COLUMN latest.source IS 'Registered domain or archive.';
COMMENT ON COLUMN latest.language IS 'ISO 639-1 code.';
COMMENT ON COLUMN latest.title IS 'Headline.';
COMMENT ON COLUMN latest.word_count IS 'Words in the text.';
COMMENT ON COLUMN latest.story_id IS 'The story it tells.';
COMMENT ON COLUMN latest.url IS 'Its address.';

CREATE VIEW timeline AS
SELECT CAST(published_at AS DATE) AS day, published_at, source, title, article_id, story_id, duplicate_of
FROM articles
WHERE published_at IS NOT NULL
ORDER BY published_at, article_id;
COMMENT ON VIEW timeline IS 'Dated articles in order of publication, copies included.';
COMMENT ON COLUMN timeline.day IS 'Day of publication in UTC.';
COMMENT ON COLUMN timeline.published_at IS 'When it was published.';
COMMENT ON COLUMN timeline.source IS 'Registered domain or archive.';
COMMENT ON COLUMN timeline.title IS 'Headline.';
COMMENT ON COLUMN timeline.article_id IS 'The article.';
COMMENT ON COLUMN timeline.story_id IS 'The story it tells.';
COMMENT ON COLUMN timeline.duplicate_of IS 'The earliest copy, when it is a copy.';

CREATE VIEW story_timeline AS
SELECT s.thread_id, s.story_id, s.title AS story_title, a.published_at, a.source, a.language, a.title, m.score, a.duplicate_of, a.article_id
FROM stories s
JOIN story_articles m ON m.story_id = s.story_id
JOIN articles a ON a.article_id = m.article_id
ORDER BY s.thread_id, s.first_published_at NULLS FIRST, s.story_id, a.published_at NULLS FIRST, a.article_id;
COMMENT ON VIEW story_timeline IS 'Every story with its articles in order of publication, stories of one thread together.';
COMMENT ON COLUMN story_timeline.thread_id IS 'The long-running affair.';
COMMENT ON COLUMN story_timeline.story_id IS 'The story.';
COMMENT ON COLUMN story_timeline.story_title IS 'Headline chosen for the story.';
COMMENT ON COLUMN story_timeline.published_at IS 'When the article was published.';
COMMENT ON COLUMN story_timeline.source IS 'Registered domain or archive.';
COMMENT ON COLUMN story_timeline.language IS 'ISO 639-1 code.';
COMMENT ON COLUMN story_timeline.title IS 'Headline of the article.';
COMMENT ON COLUMN story_timeline.score IS 'Similarity to the story when the article joined.';
COMMENT ON COLUMN story_timeline.duplicate_of IS 'The earliest copy, when it is a copy.';
COMMENT ON COLUMN story_timeline.article_id IS 'The article.';

CREATE VIEW topic_daily AS
SELECT CAST(a.published_at AS DATE) AS day, t.topic_id, p.name_en, p.name_fr, count(*) AS articles, count(DISTINCT a.source) AS sources
FROM articles a
JOIN article_topics t ON t.article_id = a.article_id
JOIN topics p ON p.topic_id = t.topic_id
WHERE a.published_at IS NOT NULL AND a.duplicate_of IS NULL
GROUP BY ALL
ORDER BY day, articles DESC, t.topic_id;
COMMENT ON VIEW topic_daily IS 'Articles per day and topic, copies counted once.';
COMMENT ON COLUMN topic_daily.day IS 'Day of publication in UTC.';
COMMENT ON COLUMN topic_daily.topic_id IS 'The topic.';
COMMENT ON COLUMN topic_daily.name_en IS 'English name.';
COMMENT ON COLUMN topic_daily.name_fr IS 'French name.';
COMMENT ON COLUMN topic_daily.articles IS 'Articles.';
COMMENT ON COLUMN topic_daily.sources IS 'Distinct sources.';

CREATE VIEW entity_daily AS
SELECT CAST(a.published_at AS DATE) AS day, e.entity_id, e.kind, e.name, count(*) AS articles, sum(e.mention_count) AS mentions,
  count(DISTINCT a.source) AS sources
FROM articles a
JOIN article_entities e ON e.article_id = a.article_id
WHERE a.published_at IS NOT NULL AND a.duplicate_of IS NULL
GROUP BY ALL
ORDER BY day, articles DESC, e.entity_id;
COMMENT ON VIEW entity_daily IS 'Articles per day and entity, copies counted once.';
COMMENT ON COLUMN entity_daily.day IS 'Day of publication in UTC.';
COMMENT ON COLUMN entity_daily.entity_id IS 'The entity.';
COMMENT ON COLUMN entity_daily.kind IS 'PER, ORG or LOC.';
COMMENT ON COLUMN entity_daily.name IS 'Usual English name.';
COMMENT ON COLUMN entity_daily.articles IS 'Articles that name it.';
COMMENT ON COLUMN entity_daily.mentions IS 'Mentions in them.';
COMMENT ON COLUMN entity_daily.sources IS 'Distinct sources.';

CREATE VIEW source_daily AS
SELECT CAST(published_at AS DATE) AS day, source, language, count(*) AS articles, count(duplicate_of) AS copies, sum(word_count) AS words
FROM articles
WHERE published_at IS NOT NULL
GROUP BY ALL
ORDER BY day, source, language;
COMMENT ON VIEW source_daily IS 'What each source published per day and language, and how much of it was a copy.';
COMMENT ON COLUMN source_daily.day IS 'Day of publication in UTC.';
COMMENT ON COLUMN source_daily.source IS 'Registered domain or archive.';
COMMENT ON COLUMN source_daily.language IS 'ISO 639-1 code.';
COMMENT ON COLUMN source_daily.articles IS 'Articles, copies included.';
COMMENT ON COLUMN source_daily.copies IS 'Articles that copy an earlier one.';
COMMENT ON COLUMN source_daily.words IS 'Words in the articles.';

CREATE VIEW feed_health AS
SELECT f.feed_id, f.url, f.title, count(h.url) AS fetches, count(h.url) FILTER (h.reason NOT IN ('ok', 'not_modified')) AS failures,
  max(h.fetched_at) FILTER (h.reason IN ('ok', 'not_modified')) AS last_good_at, arg_max(h.reason, h.fetched_at) AS last_reason,
  coalesce(sum(h.new_items), 0) AS new_items
FROM feeds f
LEFT JOIN fetches h ON h.feed_id = f.feed_id
GROUP BY ALL
ORDER BY f.url;
COMMENT ON VIEW feed_health IS 'How each feed answers.';
COMMENT ON COLUMN feed_health.feed_id IS 'The feed.';
COMMENT ON COLUMN feed_health.url IS 'Where it is polled.';
COMMENT ON COLUMN feed_health.title IS 'Name of the feed.';
COMMENT ON COLUMN feed_health.fetches IS 'Attempts.';
COMMENT ON COLUMN feed_health.failures IS 'Attempts that brought nothing usable.';
COMMENT ON COLUMN feed_health.last_good_at IS 'When it last answered well.';
COMMENT ON COLUMN feed_health.last_reason IS 'Outcome of the last attempt.';
COMMENT ON COLUMN feed_health.new_items IS 'Entries it brought that were new.';

CREATE VIEW headline_changes AS
SELECT v.article_id, a.source, a.url, v.version, v.seen_at, b.title AS title_before, v.title, v.change_ratio
FROM article_versions v
JOIN article_versions b ON b.article_id = v.article_id AND b.version = v.version - 1
JOIN articles a ON a.article_id = v.article_id
WHERE v.change IN ('title', 'title+text')
ORDER BY v.seen_at, v.article_id, v.version;
COMMENT ON VIEW headline_changes IS 'Headlines that were rewritten after publication.';
COMMENT ON COLUMN headline_changes.article_id IS 'The article.';
COMMENT ON COLUMN headline_changes.source IS 'Registered domain or archive.';
COMMENT ON COLUMN headline_changes.url IS 'Its address.';
COMMENT ON COLUMN headline_changes.version IS 'The version with the new headline.';
COMMENT ON COLUMN headline_changes.seen_at IS 'When this store met that version.';
COMMENT ON COLUMN headline_changes.title_before IS 'The headline of the version before.';
COMMENT ON COLUMN headline_changes.title IS 'The new headline.';
COMMENT ON COLUMN headline_changes.change_ratio IS 'Share of words of headline and text that differ.';
