-- Nobody remits what they found, or asked to remit (CGCT L. 3221-3): control asks the remission of a debt
-- that was notified; whoever holds the delegation on the service decides, once, on the day, in their own
-- name, and grants no more than what is left. A withdrawal is asked and decided alike, whatever was repaid
-- or remitted of the debt since, and withdraws no more than what is owed. The owner's upkeep is not concerned, as in plan.sql.
-- Midnight may overtake an act: its eve is let through.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_remise() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_indu record;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    SELECT i.* INTO v_indu FROM (
        SELECT etat, constate_on, constate_par_id,
            montant - retire - CASE NEW.nature WHEN 'remise' THEN recouvre + remis ELSE 0 END AS reste
        FROM public.apa_ash_indu WHERE id = NEW.indu_id) i;
    IF coalesce(v_indu.etat, '') <> 'notifie'
       AND NOT (NEW.nature = 'retrait' AND coalesce(v_indu.etat IN ('recouvre', 'remis'), false)) THEN
        RAISE EXCEPTION 'apa_ash: what is remitted or withdrawn is a debt that was notified, not settled'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'remise_of_a_notified_debt';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.etat <> 'demandee'
           OR NEW.demandee_on NOT BETWEEN v_indu.constate_on AND access.today() THEN
            RAISE EXCEPTION 'apa_ash: a remission begins asked, after its debt and not tomorrow'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'remise_begins_asked';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.etat <> 'demandee' OR NEW.etat = 'demandee'
       OR NEW.decidee_par_id IS DISTINCT FROM access.agent()
       OR NOT coalesce(NEW.decidee_on BETWEEN access.today() - 1 AND access.today(), false) THEN
        RAISE EXCEPTION 'apa_ash: a remission is decided once, on the day, by whoever acts'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'remise_decided_once';
    END IF;
    IF v_indu.constate_par_id = access.agent() OR OLD.demandee_par_id = access.agent()
       OR NOT access.plays('responsable', NEW.service_id) THEN
        RAISE EXCEPTION 'apa_ash: a remission is decided by delegation, by another agent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'remise_decided_by_another';
    END IF;
    IF NEW.montant > v_indu.reste THEN
        RAISE EXCEPTION 'apa_ash: no more is remitted than what is left of a debt'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'remise_within_what_is_left';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER decided BEFORE INSERT OR UPDATE ON public.apa_ash_remise
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_remise();
