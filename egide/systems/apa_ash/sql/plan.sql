-- A plan that was sent to the person is what the person answers to (CASF R. 232-7, II): neither it nor
-- its lines change any more. The owner's upkeep (demonstration data, purge) is not concerned; it works
-- under no purpose. The functions run with the rights of the caller: a plan that the caller's rows do
-- not hold counts as sent, so that the refusal is the answer to any doubt.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_sent_lines() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_plan uuid;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole
            OR TG_OP = 'DELETE' AND access.is_job() THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    FOREACH of_plan IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.plan_id]
        WHEN 'DELETE' THEN ARRAY[OLD.plan_id]
        ELSE ARRAY[OLD.plan_id, NEW.plan_id] END
    LOOP
        -- Held until the end: a sending under way is waited for, then seen; a later one waits.
        PERFORM FROM public.apa_ash_planaide p
            WHERE p.id = of_plan AND p.etat = 'brouillon' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'apa_ash: the lines of a plan that was sent do not change'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ligne_plan_frozen_once_sent';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER frozen_once_sent BEFORE INSERT OR UPDATE OR DELETE
    ON public.apa_ash_ligneplan FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_sent_lines();

-- A plan begins as a draft that nobody has sent or answered, and on which no refusal is written yet:
-- what follows is a change of state.
CREATE OR REPLACE FUNCTION apa_ash.begin_as_draft() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF (NEW.etat, NEW.envoye_on, NEW.reponse_on, NEW.observations, NEW.refus_prestataire_on,
        NEW.refus_prestataire_par_id)
       IS DISTINCT FROM ('brouillon'::varchar, NULL::date, NULL::date, ''::text, NULL::date,
        NULL::uuid) THEN
        RAISE EXCEPTION 'apa_ash: a plan begins as a draft'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_aide_begins_as_draft';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER begins_as_draft BEFORE INSERT
    ON public.apa_ash_planaide FOR EACH ROW EXECUTE FUNCTION apa_ash.begin_as_draft();

-- The states that follow one another; what was sent keeps its GIR, its days and its definitive mark;
-- what was answered keeps its answer. In GIR 1 or 2 the person alone sets the service prestataire
-- aside, in writing (CASF R. 232-12, R. 232-13): without it a plan with another employer is not sent.
CREATE OR REPLACE FUNCTION apa_ash.keep_sent_plan() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF OLD.etat <> NEW.etat AND NOT coalesce(NEW.etat = ANY (CASE OLD.etat
            WHEN 'brouillon' THEN ARRAY['propose', 'sans_suite']
            WHEN 'propose' THEN ARRAY['accepte', 'refuse', 'sans_suite']
            WHEN 'accepte' THEN ARRAY['sans_suite']
            END), false) THEN
        RAISE EXCEPTION 'apa_ash: a plan does not go from % to %', OLD.etat, NEW.etat
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_aide_states';
    END IF;
    IF NEW.etat = 'propose' AND NEW.envoye_on IS NULL THEN
        RAISE EXCEPTION 'apa_ash: a proposed plan has the day it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_aide_sent_has_a_day';
    END IF;
    IF OLD.etat <> 'brouillon'
       AND (OLD.gir, OLD.effet_on, OLD.envoye_on, OLD.definitif, OLD.dossier_id,
            OLD.refus_prestataire_on, OLD.refus_prestataire_par_id)
           IS DISTINCT FROM (NEW.gir, NEW.effet_on, NEW.envoye_on, NEW.definitif, NEW.dossier_id,
            NEW.refus_prestataire_on, NEW.refus_prestataire_par_id)
    THEN
        RAISE EXCEPTION 'apa_ash: a plan that was sent does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_aide_frozen_once_sent';
    END IF;
    -- The days of the person run from the sending, and her answer follows it: neither is dated back.
    IF OLD.envoye_on IS DISTINCT FROM NEW.envoye_on
       AND NOT coalesce(NEW.envoye_on BETWEEN access.today() - 1 AND access.today(), false)
       OR OLD.reponse_on IS DISTINCT FROM NEW.reponse_on
       AND NOT coalesce(NEW.reponse_on BETWEEN NEW.envoye_on AND access.today(), false) THEN
        RAISE EXCEPTION 'apa_ash: a plan leaves on its day, and is answered between then and now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_aide_days';
    END IF;
    -- Refused without an answer, by silence: its ten days run from a proposal that was posted, or from
    -- seven days before it was said so, as jours_pour_noter_un_depot says: a test compares them.
    IF NEW.etat = 'refuse' AND OLD.etat = 'propose' AND NEW.reponse_on IS NULL
       AND NOT EXISTS (SELECT FROM public.apa_ash_courrier c
            WHERE (c.dossier_id, c.nature, c.cree_on)
                    = (NEW.dossier_id, 'proposition_plan', NEW.envoye_on)
                AND greatest(c.poste_on, c.poste_constate_on - 7) + 10 < access.today()) THEN
        RAISE EXCEPTION 'apa_ash: silence is that of ten days since the proposal was posted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_aide_refused_by_silence';
    END IF;
    IF NEW.refus_prestataire_on IS NOT NULL
       AND (OLD.refus_prestataire_on, OLD.refus_prestataire_par_id)
           IS DISTINCT FROM (NEW.refus_prestataire_on, NEW.refus_prestataire_par_id)
       AND NEW.refus_prestataire_par_id IS DISTINCT FROM access.agent() THEN
        RAISE EXCEPTION 'apa_ash: a refusal is signed by the agent who records it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_aide_refus_signed';
    END IF;
    IF OLD.etat = 'brouillon' AND NEW.etat = 'propose' AND NEW.gir IN (1, 2)
       AND NEW.refus_prestataire_on IS NULL
       AND EXISTS (SELECT FROM public.apa_ash_ligneplan l
                   WHERE l.plan_id = NEW.id AND l.mode IN ('gre_a_gre', 'mandataire')) THEN
        RAISE EXCEPTION 'apa_ash: in GIR 1 or 2 another employer needs the written refusal'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_aide_refus_before_sending';
    END IF;
    IF (OLD.reponse_on IS NOT NULL OR OLD.etat NOT IN ('brouillon', 'propose'))
       AND (OLD.reponse_on, OLD.observations) IS DISTINCT FROM (NEW.reponse_on, NEW.observations)
    THEN
        RAISE EXCEPTION 'apa_ash: an answer that was recorded does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_aide_frozen_once_answered';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER frozen_once_sent BEFORE UPDATE
    ON public.apa_ash_planaide FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_sent_plan();
