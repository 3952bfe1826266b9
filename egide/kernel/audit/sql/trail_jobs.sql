-- What the instance does by itself, and when it last did: nothing here is about anybody. The queue has
-- a schema of its own, that the worker fills and no role enters.

CREATE SCHEMA IF NOT EXISTS jobs;
REVOKE ALL ON SCHEMA jobs FROM PUBLIC;

CREATE TABLE IF NOT EXISTS audit.job_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job text NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seconds numeric(10, 3) NOT NULL,
    done boolean NOT NULL
);
-- How many lines it sealed, files it destroyed, months it dropped: a run that did nothing is kept no
-- longer than the next one.
ALTER TABLE audit.job_run ADD COLUMN IF NOT EXISTS effect bigint NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS job_run_last ON audit.job_run (job, ended_at DESC);

-- The last success of each job, and whether it failed since.
CREATE OR REPLACE FUNCTION audit.last_runs()
RETURNS TABLE (job text, done_at timestamptz, failed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.job, max(r.ended_at) FILTER (WHERE r.done), max(r.ended_at) FILTER (WHERE NOT r.done)
    FROM audit.job_run r WHERE access.organismes() IS NOT NULL GROUP BY r.job ORDER BY r.job
$$;
