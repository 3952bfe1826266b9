-- What becomes of an excess payment (CASF L. 232-25, D. 232-31). Control records, proposes to notify,
-- gives up below the threshold and drops what is not owed; the head of the service signs; payment only counts what it withholds and takes it off again; instruction
-- withdraws what an undone death had opened, and takes off what a remission, or a withdrawal, grants
-- (remise.sql): what was found never changes, what is owed is what is left of it. Which
-- of them is asking is read from what it may write: no purpose has the columns of another. The owner's
-- upkeep is not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_indu() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_follows text[];
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    -- What is left of a month is what its other debts leave: the key is that of hold_indus. A debt that
    -- changes waits for nobody: those beside it count whatever their state.
    PERFORM pg_advisory_xact_lock(hashtextextended('apa_ash.indu ' || NEW.dossier_id, 0))
        WHERE TG_OP = 'INSERT';
    -- To give up more than the law does is a remission: another hand decides it. What waits counts, and
    -- what was given up of the month, or found on the day: no debt is hidden in slices.
    IF NEW.etat = 'non_recouvre' AND (TG_OP = 'INSERT' OR OLD.etat <> 'non_recouvre')
       AND NOT coalesce(access.figure_on('apa_ash', 'recouvrement', access.today()) >= (
            SELECT coalesce(sum(i.montant - i.retire) FILTER (WHERE i.id <> NEW.id), 0) + NEW.montant
            FROM public.apa_ash_indu i WHERE i.dossier_id = NEW.dossier_id
                AND i.prestataire_id IS NOT DISTINCT FROM NEW.prestataire_id
                AND (i.etat IN ('constate', 'propose') OR i.etat = 'non_recouvre'
                    AND (i.mois = NEW.mois OR abs(i.constate_on - NEW.constate_on) <= 1))), false) THEN
        RAISE EXCEPTION 'apa_ash: what is not recovered is within the threshold of its payee'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_given_up_within_the_threshold';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.etat NOT IN ('constate', 'non_recouvre') OR NEW.recouvre <> 0 OR NEW.remis <> 0
           OR NEW.retire <> 0
           OR NEW.constate_on NOT BETWEEN access.today() - 1 AND access.today() THEN
            RAISE EXCEPTION 'apa_ash: a debt begins found today, nothing of it is repaid, remitted or withdrawn'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_begins_found';
        END IF;
        IF NEW.montant > (SELECT coalesce(sum(p.montant_brut), 0) FROM public.apa_ash_paiement p
                WHERE p.dossier_id = NEW.dossier_id AND p.mois_du = NEW.mois
                    AND p.prestataire_id IS NOT DISTINCT FROM NEW.prestataire_id
                    AND p.verse_on IS NOT NULL AND NOT p.ecarte)
            - (SELECT coalesce(sum(i.montant - i.retire), 0) FROM public.apa_ash_indu i
                WHERE i.dossier_id = NEW.dossier_id AND i.mois = NEW.mois AND i.etat <> 'retire'
                    AND i.prestataire_id IS NOT DISTINCT FROM NEW.prestataire_id) THEN
            RAISE EXCEPTION 'apa_ash: no more is claimed of a month than what was paid of it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_of_what_was_paid';
        END IF;
        -- Two years from the last payment, as prescription_indu says, and five, as prescription_fraude
        -- does: a test compares them. Born barred, it would hide what was paid and nobody could claim it.
        IF NEW.prescrit_on > (NEW.constate_on + interval '5 years')::date
           OR NEW.prescrit_on <= NEW.constate_on
           OR NEW.prescrit_on < (SELECT (max(p.verse_on) + interval '2 years')::date
                FROM public.apa_ash_paiement p
                WHERE p.dossier_id = NEW.dossier_id AND p.mois_du = NEW.mois
                    AND p.prestataire_id IS NOT DISTINCT FROM NEW.prestataire_id
                    AND p.facture_id IS NULL AND p.montant_brut > 0) THEN
            RAISE EXCEPTION 'apa_ash: a debt is barred in its time'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_barred_in_time';
        END IF;
        RETURN NEW;
    END IF;
    v_follows := CASE
        WHEN has_column_privilege(TG_RELID, 'montant', 'INSERT') THEN CASE OLD.etat
            WHEN 'constate' THEN ARRAY['propose', 'non_recouvre', 'retire']
            WHEN 'propose' THEN ARRAY['retire']
            WHEN 'notifie' THEN ARRAY['recouvre'] END
        WHEN has_column_privilege(TG_RELID, 'recouvre', 'UPDATE') THEN CASE OLD.etat
            WHEN 'notifie' THEN ARRAY['recouvre']
            WHEN 'recouvre' THEN ARRAY['notifie']
            WHEN 'remis' THEN ARRAY['notifie'] END
        ELSE CASE OLD.etat
            WHEN 'notifie' THEN ARRAY['retire', 'remis', 'recouvre', 'propose']
            WHEN 'recouvre' THEN ARRAY['retire']
            WHEN 'remis' THEN ARRAY['retire']
            WHEN 'constate' THEN ARRAY['retire']
            WHEN 'propose' THEN ARRAY['notifie', 'constate', 'retire']
            WHEN 'non_recouvre' THEN ARRAY['retire'] END END;
    IF OLD.etat <> NEW.etat AND NOT coalesce(NEW.etat = ANY (v_follows), false) THEN
        RAISE EXCEPTION 'apa_ash: a debt does not go from % to % here', OLD.etat, NEW.etat
            USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_states';
    END IF;
    IF OLD.etat = NEW.etat AND OLD.suite <> NEW.suite THEN
        RAISE EXCEPTION 'apa_ash: why a claim was sent back or dropped is said with it, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_suite_said_once';
    END IF;
    -- A claim is a decision against its payee: control proposes it, in its own name and on the day, and
    -- whoever holds the delegation signs it, who neither found the debt nor proposed it.
    IF (NEW.propose_par_id, NEW.propose_on) IS DISTINCT FROM (OLD.propose_par_id, OLD.propose_on)
       OR NEW.etat = 'propose' AND OLD.etat NOT IN ('propose', 'notifie') THEN
        IF NEW.etat <> 'propose' OR OLD.etat <> 'constate'
           OR NEW.propose_par_id IS DISTINCT FROM access.agent()
           OR NOT coalesce(NEW.propose_on BETWEEN access.today() - 1 AND access.today(), false) THEN
            RAISE EXCEPTION 'apa_ash: a claim is proposed on the day, by whoever acts'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_proposed_today';
        END IF;
    END IF;
    -- Written to somebody who died before it was posted, or to the estate of somebody who did not, its
    -- letter told nobody: it is signed again, and so goes where it should. Apart: payment reads no letter.
    IF (OLD.etat, NEW.etat) IN (('propose', 'notifie'), ('notifie', 'propose')) THEN
        IF NOT access.plays('responsable', NEW.service_id)
           OR access.agent() IN (OLD.constate_par_id, OLD.propose_par_id) THEN
            RAISE EXCEPTION 'apa_ash: a claim is signed by delegation, by another agent'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_signed_by_another';
        END IF;
        IF NEW.etat = 'notifie' AND NOT EXISTS (
                SELECT FROM public.apa_ash_courrier c
                WHERE c.id = NEW.notification_id AND c.nature = 'indu'
                    AND c.cree_on BETWEEN access.today() - 1 AND access.today()) THEN
            RAISE EXCEPTION 'apa_ash: a debt is notified by a claim of the day'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_notified_by_its_letter';
        END IF;
        IF NEW.etat = 'propose' AND (NEW.recouvre + NEW.remis + NEW.retire > 0 OR NOT EXISTS (
                SELECT FROM public.apa_ash_courrier c
                WHERE c.id = OLD.notification_id AND c.poste_on IS NULL
                    AND c.destinataire = ''
                    AND EXISTS (SELECT FROM public.apa_ash_identite i
                        WHERE i.dossier_id = c.dossier_id
                            AND c.succession = (i.deces_on IS NULL)))) THEN
            RAISE EXCEPTION 'apa_ash: a claim is signed again when its letter told nobody'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_notified_to_nobody';
        END IF;
    END IF;
    IF NEW.notification_id IS DISTINCT FROM OLD.notification_id
       AND (OLD.etat, NEW.etat) NOT IN (('propose', 'notifie'), ('notifie', 'propose'))
       OR NEW.etat = 'propose' AND NEW.notification_id IS NOT NULL THEN
        RAISE EXCEPTION 'apa_ash: the letter of a claim stays as long as it stands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_notified_once';
    END IF;
    -- Repaid is repaid whole, but for what was remitted or withdrawn: a withdrawal may leave it repaid
    -- beyond what was owed, nobody repays that. What is repaid counts on a debt that was notified; a run
    -- given up takes off what it withheld, whatever became of the debt since: when something is left
    -- again of a debt that was remitted, it is owed again.
    IF (NEW.etat = 'recouvre')
           <> (NEW.etat IN ('recouvre', 'notifie') AND NEW.recouvre >= NEW.montant - NEW.retire - NEW.remis)
       OR NEW.etat = 'remis' AND NEW.recouvre < NEW.montant - NEW.retire - NEW.remis
       OR NEW.recouvre > OLD.recouvre
           AND (OLD.etat <> 'notifie' OR NEW.recouvre > NEW.montant - NEW.retire - NEW.remis) THEN
        RAISE EXCEPTION 'apa_ash: a debt that was notified is repaid, and closed by the last cent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_repaid';
    END IF;
    -- Apart: payment reads no request. What is taken off is what remissions granted, to the cent, and
    -- a debt is remitted when nothing is left of it.
    IF OLD.remis <> NEW.remis OR OLD.etat <> NEW.etat AND NEW.etat = 'remis' THEN
        IF NEW.remis < OLD.remis OR (NEW.remis, NEW.retire) = (OLD.remis, OLD.retire)
           OR (NEW.etat = 'remis') <> (NEW.remis + NEW.recouvre >= NEW.montant - NEW.retire)
           OR NEW.remis IS DISTINCT FROM (SELECT sum(r.montant) FROM public.apa_ash_remise r
                WHERE r.indu_id = NEW.id AND (r.nature, r.etat) = ('remise', 'accordee')) THEN
            RAISE EXCEPTION 'apa_ash: what is taken off a debt is what a remission granted'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_remis_granted';
        END IF;
    END IF;
    -- What was never owed is what withdrawals granted, to the cent, and a debt is withdrawn when nothing
    -- was. Apart: only the instruction undoes a death, and payment does not read who decided what.
    IF OLD.retire <> NEW.retire THEN
        IF NEW.retire < OLD.retire OR (NEW.etat = 'retire') <> (NEW.retire = NEW.montant)
           OR NEW.retire IS DISTINCT FROM (SELECT sum(r.montant) FROM public.apa_ash_remise r
                WHERE r.indu_id = NEW.id AND (r.nature, r.etat) = ('retrait', 'accordee')) THEN
            RAISE EXCEPTION 'apa_ash: what was never owed of a debt is what a withdrawal granted'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_retire_granted';
        END IF;
    ELSIF OLD.etat <> NEW.etat AND NEW.etat = 'retire'
       AND has_column_privilege(TG_RELID, 'montant', 'INSERT') THEN
        -- What nobody was told of is dropped by control, which says why.
        IF NEW.suite = '' THEN
            RAISE EXCEPTION 'apa_ash: what is dropped before its notification is told why'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_dropped_with_a_motif';
        END IF;
    ELSIF OLD.etat <> NEW.etat AND NEW.etat = 'retire' THEN
        IF OLD.recouvre > 0 OR OLD.motif <> 'Somme versée pour une période postérieure au décès'
           OR NOT EXISTS (SELECT FROM public.apa_ash_decision d JOIN public.apa_ash_decision u
                    ON u.id = d.annule_id AND u.dossier_id = d.dossier_id
                WHERE d.dossier_id = NEW.dossier_id AND d.nature = 'annulation'
                    AND d.prise_on >= OLD.constate_on
                    AND u.avant IS NOT NULL AND u.prise_on <= OLD.constate_on) THEN
            RAISE EXCEPTION 'apa_ash: a debt is withdrawn with the death that opened it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_withdrawn_with_its_death';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER states BEFORE INSERT OR UPDATE ON public.apa_ash_indu
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_indu();

