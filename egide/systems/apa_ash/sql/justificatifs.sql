-- What is asked of the person is asked on the day it is written, and awaited for a month at least (CASF
-- L. 232-7): dated back, it would put her late with what nobody asked. Its arrival is noted once: erased, it
-- would suspend a payment upon proofs that came. The month is that of production_justificatifs: a test
-- compares them. The owner's upkeep is not concerned, as in plan.sql; midnight may overtake an act.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_asked_proofs() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' AND (NEW.recue_on IS NOT NULL
            OR NEW.demandee_on NOT BETWEEN access.today() - 1 AND access.today()
            OR NEW.attendue_on < (NEW.demandee_on + interval '1 month')::date) THEN
        RAISE EXCEPTION 'apa_ash: proofs are asked on the day, and awaited for a month'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'justificatifs_asked_today';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.recue_on IS NOT NULL OR NEW.recue_on > access.today()) THEN
        RAISE EXCEPTION 'apa_ash: the arrival of proofs is noted once, and not tomorrow'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'justificatifs_received_once';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER asked_on_its_day AFTER INSERT OR UPDATE ON public.apa_ash_demandejustificatif
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_asked_proofs();
