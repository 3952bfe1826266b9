-- What a run withholds is a part of each payment, to repay what was notified to its payee (CASF
-- D. 232-31). Whoever prepares writes it: it is found again when the run is validated, within the
-- share of the law and within what is left of the debts. What a debtor repaid by itself is recorded by
-- control alone, within what is left too. The owner's upkeep is not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_withheld() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    -- A limit, hence rounded down; that of the month of the run, as the run was computed.
    IF EXISTS (SELECT FROM changed c JOIN public.apa_ash_paiement p ON p.lot_id = c.id
            WHERE c.etat = 'valide' AND NOT p.ecarte AND p.retenue > 0
                AND NOT coalesce(p.retenue <= trunc(
                    p.montant_brut * access.figure_on('apa_ash', 'retenue', c.mois), 2), false)) THEN
        RAISE EXCEPTION 'apa_ash: a run withholds no more of a payment than its share'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_withheld_within_its_share';
    END IF;
    -- Before the debts count it: what is left of them is what this run, and no other, may withhold.
    IF EXISTS (SELECT FROM (
            SELECT p.dossier_id, p.prestataire_id, sum(p.retenue) AS retenue
            FROM changed c JOIN public.apa_ash_paiement p ON p.lot_id = c.id
            WHERE c.etat = 'valide' AND NOT p.ecarte AND p.retenue > 0
            GROUP BY p.dossier_id, p.prestataire_id) k
        WHERE k.retenue > coalesce((
            SELECT sum(i.montant - i.retire - i.recouvre - i.remis) FROM public.apa_ash_indu i
            WHERE i.dossier_id = k.dossier_id AND i.etat = 'notifie'
                AND i.prestataire_id IS NOT DISTINCT FROM k.prestataire_id), 0)) THEN
        RAISE EXCEPTION 'apa_ash: a run withholds no more than what is left of the debts of a payee'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_withheld_of_its_debts';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER withheld AFTER UPDATE ON public.apa_ash_lotpaiement
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_withheld();

-- One debt is held while a repayment is added to it: two at once would both fit in what is left. What
-- was received and is not counted yet is not left either.
CREATE OR REPLACE FUNCTION apa_ash.keep_received() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_indu record;
    v_received numeric;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    SELECT etat, constate_on, montant - retire - remis AS du, recouvre INTO v_indu
        FROM public.apa_ash_indu
        WHERE id = NEW.indu_id AND dossier_id = NEW.dossier_id FOR UPDATE;
    SELECT coalesce(sum(r.montant), 0) INTO v_received
        FROM public.apa_ash_remboursement r WHERE r.indu_id = NEW.indu_id;
    IF v_indu.etat IS DISTINCT FROM 'notifie'
       OR NEW.montant > v_indu.du - greatest(v_indu.recouvre, v_received) THEN
        RAISE EXCEPTION 'apa_ash: what is repaid is a debt that was notified, within what is left'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'remboursement_within_what_is_left';
    END IF;
    IF NOT coalesce(NEW.recu_on BETWEEN v_indu.constate_on AND access.today(), false) THEN
        RAISE EXCEPTION 'apa_ash: a repayment comes after its debt was found, and not tomorrow'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'remboursement_in_its_time';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER received BEFORE INSERT ON public.apa_ash_remboursement
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_received();