-- Nothing is repaid that nobody gave, and nothing that was given is taken off: the debts of a payee
-- never count more than what it repaid by itself and what runs withheld on its lines, and count no less
-- once some of it was taken off, or once the run is issued. Control reads no run: it sees the lines that
-- withhold, payment those of the runs that were validated alone. A run counts thousands of debts at once;
-- given up, it takes them all off in the same statement: both rules hold at its end.
CREATE OR REPLACE FUNCTION apa_ash.keep_repaid() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_more uuid[];
    v_less uuid[];
    v_dossiers uuid[];
    v_lots uuid[];
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    -- Prepared each time, for as many debts as the statement has: see decision record 0019.
    IF TG_TABLE_NAME = 'apa_ash_indu' THEN
        EXECUTE 'SELECT array_agg(DISTINCT a.dossier_id) FILTER (WHERE a.recouvre > b.recouvre),'
            ' array_agg(DISTINCT a.dossier_id) FILTER (WHERE a.recouvre < b.recouvre)'
            ' FROM before b JOIN after a ON a.id = b.id'
            INTO v_more, v_less;
    ELSE
        EXECUTE 'SELECT array_agg(DISTINCT p.dossier_id) FILTER (WHERE a.etat = ''abandonne''),'
            ' array_agg(DISTINCT p.dossier_id) FILTER (WHERE a.etat = ''emis'')'
            ' FROM before b JOIN after a ON a.id = b.id'
            ' JOIN public.apa_ash_paiement p ON p.lot_id = a.id AND p.retenue > 0'
            ' WHERE b.etat = ''valide'''
            INTO v_more, v_less;
    END IF;
    v_dossiers := v_more || v_less;
    IF v_dossiers IS NULL THEN
        RETURN NULL;
    END IF;
    IF has_any_column_privilege('public.apa_ash_lotpaiement', 'SELECT') THEN
        SELECT coalesce(array_agg(l.id), '{}') INTO v_lots FROM public.apa_ash_lotpaiement l
            WHERE l.etat IN ('valide', 'emis');
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT i.dossier_id, i.prestataire_id, sum(i.recouvre) AS compte
            FROM public.apa_ash_indu i WHERE i.dossier_id = ANY (v_dossiers)
            GROUP BY i.dossier_id, i.prestataire_id
        ) counted LEFT JOIN (
            SELECT g.dossier_id, g.prestataire_id, sum(g.montant) AS donne FROM (
                SELECT i.dossier_id, i.prestataire_id, r.montant
                FROM public.apa_ash_remboursement r JOIN public.apa_ash_indu i ON i.id = r.indu_id
                WHERE i.dossier_id = ANY (v_dossiers)
                UNION ALL
                SELECT p.dossier_id, p.prestataire_id, p.retenue FROM public.apa_ash_paiement p
                WHERE p.dossier_id = ANY (v_dossiers) AND p.retenue > 0 AND NOT p.ecarte
                    AND (v_lots IS NULL OR p.lot_id = ANY (v_lots))
            ) g GROUP BY g.dossier_id, g.prestataire_id
        ) given ON given.dossier_id = counted.dossier_id
            AND given.prestataire_id IS NOT DISTINCT FROM counted.prestataire_id
        WHERE counted.compte > coalesce(given.donne, 0) AND counted.dossier_id = ANY (v_more)
            OR counted.compte < given.donne AND counted.dossier_id = ANY (v_less)) THEN
        RAISE EXCEPTION 'apa_ash: what counts as repaid was withheld by a run, or received'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'indu_repaid_by_somebody';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER repaid AFTER UPDATE ON public.apa_ash_indu
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_repaid();
CREATE OR REPLACE TRIGGER repaid AFTER UPDATE ON public.apa_ash_lotpaiement
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_repaid();
