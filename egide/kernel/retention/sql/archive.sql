-- The restricted archive: what statistics need of a file that has left the active base, under a number
-- drawn at random, its days at the month. No purpose of the site enters this schema. What outlives it
-- is in `anonymous`: rows that many files share, drawn again and shuffled.

CREATE SCHEMA IF NOT EXISTS archive;
REVOKE ALL ON SCHEMA archive FROM PUBLIC;

CREATE TABLE IF NOT EXISTS archive.file (
    id uuid PRIMARY KEY,
    system text NOT NULL,
    organisme_id uuid NOT NULL,
    kept_until date NOT NULL
);
CREATE INDEX IF NOT EXISTS file_kept_until ON archive.file (system, organisme_id, kept_until);

CREATE TABLE IF NOT EXISTS archive.anonymous (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    system text NOT NULL,
    organisme_id uuid NOT NULL,
    facts jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS anonymous_facts ON archive.anonymous (system, organisme_id, facts);

-- A whole month passed: the last day of a month that a clock leaves wholly behind it.
CREATE OR REPLACE FUNCTION archive.whole_month(until date) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT (date_trunc('month', until + 1) - interval '1 day')::date
$$;

CREATE OR REPLACE FUNCTION archive.coarse(value anyelement) RETURNS anyelement
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT value
$$;
CREATE OR REPLACE FUNCTION archive.coarse(value date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT date_trunc('month', value)::date
$$;
CREATE OR REPLACE FUNCTION archive.coarse(value daterange) RETURNS daterange
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN isempty(value) THEN value ELSE daterange(
        date_trunc('month', lower(value))::date,
        (date_trunc('month', upper(value) - 1) + interval '1 month')::date) END
$$;
