-- What finds copies (tasks/store/copies/relate.py). No table here has an index: candidates come from a join over a window
-- of days of append-only rows, which DuckDB skips by their minima and maxima; an index would serve no join and
-- cost six times the space.

-- One row per article: its current text, sketched. words_hash: equal for texts of the same words in the same order.
-- day: publication in UTC, NULL when unknown. hash_count: its rows in fingerprints, 0 for a text compared whole only, -1 for
-- one of a crowd of copies that others stand for (tasks/store/copies/crowds.py): it has no fingerprints.
CREATE TABLE internal.sketches (
  article_no BIGINT NOT NULL, version UTINYINT NOT NULL, day DATE, hash_count INTEGER NOT NULL, words_hash UBIGINT NOT NULL);

-- The kept shingle hashes of the sketches, upper 32 of 64 bits. closing: it lies in the last words of a longer text, where
-- outlets print standing lines; pairs that share nothing else are no candidates, or one footer would pair all articles of an outlet.
CREATE TABLE internal.fingerprints (hash UINTEGER NOT NULL, article_no BIGINT NOT NULL, day DATE, closing BOOLEAN NOT NULL);
