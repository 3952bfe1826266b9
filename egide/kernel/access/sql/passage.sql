-- Who is asking, verified by PostgreSQL itself: the passage is a statement signed by the application
-- (HMAC-SHA-256, RFC 2104), read from a setting. Code that can set a variable cannot sign one, and a
-- passage is worth nothing under another purpose role than the one it names, nor over another
-- connection than the one it was made for.

CREATE SCHEMA IF NOT EXISTS access;
REVOKE ALL ON SCHEMA access FROM PUBLIC;

CREATE TABLE IF NOT EXISTS access.signing_key (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL
);

CREATE TABLE IF NOT EXISTS access.role_purpose (
    system text NOT NULL,
    role text NOT NULL,
    purpose_role text NOT NULL,
    PRIMARY KEY (purpose_role, system, role)
);

CREATE TABLE IF NOT EXISTS access.job (role_name text PRIMARY KEY);

CREATE TABLE IF NOT EXISTS access.compiled (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    declarations text NOT NULL,
    state text NOT NULL
);

-- The signed statement, or no row: wrong signature, expired, malformed or absent are all the same.
CREATE OR REPLACE FUNCTION access.statement()
RETURNS TABLE (agent_id uuid, session text, purpose_role text, passage_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    raw text := current_setting('egide.passage', true);
    part text[];
    body bytea;
    signing access.signing_key;
BEGIN
    -- A guard that locks, then looks, must see what the others have just committed.
    IF current_setting('transaction_isolation') <> 'read committed' THEN RETURN; END IF;
    part := string_to_array(raw, '|');
    IF array_length(part, 1) IS DISTINCT FROM 7 THEN RETURN; END IF;
    SELECT * INTO signing FROM access.signing_key;
    body := convert_to(array_to_string(part[1:6], '|'), 'UTF8');
    IF encode(sha256(signing.outer_pad || sha256(signing.inner_pad || body)), 'hex')
       IS DISTINCT FROM part[7] THEN RETURN; END IF;
    IF part[5]::bigint < extract(epoch FROM clock_timestamp()) THEN RETURN; END IF;
    IF part[6]::integer <> pg_backend_pid() THEN RETURN; END IF;
    agent_id := part[1]::uuid;
    session := part[2];
    purpose_role := part[3];
    passage_id := part[4]::uuid;
    RETURN NEXT;
END $$;

-- The habilitations in force that let this agent act for this purpose. An organisme without its
-- engagement de conformité opens nothing (CNIL 2017-142, introduction).
CREATE OR REPLACE FUNCTION access.openings()
RETURNS TABLE (habilitation_id uuid, service_id uuid, organisme_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT h.id, hs.service_id, s.organisme_id
    FROM access.statement() p
    JOIN public.access_agent a ON a.id = p.agent_id AND a.is_active
    JOIN public.access_habilitation h ON h.agent_id = a.id AND h.revoked_at IS NULL
        AND h.organisme_id = a.organisme_id
        AND h.periode @> (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date
    JOIN access.role_purpose rp
        ON rp.system = h.system AND rp.role = h.role AND rp.purpose_role = p.purpose_role
    JOIN public.access_habilitationservice hs ON hs.habilitation_id = h.id
        AND hs.organisme_id = a.organisme_id
    JOIN public.access_service s ON s.id = hs.service_id AND s.organisme_id = a.organisme_id
    JOIN public.access_organisme o ON o.id = a.organisme_id
        AND o.engagement_conformite_on <= (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date
    WHERE p.purpose_role = current_setting('role', true)
$$;

CREATE OR REPLACE FUNCTION access.services() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(DISTINCT service_id) FROM access.openings()
$$;

CREATE OR REPLACE FUNCTION access.organismes() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(DISTINCT organisme_id) FROM access.openings()
$$;

-- The same for some of the roles of the purpose. A purpose is shared by several: the row policies ask
-- the services where the agent plays one of those that the verb is declared for, so that who may read
-- a row for a purpose does not write it under another's role.
CREATE OR REPLACE FUNCTION access.services(p_roles text[]) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(DISTINCT o.service_id) FROM access.openings() o
    JOIN public.access_habilitation h ON h.id = o.habilitation_id AND h.role = ANY (p_roles)
$$;

CREATE OR REPLACE FUNCTION access.organismes(p_roles text[]) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(DISTINCT o.organisme_id) FROM access.openings() o
    JOIN public.access_habilitation h ON h.id = o.habilitation_id AND h.role = ANY (p_roles)
$$;

-- Nobody grants, widens or confirms a habilitation of their own, nor in somebody else's name: the
-- row policies `never_own` ask these two.
CREATE OR REPLACE FUNCTION access.agent() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT agent_id FROM access.statement()
$$;

CREATE OR REPLACE FUNCTION access.holder(p_habilitation uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT agent_id FROM public.access_habilitation WHERE id = p_habilitation
$$;

-- The owner's own work (migrations, demonstration data) says so; it is not reachable from a purpose.
CREATE OR REPLACE FUNCTION access.maintenance() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(current_setting('egide.maintenance', true) = 'on', false)
$$;

-- The day on which everybody works. Asked in one place, so that a dated test may stand on another day.
CREATE OR REPLACE FUNCTION access.today() RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date
$$;

-- A job runs under a role that no login of the site may become; it destroys what triggers freeze.
CREATE OR REPLACE FUNCTION access.is_job() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM access.job j WHERE j.role_name = current_setting('role', true))
$$;
