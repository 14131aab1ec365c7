-- Articles that were taken out, and what keeps them out (tasks/store/care/removal.py, tasks/store/care/tombstones.py).
CREATE TABLE removed_articles (
  article_id UUID PRIMARY KEY,
  source VARCHAR NOT NULL,
  url VARCHAR,
  published_at TIMESTAMPTZ,
  removed_at TIMESTAMPTZ NOT NULL,
  reason VARCHAR NOT NULL CHECK (reason IN ('asked', 'retention'))
);
COMMENT ON TABLE removed_articles IS 'Articles that were removed. Nothing else is kept of them, and they are not loaded again: a document that belongs to one is rejected as removed the first time that it is met at a place, and unchanged afterwards.';
COMMENT ON COLUMN removed_articles.article_id IS 'The article, as it was named before.';
COMMENT ON COLUMN removed_articles.source IS 'Registered domain of the URL, or the name of the archive.';
COMMENT ON COLUMN removed_articles.url IS 'Its address; NULL for one that had none.';
COMMENT ON COLUMN removed_articles.published_at IS 'When it was published; NULL when nothing said so.';
COMMENT ON COLUMN removed_articles.removed_at IS 'When it was removed.';
COMMENT ON COLUMN removed_articles.reason IS 'asked: by wirehouse remove; retention: it was older than retention_days.';
COMMENT ON COLUMN rejections.document_id IS 'Its bytes in documents; NULL when they could not be read, or are of an article that was removed.';

-- The addresses that led to removed articles, as keys of their normal form (tasks/store/articles/places.py): what feeds show there is not fetched.
CREATE TABLE internal.removed_links (link_key UUID NOT NULL);
