-- What was destroyed, by which rule, in which run: how many rows of each model, and the files by a
-- pseudonym that only the key of the instance can make again. Nothing here is about anybody. A batch
-- is a row, written in the transaction that destroys it: neither is there without the other.

CREATE SCHEMA IF NOT EXISTS retention;
REVOKE ALL ON SCHEMA retention FROM PUBLIC;

CREATE TABLE IF NOT EXISTS retention.destruction (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    run uuid NOT NULL,
    system text NOT NULL,
    on_day date NOT NULL,
    rule text NOT NULL,
    organisme_id uuid NOT NULL,
    subjects text[] NOT NULL CHECK (cardinality(subjects) > 0),
    counts jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS destruction_run ON retention.destruction (run);

CREATE OR REPLACE FUNCTION retention.refuse_rewrite() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'retention: a report of destruction is not rewritten'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON retention.destruction
    FOR EACH ROW EXECUTE FUNCTION retention.refuse_rewrite();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON retention.destruction
    FOR EACH STATEMENT EXECUTE FUNCTION retention.refuse_rewrite();

-- The reports of one's own organisme, the last run first.
CREATE OR REPLACE FUNCTION retention.reports()
RETURNS TABLE (run uuid, at timestamptz, system text, on_day date, rule text, files bigint,
    counts jsonb, subjects text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH mine AS (
        SELECT d.* FROM retention.destruction d
        WHERE d.organisme_id = ANY (coalesce(access.organismes(), '{}'))
    ), totals AS (
        SELECT c.run, c.rule, jsonb_object_agg(c.key, c.rows) AS counts
        FROM (SELECT m.run, m.rule, e.key, sum(e.value::bigint) AS rows
              FROM mine m, jsonb_each_text(m.counts) e GROUP BY m.run, m.rule, e.key) c
        GROUP BY c.run, c.rule
    )
    SELECT m.run, min(m.at), m.system, m.on_day, m.rule, sum(cardinality(m.subjects)),
        (SELECT t.counts FROM totals t WHERE t.run = m.run AND t.rule = m.rule),
        (SELECT array_agg(s ORDER BY s) FROM mine n, unnest(n.subjects) s
            WHERE n.run = m.run AND n.rule = m.rule)
    FROM mine m GROUP BY m.run, m.system, m.on_day, m.rule ORDER BY min(m.at) DESC, m.run
$$;
