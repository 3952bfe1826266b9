-- What is paid upon invoices (CASF R. 232-15, D. 232-9-1, D. 232-9-2, D. 232-33). The lines of a plan
-- that was sent do not change, as those of the month; an invoice is signed by whoever enters it, rests
-- on what was granted, stays within it, and is withdrawn rather than written again; a run pays what
-- the invoice says, once. The owner's upkeep is not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE TRIGGER frozen_once_sent BEFORE INSERT OR UPDATE OR DELETE
    ON public.apa_ash_aideponctuelle FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_sent_lines();

-- A relay is granted, or refused, by a decision of its own kind; afterwards only its end is written.
CREATE OR REPLACE FUNCTION apa_ash.keep_relais() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.etat <> 'demande' THEN
            RAISE EXCEPTION 'apa_ash: a relay begins as a request'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'relais_begins_as_a_request';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.etat <> NEW.etat AND NOT coalesce(NEW.etat = ANY (CASE OLD.etat
            WHEN 'demande' THEN ARRAY['accorde', 'refuse']
            WHEN 'accorde' THEN ARRAY['clos'] END), false)
       OR OLD.etat <> 'demande' AND (OLD.decision_id, OLD.plafond, OLD.retenu, OLD.justificatif,
            OLD.justifie_on) IS DISTINCT FROM (NEW.decision_id, NEW.plafond, NEW.retenu,
            NEW.justificatif, NEW.justifie_on)
       OR OLD.etat IN ('refuse', 'clos') AND OLD.sortie_on IS DISTINCT FROM NEW.sortie_on THEN
        RAISE EXCEPTION 'apa_ash: what was decided of a relay does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'relais_frozen_once_decided';
    END IF;
    -- A discharge recorded late would keep what was entered since, for a stay that was over.
    IF NEW.sortie_on IS DISTINCT FROM OLD.sortie_on THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('apa_ash.facture ' || NEW.dossier_id, 0));
        IF EXISTS (SELECT FROM public.apa_ash_facture f
                WHERE f.relais_id = NEW.id AND f.retiree_on IS NULL AND f.depense_on > NEW.sortie_on
                    AND NOT EXISTS (SELECT FROM public.apa_ash_paiement p
                        WHERE p.facture_id = f.id AND p.verse_on IS NOT NULL)) THEN
            RAISE EXCEPTION 'apa_ash: the invoices after a discharge are withdrawn first'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'relais_ends_before_its_invoices';
        END IF;
    END IF;
    -- Its own: what was proposed of one relay grants no other.
    IF NEW.decision_id IS DISTINCT FROM OLD.decision_id AND NOT EXISTS (
            SELECT FROM public.apa_ash_decision d
            JOIN public.apa_ash_projetdecision p ON p.id = d.id
            WHERE d.id = NEW.decision_id AND d.dossier_id = NEW.dossier_id AND p.relais_id = NEW.id
                AND d.nature = CASE NEW.etat WHEN 'accorde' THEN 'relais' ELSE 'refus_relais' END)
    THEN
        RAISE EXCEPTION 'apa_ash: a relay rests on a decision of its kind'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'relais_rests_on_its_decision';
    END IF;
    -- The ceiling that a decision writes is that of the law on the first day of the stay (D. 232-9-2).
    IF NEW.plafond IS DISTINCT FROM OLD.plafond AND (NEW.plafond IS DISTINCT FROM
            access.figure_on('apa_ash', 'relais', NEW.entree_on) OR NEW.retenu > NEW.cout) THEN
        RAISE EXCEPTION 'apa_ash: a relay stays within the ceiling of its first day, and its cost'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'relais_within_the_ceiling';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER decided BEFORE INSERT OR UPDATE ON public.apa_ash_relais
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_relais();

