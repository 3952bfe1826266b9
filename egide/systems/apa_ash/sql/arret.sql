-- What stops a payment ends by what the law ends it by: a suspension by the decision that resumes it
-- (CASF R. 232-16), a stay by its discharge (R. 232-32), a death by the decision that undoes it. Erased
-- alone, it would pay a person who is dead, in hospital or suspended, and nobody would have decided it.
-- The owner's upkeep is not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_interruption() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM before b LEFT JOIN after a ON a.id = b.id
            WHERE (a.dossier_id, a.nature, a.motif, a.mise_en_demeure_on)
                IS DISTINCT FROM (b.dossier_id, b.nature, b.motif, b.mise_en_demeure_on)) THEN
        RAISE EXCEPTION 'apa_ash: what stopped a payment, and the notice before it, are written once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'interruption_written_once';
    END IF;
    -- The discharge is recorded once, and is no day to come.
    IF EXISTS (SELECT FROM before b JOIN after a ON a.id = b.id
            WHERE a.nature <> 'suspension' AND a.periode <> b.periode
                AND NOT coalesce(upper_inf(b.periode) AND lower(a.periode) = lower(b.periode)
                    AND upper(a.periode) <= access.today(), false)) THEN
        RAISE EXCEPTION 'apa_ash: a stay ends by its discharge'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'interruption_ended_by_a_discharge';
    END IF;
    -- Put right before it began, a suspension has covered no day.
    IF EXISTS (SELECT FROM before b JOIN after a ON a.id = b.id
            WHERE a.nature = 'suspension' AND a.periode <> b.periode AND NOT EXISTS (
                SELECT FROM public.apa_ash_decision d
                WHERE (d.dossier_id, d.nature) = (a.dossier_id, 'reprise')
                    AND d.prise_on >= access.today() - 1 AND upper_inf(b.periode)
                    AND CASE WHEN isempty(a.periode) THEN d.effet_on = lower(b.periode)
                        ELSE a.periode = daterange(lower(b.periode), d.effet_on) END)) THEN
        RAISE EXCEPTION 'apa_ash: a suspension ends by the decision that resumes the payment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'interruption_ended_by_a_decision';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ended_by_a_decision AFTER UPDATE ON public.apa_ash_interruption
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_interruption();

CREATE OR REPLACE FUNCTION apa_ash.keep_deces() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM before b JOIN after a ON a.id = b.id
            WHERE a.deces_on IS DISTINCT FROM b.deces_on AND NOT EXISTS (
                SELECT FROM public.apa_ash_decision d
                LEFT JOIN public.apa_ash_decision u
                    ON (u.id, u.dossier_id) = (d.annule_id, d.dossier_id)
                WHERE d.dossier_id = a.dossier_id AND d.prise_on >= access.today() - 1
                    AND CASE WHEN b.deces_on IS NULL
                        THEN (d.nature, d.effet_on) = ('fin', a.deces_on) AND d.avant IS NOT NULL
                        ELSE a.deces_on IS NULL AND d.nature = 'annulation'
                            AND u.effet_on = b.deces_on END)) THEN
        RAISE EXCEPTION 'apa_ash: a death is recorded, and undone, by a decision'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identite_death_by_a_decision';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER death_by_a_decision AFTER UPDATE ON public.apa_ash_identite
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_deces();
