-- The trail: written only through these functions, which take the agent from the verified passage.
-- Nobody but the owner holds a privilege on its tables; nothing updates or deletes a row: months are
-- dropped whole when their time has passed.

CREATE SCHEMA IF NOT EXISTS audit;
REVOKE ALL ON SCHEMA audit FROM PUBLIC;

CREATE TABLE IF NOT EXISTS audit.fieldset (
    id uuid PRIMARY KEY,
    fields text[] NOT NULL
);

CREATE TABLE IF NOT EXISTS audit.trail (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    system text NOT NULL,
    agent_id uuid,
    session text,
    habilitations uuid[] NOT NULL DEFAULT '{}',
    services uuid[] NOT NULL DEFAULT '{}',
    purpose text NOT NULL,
    passage_id uuid,
    verb text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('fait', 'refus')),
    subjects uuid[] NOT NULL DEFAULT '{}',
    targets text[] NOT NULL DEFAULT '{}',
    fieldset_id uuid REFERENCES audit.fieldset,
    motif text NOT NULL DEFAULT '',
    salt bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text, '-', ''), 'hex'),
    PRIMARY KEY (system, at, id)
) PARTITION BY LIST (system);

CREATE TABLE IF NOT EXISTS audit.change (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    system text NOT NULL,
    agent_id uuid,
    purpose text NOT NULL,
    passage_id uuid,
    model text NOT NULL,
    operation text NOT NULL,
    subjects uuid[] NOT NULL DEFAULT '{}',
    row_ids uuid[] NOT NULL DEFAULT '{}',
    fields text[] NOT NULL DEFAULT '{}',
    differences jsonb NOT NULL DEFAULT '{}',
    salt bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text, '-', ''), 'hex'),
    PRIMARY KEY (system, at, id)
) PARTITION BY LIST (system);

CREATE INDEX IF NOT EXISTS trail_subjects ON audit.trail USING gin (subjects);
CREATE INDEX IF NOT EXISTS trail_agent ON audit.trail (agent_id, at);
CREATE INDEX IF NOT EXISTS change_subjects ON audit.change USING gin (subjects);

-- No row is ever rewritten, by anyone who has not first dropped this trigger (which is drift).
CREATE OR REPLACE FUNCTION audit.refuse_rewrite() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'audit: % of the trail is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.trail
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.change
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();

CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON audit.trail
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_rewrite();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON audit.change
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_rewrite();