CREATE OR REPLACE FUNCTION apa_ash.keep_facture() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_granted numeric;
    v_used numeric;
    v_repit boolean := false;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF access.is_job() THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'apa_ash: an invoice is withdrawn, it is not deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'facture_kept';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        -- Not beside the run that pays it: keep_owed waits for the same.
        PERFORM pg_advisory_xact_lock(hashtextextended('apa_ash.emission ' || NEW.service_id, 0));
        IF OLD.retiree_on IS NOT NULL OR to_jsonb(OLD) - 'retiree_on' - 'retrait'
              IS DISTINCT FROM to_jsonb(NEW) - 'retiree_on' - 'retrait'
           OR EXISTS (SELECT FROM public.apa_ash_paiement p
                WHERE p.facture_id = NEW.id AND p.verse_on IS NOT NULL) THEN
            RAISE EXCEPTION 'apa_ash: an invoice is only withdrawn, and before it is paid'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'facture_frozen';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.saisie_par_id IS DISTINCT FROM access.agent() OR NEW.retiree_on IS NOT NULL
       OR NEW.saisie_on NOT BETWEEN access.today() - 1 AND access.today() THEN
        RAISE EXCEPTION 'apa_ash: an invoice is signed by the agent who enters it, on the day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'facture_signed';
    END IF;
    -- The person takes part at the rate of the right of that day at the least, whoever is paid.
    IF NEW.depense_on > access.today() OR NOT EXISTS (
            SELECT FROM public.apa_ash_droit d
            WHERE d.id = NEW.droit_id AND d.dossier_id = NEW.dossier_id AND NOT d.forfait
                AND d.periode @> NEW.depense_on
                AND NEW.taux_participation >= d.taux_participation) THEN
        RAISE EXCEPTION 'apa_ash: an invoice is shared as the right of its day says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'facture_of_the_right_of_its_day';
    END IF;
    IF NEW.prestataire_id IS NOT NULL AND NOT coalesce(NEW.prestataire_id = CASE
            WHEN NEW.relais_id IS NOT NULL THEN (SELECT r.prestataire_id
                FROM public.apa_ash_relais r WHERE r.id = NEW.relais_id)
            ELSE (SELECT a.prestataire_id FROM public.apa_ash_aideponctuelle a
                WHERE a.id = NEW.aide_id) END, false) THEN
        RAISE EXCEPTION 'apa_ash: an invoice pays the service that was granted, or the person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'facture_of_its_service';
    END IF;
    -- Two invoices entered at once would each find what the other takes.
    PERFORM pg_advisory_xact_lock(hashtextextended('apa_ash.facture ' || NEW.dossier_id, 0));
    IF NEW.relais_id IS NOT NULL THEN
        SELECT r.retenu INTO v_granted FROM public.apa_ash_relais r
            WHERE r.id = NEW.relais_id AND r.dossier_id = NEW.dossier_id
                AND r.etat IN ('accorde', 'clos')
                AND NEW.depense_on BETWEEN r.entree_on AND coalesce(r.sortie_on, 'infinity');
    ELSE
        SELECT a.montant, a.nature = 'repit' INTO v_granted, v_repit
            FROM public.apa_ash_aideponctuelle a
            WHERE a.id = NEW.aide_id AND a.dossier_id = NEW.dossier_id
                AND a.plan_id = (SELECT d.plan_id FROM public.apa_ash_decision d
                    WHERE d.dossier_id = NEW.dossier_id AND d.nature = 'accord'
                        AND d.plan_id IS NOT NULL AND d.effet_on <= NEW.depense_on
                    ORDER BY d.effet_on DESC, d.prise_on DESC LIMIT 1);
    END IF;
    SELECT coalesce(sum(f.retenu), 0) INTO v_used FROM public.apa_ash_facture f
        WHERE f.retiree_on IS NULL AND f.relais_id IS NOT DISTINCT FROM NEW.relais_id
            AND f.aide_id IS NOT DISTINCT FROM NEW.aide_id
            -- The répit is granted for each calendar year.
            AND (NOT v_repit
                OR date_trunc('year', f.depense_on) = date_trunc('year', NEW.depense_on));
    -- Whatever the plan says: the répit of a year (D. 232-9-1), or the instalments that may be grouped
    -- (D. 232-33), as they are on the day of the expense.
    IF NOT coalesce(NEW.retenu + v_used <= access.figure_on('apa_ash',
            CASE WHEN v_repit THEN 'repit' ELSE 'facture' END, NEW.depense_on), false) THEN
        RAISE EXCEPTION 'apa_ash: invoices stay within the ceiling of their day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'facture_within_the_ceiling';
    END IF;
    IF NEW.retenu + v_used > coalesce(v_granted, 0) THEN
        RAISE EXCEPTION 'apa_ash: an invoice stays within what was granted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'facture_within_what_was_granted';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER granted BEFORE INSERT OR UPDATE OR DELETE ON public.apa_ash_facture
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_facture();
-- What a run pays of an invoice is looked at with what it owes: keep_owed, in paiement.sql.
