-- Full-text search (tasks/store/search/find.py, tasks/store/search/index.py): an inverted index in tables of our own, written in the
-- transaction that writes the articles. It is as if each article had been split into words only now:
-- words -> folded -> one row for each word of an article, with its places. No table here has an index: rows are only added, in runs
-- sorted by term, which DuckDB skips by their minima and maxima.

-- One row for each text that was indexed. current: no longer when the article has another text; its postings are passed over from
-- then on, and go when runs are merged. words: its length; titled: how many of them are of the title.
CREATE TABLE internal.search_documents (
  doc BIGINT NOT NULL, article_no BIGINT NOT NULL, current BOOLEAN NOT NULL, titled INTEGER NOT NULL, words INTEGER NOT NULL);

-- Where a word stands: the title counts from 0, the text goes on after a gap of one, which no phrase spans.
-- term: 64 bits of the MD5 of the folded word. In runs, each sorted by term and a row of search_runs.
CREATE TABLE internal.search_postings (term UBIGINT NOT NULL, doc BIGINT NOT NULL, places INTEGER[] NOT NULL);
CREATE TABLE internal.search_runs (postings BIGINT NOT NULL);
-- The same for the latest documents, not in a run yet; and the words of the runs, for what begins with some letters.
CREATE TABLE internal.search_recent (term UBIGINT NOT NULL, doc BIGINT NOT NULL, places INTEGER[] NOT NULL, word VARCHAR NOT NULL);
CREATE TABLE internal.search_vocabulary (word VARCHAR NOT NULL);

-- Of single characters, those that another one follows marked by chr(3): pairs.
CREATE MACRO internal.search_pairs(marked) AS
  list_transform(marked, lambda w, i: if(suffix(w, chr(3)), left(w, 1) || left(marked[i + 1], 1), w));

-- The words of a text, in lower case. Where no spaces are written (Thai, Lao, Burmese, Khmer, kana, Han) each character with the next
-- one is a word, and the last of a run stands alone; digits and letters of full width become plain ones there.
CREATE MACRO internal.search_words(raw) AS CASE WHEN regexp_matches(raw, '[\x{e00}-\x{eff}\x{1000}-\x{109f}\x{1780}-\x{17ff}\x{3005}-\x{3007}\x{3040}-\x{30fa}\x{30fc}-\x{30ff}\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{3ffff}\x{ff10}-\x{ff5a}]')
  THEN internal.search_pairs(regexp_extract_all(replace(regexp_replace(
      translate(lower(raw), '０１２３４５６７８９ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ' || chr(1) || chr(2) || chr(3), '0123456789abcdefghijklmnopqrstuvwxyz   '),
      '([\x{e00}-\x{eff}\x{1000}-\x{109f}\x{1780}-\x{17ff}\x{3005}-\x{3007}\x{3040}-\x{30fa}\x{30fc}-\x{30ff}\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{3ffff}])', chr(2) || '\1' || chr(1), 'g'), chr(1) || chr(2), chr(3) || ' '), '[\p{L}\p{N}\p{M}]+\x{3}?'))
  ELSE regexp_extract_all(lower(raw), '[\p{L}\p{N}\p{M}]+') END;

