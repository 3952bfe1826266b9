-- What a habilitation may be, whoever writes it and from wherever: roles to keep apart meet with a
-- reason only, a period neither starts in the past nor outlasts three years, and a withdrawal is of
-- the day. The owner's own session (migrations, demonstration) is not held to it.

CREATE TABLE IF NOT EXISTS access.separation (
    system text NOT NULL,
    role text NOT NULL,
    other text NOT NULL,
    PRIMARY KEY (system, role, other)
);

CREATE OR REPLACE FUNCTION access.keep_habilitation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    today date := access.today();
    broken text;
BEGIN
    IF session_user = current_user AND current_setting('role') = 'none' THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE' THEN
        broken := CASE
            WHEN NEW.revoked_at IS DISTINCT FROM OLD.revoked_at AND (OLD.revoked_at IS NOT NULL
                OR (NEW.revoked_at AT TIME ZONE 'Europe/Paris')::date <> today)
                THEN 'habilitation_revoked_once_today'
            WHEN NEW.confirmed_on <> OLD.confirmed_on
                AND (OLD.revoked_at IS NOT NULL OR NEW.confirmed_on <> today)
                THEN 'habilitation_confirmed_today' END;
    ELSE
        -- Two grants to one agent wait for each other: each would find the other absent.
        PERFORM pg_advisory_xact_lock(access.grants_to(NEW.agent_id));
        broken := CASE
            WHEN lower(NEW.periode) < today THEN 'habilitation_not_backdated'
            -- Three years of at most 366 days, and the day after the last.
            WHEN upper(NEW.periode) - lower(NEW.periode) > 3 * 366 + 1 THEN 'habilitation_three_years'
            WHEN NEW.revoked_at IS NOT NULL OR NEW.confirmed_on <> today
                OR (NEW.granted_at AT TIME ZONE 'Europe/Paris')::date <> today
                THEN 'habilitation_granted_today'
            WHEN btrim(NEW.cumul_motif) = '' AND EXISTS (
                SELECT FROM public.access_habilitation h JOIN access.separation s
                    ON s.system = h.system AND s.role = NEW.role AND s.other = h.role
                WHERE h.agent_id = NEW.agent_id AND h.system = NEW.system AND h.revoked_at IS NULL
                    AND h.periode && NEW.periode) THEN 'habilitation_cumul_has_a_motif' END;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'access: %', broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER keep_habilitation BEFORE INSERT OR UPDATE ON public.access_habilitation
    FOR EACH ROW EXECUTE FUNCTION access.keep_habilitation();

-- The lock under which an agent is granted anything, the same for the screen and for the trigger.
CREATE OR REPLACE FUNCTION access.grants_to(p_agent uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT hashtextextended('habilitation ' || p_agent, 0)
$$;