-- A partition per system and month, from the last month to a year ahead.
CREATE OR REPLACE FUNCTION audit.keep_partitions(systems text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind text; sys text; month date; parent text;
BEGIN
    FOREACH sys IN ARRAY systems LOOP
        FOREACH kind IN ARRAY ARRAY['trail', 'change'] LOOP
            parent := kind || '_' || sys;
            EXECUTE format('CREATE TABLE IF NOT EXISTS audit.%I PARTITION OF audit.%I'
                ' FOR VALUES IN (%L) PARTITION BY RANGE (at)', parent, kind, sys);
            FOR month IN SELECT generate_series(
                date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month',
                date_trunc('month', now() AT TIME ZONE 'UTC') + interval '12 months',
                interval '1 month')::date
            LOOP
                EXECUTE format('CREATE TABLE IF NOT EXISTS audit.%I PARTITION OF audit.%I'
                    ' FOR VALUES FROM (%L) TO (%L)', parent || '_' || to_char(month, 'YYYY_MM'), parent,
                    month::timestamp AT TIME ZONE 'UTC',
                    (month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            END LOOP;
        END LOOP;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION audit.fieldset_of(fields text[]) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Of the array and not of its joined text: {'a,b'} must not pass for {a, b}.
    key uuid := encode(substring(sha256(convert_to(to_jsonb(fields)::text, 'UTF8')) FOR 16), 'hex')::uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM audit.fieldset f WHERE f.id = key) THEN
        INSERT INTO audit.fieldset VALUES (key, fields) ON CONFLICT DO NOTHING;
    END IF;
    RETURN key;
END $$;

-- A purpose writes in the trail of its own system.
CREATE OR REPLACE FUNCTION audit.check_system(p_system text, p_purpose_role text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM access.role_purpose rp
                   WHERE rp.purpose_role = p_purpose_role AND rp.system = p_system) THEN
        RAISE EXCEPTION 'audit: another system' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- One act or one read. Without a valid passage nothing is written and the transaction stops: no
-- trail, no data.
CREATE OR REPLACE FUNCTION audit.record(
    p_system text, p_verb text, p_subjects uuid[], p_fields text[], p_motif text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    statement record; opening record;
BEGIN
    SELECT * INTO statement FROM access.statement();
    IF statement.agent_id IS NULL OR statement.purpose_role <> current_setting('role', true) THEN
        RAISE EXCEPTION 'audit: no valid passage' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM audit.check_system(p_system, statement.purpose_role);
    -- A line weighs on a file's history: none about a file that the passage does not reach. What was
    -- aimed at and refused is recorded by the function below, as words.
    IF NOT access.reaches(p_system, p_subjects) THEN
        RAISE EXCEPTION 'audit: a subject out of reach' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Nor of any weight: what acts and forms write is shorter, and nothing of the trail is erased.
    IF length(p_verb) > 100 OR length(p_motif) > 1100
       OR cardinality(p_fields) > 1000 OR length(p_fields::text) > 50000 THEN
        RAISE EXCEPTION 'audit: more words than a line holds'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'trail_line_bounded';
    END IF;
    SELECT coalesce(array_agg(DISTINCT habilitation_id), '{}') AS habilitations,
           coalesce(array_agg(DISTINCT service_id), '{}') AS services
        INTO opening FROM access.openings();
    INSERT INTO audit.trail (system, agent_id, session, habilitations, services, purpose,
        passage_id, verb, outcome, subjects, fieldset_id, motif)
    VALUES (p_system, statement.agent_id, statement.session, opening.habilitations,
        opening.services, statement.purpose_role, statement.passage_id, p_verb, 'fait',
        p_subjects, audit.fieldset_of(p_fields), p_motif);
END $$;

-- A refused attempt, recorded after its transaction was rolled back. The passage is still signed. It is
-- always written: of what is too long, the beginning.
CREATE OR REPLACE FUNCTION audit.record_refusal(p_system text, p_verb text, p_targets text[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    statement record;
BEGIN
    SELECT * INTO statement FROM access.statement();
    IF statement.agent_id IS NULL THEN
        RAISE EXCEPTION 'audit: no valid passage' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM audit.check_system(p_system, statement.purpose_role);
    INSERT INTO audit.trail (system, agent_id, session, purpose, passage_id, verb, outcome, targets)
    VALUES (p_system, statement.agent_id, statement.session, statement.purpose_role,
        statement.passage_id, left(p_verb, 100), 'refus',
        ARRAY(SELECT left(t, 100) FROM unnest(p_targets[1:1000]) t));
END $$;

-- Every changed row, bulk writes included. TG_ARGV: model, column of the subject, columns whose
-- values may be kept; of the others the trail keeps the name alone.
CREATE OR REPLACE FUNCTION audit.record_write() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    statement record;
    subject text := TG_ARGV[1];
    kept text[] := string_to_array(TG_ARGV[2], ' ');
    ids uuid[]; subjects uuid[]; changed text[]; differences jsonb := '{}';
    columns text; touched boolean := false;
BEGIN
    -- Rows written back as they were are no change: else one change could hide among them.
    EXECUTE format(
        'SELECT array_agg(r.id) FILTER (WHERE %2$s), array_agg(DISTINCT %1$s) FILTER (WHERE %2$s),'
            ' count(*) > 0 FROM %3$s',
        CASE WHEN subject = '' THEN 'NULL::uuid' ELSE format('r.%I', subject) END,
        CASE WHEN TG_OP = 'UPDATE' THEN 'r IS DISTINCT FROM o' ELSE 'true' END,
        CASE TG_OP WHEN 'UPDATE' THEN 'new_rows r LEFT JOIN old_rows o ON o.id = r.id'
            WHEN 'INSERT' THEN 'new_rows r' ELSE 'old_rows r' END
    ) INTO ids, subjects, touched;
    subjects := array_remove(subjects, NULL);
    IF ids IS NULL AND NOT touched THEN RETURN NULL; END IF;
    SELECT * INTO statement FROM access.statement();
    -- The statement that wrote may itself have changed these settings: upkeep is believed from the
    -- owner's own session alone, and the passage must still be the one of the role that writes.
    IF statement.agent_id IS NULL AND (NOT access.maintenance() OR session_user <> current_user)
       OR statement.agent_id IS NOT NULL
          AND statement.purpose_role IS DISTINCT FROM current_setting('role', true)
    THEN
        RAISE EXCEPTION 'audit: no valid passage' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF ids IS NULL THEN RETURN NULL; END IF;
    IF TG_OP = 'UPDATE' AND cardinality(ids) <= 100 THEN
        SELECT array_agg(DISTINCT field.key),
               coalesce(jsonb_object_agg(n.id || ' ' || field.key,
                   jsonb_build_array(to_jsonb(o) -> field.key, field.value))
                   FILTER (WHERE field.key = ANY (kept)), '{}')
            INTO changed, differences
            FROM new_rows n LEFT JOIN old_rows o ON o.id = n.id, jsonb_each(to_jsonb(n)) field
            WHERE to_jsonb(o) -> field.key IS DISTINCT FROM field.value AND n.id = ANY (ids);
    ELSIF TG_OP = 'UPDATE' THEN
        -- A bulk write keeps no values, but names every column that it changed, in whichever row.
        SELECT string_agg(format('CASE WHEN bool_or(n.%1$I IS DISTINCT FROM o.%1$I) THEN %1$L END',
                                 a.attname), ', ')
            INTO columns FROM pg_attribute a
            WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped;
        EXECUTE format('SELECT array_remove(ARRAY[%s], NULL) FROM new_rows n'
            ' LEFT JOIN old_rows o ON o.id = n.id', columns) INTO changed;
    END IF;
    INSERT INTO audit.change (system, agent_id, purpose, passage_id, model, operation, subjects,
        row_ids, fields, differences)
    VALUES (split_part(TG_ARGV[0], '.', 1), statement.agent_id,
        coalesce(statement.purpose_role, 'maintenance'), statement.passage_id, TG_ARGV[0], TG_OP,
        coalesce(subjects, '{}'), ids, coalesce(changed, '{}'), differences);
    RETURN NULL;
END $$;

-- Who consulted a file: for those alone whose passage reaches it. Reading this is a reading, whoever
-- calls: it leaves its own line, after those that it gives.
CREATE OR REPLACE FUNCTION audit.readers(p_subject uuid)
RETURNS TABLE (at timestamptz, agent text, fonction text, purpose text, verb text, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_system text;
BEGIN
    SELECT rp.system INTO v_system FROM access.role_purpose rp
        WHERE rp.purpose_role = (SELECT s.purpose_role FROM access.statement() s) LIMIT 1;
    IF NOT access.reaches(v_system, ARRAY[p_subject]) THEN RETURN; END IF;
    -- One row an agent and a day, so that nobody pushes the others out of sight by many lines.
    RETURN QUERY
        WITH lines AS (
            SELECT max(t.at) AS at, t.agent_id, (t.at AT TIME ZONE 'Europe/Paris')::date AS day,
                t.purpose, t.verb, t.outcome, count(*) AS times
            FROM audit.trail t
            WHERE t.system = v_system AND t.subjects @> ARRAY[p_subject]
                AND t.at > now() - interval '6 months'
            GROUP BY t.agent_id, day, t.purpose, t.verb, t.outcome
        ), days AS (
            SELECT max(l.at) AS at, l.agent_id, l.purpose, l.outcome, count(*) AS verbs,
                array_agg(left(l.verb, 100) || CASE WHEN l.times > 1 THEN ' (' || l.times || ' fois)' ELSE '' END
                    ORDER BY l.at DESC) AS done
            FROM lines l GROUP BY l.agent_id, l.day, l.purpose, l.outcome
        )
        SELECT d.at, a.prenom || ' ' || a.nom, a.fonction::text, d.purpose,
            array_to_string(d.done[1:20], ', ')
                || CASE WHEN d.verbs > 20 THEN ' et ' || d.verbs - 20 || ' autres' ELSE '' END,
            d.outcome
        FROM days d JOIN public.access_agent a ON a.id = d.agent_id ORDER BY d.at DESC, a.id;
    PERFORM audit.record(v_system, 'lire qui a consulté', ARRAY[p_subject],
        '{trail.at,trail.agent,trail.purpose,trail.verb,trail.outcome}', '');
END $$;