-- A word without accents, where accents are not letters of their own script; ligatures and barred letters as they are typed without.
CREATE MACRO internal.search_fold(word) AS CASE
  WHEN regexp_matches(word, '^[\x00-\x7f]*$') THEN left(word, 64)
  WHEN regexp_matches(word, '[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}]') THEN left(translate(
    replace(replace(replace(strip_accents(word), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'), 'øłđðħıς', 'olddhiσ'), 64)
  ELSE left(nfc_normalize(word), 64) END;
CREATE MACRO internal.search_term(folded) AS md5_number_lower(folded);

-- The postings of a table (doc, title, text).
CREATE MACRO internal.search_rows(source) AS TABLE
  WITH listed AS (SELECT doc, internal.search_words(coalesce(title, '')[:10000]) AS titled, internal.search_words(text[:1000000]) AS told
    FROM query_table(source)),
  placed AS (SELECT doc, len(titled) AS n, unnest(list_concat(titled, told)) AS word, generate_subscripts(list_concat(titled, told), 1) AS i
    FROM listed),
  spelled AS (SELECT doc, word, list(i - 1 + (i > n)::INTEGER) AS places FROM placed GROUP BY ALL)
  SELECT internal.search_term(folded) AS term, doc, list_sort(flatten(list(places)))::INTEGER[] AS places, folded AS word
  FROM (SELECT doc, places, internal.search_fold(word) AS folded FROM spelled) GROUP BY doc, folded;

-- The texts that should be in the index: internal.search_rows('internal.search_texts') is what its postings must be.
CREATE VIEW internal.search_texts AS SELECT doc, title, text
  FROM internal.search_documents JOIN internal.article_numbers USING (article_no) JOIN articles USING (article_id) WHERE current;

-- A query taken apart: words that must (or must not) stand together in a field, the last one whole or as a beginning.
CREATE MACRO internal.search_units(query) AS TABLE
  WITH parted AS (SELECT unnest(regexp_extract_all(translate(query[:1000], '“”„«»', '"""""'),
      '-?(?:(?i:title|text):)?(?:"[^"]*"?|[^\s"]+)')) AS part),
  bodies AS (SELECT part[1] = '-' AS excluded, nullif(lower(regexp_extract(part, '^-?((?i:title|text)):', 1)), '') AS field,
    regexp_replace(part, '^-?(?:(?i:title|text):)?', '') AS body FROM parted),
  spelled AS (SELECT excluded, field, regexp_matches(body, '\*"?$') AS starred,
    list_transform(internal.search_words(body), lambda w: internal.search_fold(w)) AS words FROM bodies),
  ended AS (SELECT *, regexp_matches(words[-1], '^[\x{e00}-\x{eff}\x{1000}-\x{109f}\x{1780}-\x{17ff}\x{3005}-\x{3007}\x{3040}-\x{30fa}\x{30fc}-\x{30ff}\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{3ffff}]$') AS alone FROM spelled WHERE len(words) > 0)
  SELECT row_number() OVER () AS unit, excluded, field,
    -- the last character of a run stands alone in a text only where the run ends there
    if(alone AND len(words) > 1 AND words[-2] LIKE '_' || words[-1], words[:-2], words) AS words,
    starred OR (alone AND NOT coalesce(words[-2] LIKE '_' || words[-1], false)) AS begins
  FROM ended;

CREATE MACRO search(query) AS TABLE
  WITH units AS MATERIALIZED (FROM internal.search_units(query)),
  wanted AS (SELECT unit, excluded, field, begins AND place = len(words) AS begins, len(words) AS size, place, words[place] AS word
    FROM (SELECT *, unnest(range(1, len(words) + 1)) AS place FROM units)),
  beginnings AS (SELECT * FROM wanted WHERE begins),
  tokens AS MATERIALIZED (
    SELECT unit, field, size, place, internal.search_term(word) AS term FROM wanted WHERE NOT begins
    UNION SELECT unit, field, size, place, internal.search_term(v.word)
      FROM internal.search_vocabulary v JOIN beginnings b ON starts_with(v.word, b.word)
    UNION SELECT unit, field, size, place, term FROM internal.search_recent r JOIN beginnings b ON starts_with(r.word, b.word)),
  met AS (
    SELECT unit, field, size, place, doc, places FROM internal.search_postings JOIN tokens USING (term)
    UNION ALL SELECT unit, field, size, place, doc, places FROM internal.search_recent JOIN tokens USING (term)),
  hits AS MATERIALIZED (
    SELECT unit, size, place, article_no, titled, d.words, CASE field WHEN 'title' THEN list_filter(places, lambda p: p < titled)
      WHEN 'text' THEN list_filter(places, lambda p: p > titled) ELSE places END AS places
    FROM met JOIN internal.search_documents d USING (doc) WHERE current),
  complete AS (SELECT unit, article_no FROM hits WHERE size > 1 GROUP BY unit, article_no, size HAVING count(DISTINCT place) = size),
  starts AS (SELECT unit, size, article_no, titled, words, place, unnest(places) - place + 1 AS start FROM hits SEMI JOIN complete USING (unit, article_no)
    WHERE size > 1),
  phrases AS (SELECT unit, article_no, titled, words, start FROM starts GROUP BY unit, size, article_no, titled, words, start
    HAVING count(DISTINCT place) = size),
  found AS (
    SELECT unit, article_no, words, sum(len(places)) AS count, sum(if(places[1] < titled, len(list_filter(places, lambda p: p < titled)), 0)) AS titles
      FROM hits WHERE size = 1 AND len(places) > 0 GROUP BY ALL
    UNION ALL SELECT unit, article_no, words, count(*), count(*) FILTER (start <= titled) FROM phrases GROUP BY ALL),
  measured AS (SELECT unit, article_no, words, count + 2 * titles AS weight, count(*) OVER (PARTITION BY unit) AS articles FROM found),
  whole AS (SELECT count(*) AS articles, avg(words) AS words FROM internal.search_documents WHERE current),
  scored AS (
    SELECT article_no, round(sum(ln(1 + (a.articles - m.articles + 0.5) / (m.articles + 0.5))
      * weight * 2.2 / (weight + 1.2 * (0.25 + 0.75 * m.words / a.words))), 6) AS score
    FROM measured m JOIN units u USING (unit) CROSS JOIN whole a WHERE NOT excluded
    GROUP BY article_no HAVING count(*) = (SELECT count(*) FROM units WHERE NOT excluded)),
  kept AS (FROM scored ANTI JOIN (SELECT article_no FROM found JOIN units USING (unit) WHERE excluded) USING (article_no))
  SELECT article_id, score, title FROM kept JOIN internal.article_numbers USING (article_no) JOIN articles USING (article_id)
  ORDER BY score DESC, article_id;
COMMENT ON MACRO TABLE search IS 'Full-text search, best first: FROM search(''climate summit''). All words must occur; "..." is a phrase, title:word or text:word one field, -word excludes, word* begins so. Case and accents do not count. article_id: the article; score: BM25 (k1 1.2, b 0.75), a word of the title counting three times; title: its headline.';
