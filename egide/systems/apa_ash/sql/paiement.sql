-- Two agents make a payment: one prepares the run, another validates it (CASF R. 232-30). What the
-- second agent validated is what is paid: neither the run, nor its lines, nor the accounts they name
-- change after that. The owner's upkeep is not concerned, as in plan.sql; a run that the caller's rows
-- do not hold counts as validated, so that the refusal is the answer to any doubt.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

-- The states that follow one another, and whose hand is written at each: one's own, never another's.
CREATE OR REPLACE FUNCTION apa_ash.keep_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_agent uuid := access.agent();
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'apa_ash: a run is abandoned, it is not deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_kept';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.etat <> 'prepare' OR NEW.prepare_par_id IS DISTINCT FROM v_agent
           OR num_nonnulls(NEW.valide_par_id, NEW.valide_on, NEW.emis_on) > 0 THEN
            RAISE EXCEPTION 'apa_ash: a run begins prepared, by the agent who is acting'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_begins_prepared';
        END IF;
        IF NEW.mois > date_trunc('month', access.today()) + interval '1 month' THEN
            RAISE EXCEPTION 'apa_ash: a run is prepared one month ahead at most'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_one_month_ahead';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.etat <> NEW.etat AND NOT coalesce(NEW.etat = ANY (CASE OLD.etat
            WHEN 'prepare' THEN ARRAY['valide', 'abandonne']
            WHEN 'valide' THEN ARRAY['emis', 'abandonne']
            END), false) THEN
        RAISE EXCEPTION 'apa_ash: a run does not go from % to %', OLD.etat, NEW.etat
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_states';
    END IF;
    IF OLD.etat <> NEW.etat AND NEW.etat = 'valide'
       AND NEW.valide_par_id IS DISTINCT FROM v_agent THEN
        RAISE EXCEPTION 'apa_ash: an agent validates in no other name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_validated_by_oneself';
    END IF;
    -- Whoever kept or set aside a line of this run, or of the one it replaced, would pay it alone.
    IF OLD.etat <> NEW.etat AND NEW.etat = 'valide' AND EXISTS (
            SELECT FROM public.apa_ash_paiement p
            WHERE p.lot_id = NEW.id AND p.examine_par_id = v_agent) THEN
        RAISE EXCEPTION 'apa_ash: an agent does not validate what they examined'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_examined_by_another';
    END IF;
    -- What is amiss was looked at, line by line; what is kept goes somewhere, and something is kept.
    -- Hours that nobody reported are set aside: no reason pays them.
    IF OLD.etat <> NEW.etat AND NEW.etat = 'valide' AND (
            EXISTS (SELECT FROM public.apa_ash_paiement p WHERE p.lot_id = NEW.id
                AND (p.anomalie <> '' AND p.examen = '' OR NOT p.ecarte
                    AND (p.iban = '' OR p.anomalie ~ '\m(compte_absent|service_sans_compte|heures_non_recues)\M')))
            OR NOT EXISTS (SELECT FROM public.apa_ash_paiement p
                WHERE p.lot_id = NEW.id AND NOT p.ecarte)) THEN
        RAISE EXCEPTION 'apa_ash: a run is validated once each of its anomalies was looked at'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_examined';
    END IF;
    -- Whoever entered an account that this run pays for the first time would pay it alone.
    IF OLD.etat <> NEW.etat AND NEW.etat = 'valide' AND EXISTS (
            SELECT FROM public.apa_ash_paiement p
            WHERE p.lot_id = NEW.id AND NOT p.ecarte
                AND (p.anomalie LIKE '%compte_modifie%' AND v_agent = CASE
                    WHEN p.prestataire_id IS NULL THEN
                        (SELECT c.saisi_par_id FROM public.apa_ash_comptebancaire c
                        WHERE c.dossier_id = p.dossier_id)
                    ELSE (SELECT s.iban_saisi_par_id FROM public.apa_ash_prestataire s
                        WHERE s.id = p.prestataire_id) END
                    OR p.saisi_par_id = v_agent
                    AND NOT EXISTS (SELECT FROM public.apa_ash_paiement q
                        JOIN public.apa_ash_lotpaiement e ON e.id = q.lot_id AND e.etat = 'emis'
                        WHERE q.dossier_id = p.dossier_id AND NOT q.ecarte
                            AND (q.titulaire, q.iban) = (p.titulaire, p.iban)
                            AND q.prestataire_id IS NOT DISTINCT FROM p.prestataire_id))) THEN
        RAISE EXCEPTION 'apa_ash: an agent does not validate an account of their own entering'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_account_of_another';
    END IF;
    -- Issued by another hand than the one that prepared, and with the table that the run pays.
    IF OLD.etat <> NEW.etat AND NEW.etat = 'emis' AND (
            OLD.prepare_par_id IS NOT DISTINCT FROM v_agent
            OR NOT EXISTS (SELECT FROM public.apa_ash_fichierpaiement f
                WHERE f.lot_id = NEW.id AND f.forme = 'csv')) THEN
        RAISE EXCEPTION 'apa_ash: a run is issued with its file, by another than who prepared it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_issued_with_its_file';
    END IF;
    -- The day of payment opens the time to claim it back (CASF L. 232-25): each line has that of the
    -- run, which is the day of the act, or the eve that midnight overtook.
    IF OLD.etat <> NEW.etat AND NEW.etat = 'emis' AND (
            NOT coalesce(NEW.emis_on BETWEEN access.today() - 1 AND access.today(), false)
            OR EXISTS (SELECT FROM public.apa_ash_paiement p WHERE p.lot_id = NEW.id
                AND NOT p.ecarte AND p.verse_on IS DISTINCT FROM NEW.emis_on)) THEN
        RAISE EXCEPTION 'apa_ash: a run is issued on its day, and each line that it pays with it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_issued_on_its_day';
    END IF;
    -- A file that was written may have left: its run is issued, it is no longer given up.
    IF OLD.etat = 'valide' AND NEW.etat = 'abandonne' AND EXISTS (
            SELECT FROM public.apa_ash_fichierpaiement f WHERE f.lot_id = NEW.id) THEN
        RAISE EXCEPTION 'apa_ash: a run whose file was written is not given up'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_file_stands';
    END IF;
    IF (OLD.id, OLD.service_id, OLD.mois, OLD.prepare_par_id, OLD.prepare_on)
           IS DISTINCT FROM (NEW.id, NEW.service_id, NEW.mois, NEW.prepare_par_id, NEW.prepare_on)
       OR (OLD.valide_par_id, OLD.valide_on) IS DISTINCT FROM (NEW.valide_par_id, NEW.valide_on)
          AND (OLD.etat, NEW.etat) <> ('prepare', 'valide')
       OR OLD.emis_on IS DISTINCT FROM NEW.emis_on AND (OLD.etat, NEW.etat) <> ('valide', 'emis')
    THEN
        RAISE EXCEPTION 'apa_ash: what was prepared, validated or issued does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER two_agents BEFORE INSERT OR UPDATE OR DELETE
    ON public.apa_ash_lotpaiement FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_run();

-- A line pays a month that is not after its run, and the standing runs together never pay a month
-- more than the best right of that month gives: whatever shortens a month only lowers it. What was
-- recorded as an excess of the month, and not withdrawn, pays it no more: it is claimed from whoever
-- was paid, and whoever it was due to is paid. Looked at when lines enter, then when the run is
-- validated and issued. A cent is left to rounding.
-- An invoice is paid for what it says, once (see ponctuel.sql).
CREATE OR REPLACE FUNCTION apa_ash.keep_owed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_lots uuid[];
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT c.lot_id) INTO v_lots FROM changed c;
    ELSE
        SELECT array_agg(c.id) INTO v_lots FROM changed c WHERE c.etat IN ('valide', 'emis');
        -- Not beside whoever withdraws an invoice that the run pays: keep_facture waits for the same.
        PERFORM pg_advisory_xact_lock(hashtextextended('apa_ash.emission ' || s.service_id, 0))
            FROM (SELECT DISTINCT c.service_id FROM changed c WHERE c.etat = 'emis'
                ORDER BY c.service_id) s;
    END IF;
    IF v_lots IS NOT NULL AND EXISTS (
        SELECT FROM public.apa_ash_paiement p
        LEFT JOIN public.apa_ash_facture f ON f.id = p.facture_id AND f.dossier_id = p.dossier_id
        WHERE p.lot_id = ANY (v_lots) AND p.facture_id IS NOT NULL AND NOT p.ecarte
            AND (NOT coalesce(f.retiree_on IS NULL AND p.montant_brut = f.a_verser
                    AND p.droit_id = f.droit_id
                    AND p.prestataire_id IS NOT DISTINCT FROM f.prestataire_id, false)
                OR EXISTS (SELECT FROM public.apa_ash_paiement q
                    JOIN public.apa_ash_lotpaiement l ON l.id = q.lot_id AND l.etat <> 'abandonne'
                    WHERE q.facture_id = p.facture_id AND q.id <> p.id AND NOT q.ecarte))) THEN
        RAISE EXCEPTION 'apa_ash: an invoice is paid once, for what it says, to whom it says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_of_its_invoice';
    END IF;
    IF v_lots IS NOT NULL AND (EXISTS (
        SELECT FROM public.apa_ash_paiement p
        JOIN public.apa_ash_lotpaiement l ON l.id = p.lot_id
        LEFT JOIN public.apa_ash_droit d ON d.id = p.droit_id AND d.dossier_id = p.dossier_id
        WHERE p.lot_id = ANY (v_lots) AND NOT p.ecarte
            AND (p.mois_du > l.mois OR extract(day FROM p.mois_du) <> 1 OR d.id IS NULL)
    ) OR EXISTS (
        -- Looked up file by file: joined, tens of thousands of lines that no statistic knows yet
        -- would meet one another. OFFSET 0 keeps what each month was paid computed once, and excesses
        -- unread where nothing exceeds.
        SELECT FROM (
            SELECT k.dossier_id, k.mois_du,
                (SELECT sum(q.montant_brut) FROM public.apa_ash_paiement q
                JOIN public.apa_ash_lotpaiement l ON l.id = q.lot_id AND l.etat <> 'abandonne'
                WHERE q.dossier_id = k.dossier_id AND q.mois_du = k.mois_du
                    AND NOT q.ecarte AND q.facture_id IS NULL) AS paye,
                0.01 + coalesce((SELECT max(d.apa) FROM public.apa_ash_droit d
                WHERE d.dossier_id = k.dossier_id AND d.periode
                    && daterange(k.mois_du, (k.mois_du + interval '1 month')::date)), 0) AS du
            FROM (
                SELECT DISTINCT p.dossier_id, p.mois_du FROM public.apa_ash_paiement p
                WHERE p.lot_id = ANY (v_lots) AND NOT p.ecarte AND p.facture_id IS NULL
            ) k OFFSET 0
        ) s
        WHERE s.paye > s.du AND s.paye > s.du
            + (SELECT coalesce(sum(i.montant - i.retire), 0) FROM public.apa_ash_indu i
                WHERE i.dossier_id = s.dossier_id AND i.mois = s.mois_du AND i.etat <> 'retire')
    )) THEN
        RAISE EXCEPTION 'apa_ash: a run pays no month to come, and no more than the rights give'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_owed';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER owed AFTER INSERT ON public.apa_ash_paiement
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_owed();
CREATE OR REPLACE TRIGGER owed AFTER UPDATE ON public.apa_ash_lotpaiement
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_owed();

-- What whoever prepares says of a line is looked at by those who examine it: what they must be told is
-- found again when the run is validated, wherever it costs little. A known death, a month wholly
-- suspended, a month above the highest ceiling of the law (R. 232-10). That no right is in force, or
-- that a month is paid twice, `keep_owed` has refused already.
CREATE OR REPLACE FUNCTION apa_ash.keep_flagged() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM changed c JOIN public.apa_ash_paiement p ON p.lot_id = c.id
            JOIN public.apa_ash_identite i ON i.dossier_id = p.dossier_id
            WHERE c.etat = 'valide' AND NOT p.ecarte
                AND i.deces_on IS NOT NULL AND p.anomalie !~ '\mdeces\M') THEN
        RAISE EXCEPTION 'apa_ash: a known death is said on each line that is kept'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_death_said';
    END IF;
    IF EXISTS (SELECT FROM changed c JOIN public.apa_ash_paiement p ON p.lot_id = c.id
            JOIN public.apa_ash_interruption s ON s.dossier_id = p.dossier_id
                AND s.nature = 'suspension'
                AND s.periode @> daterange(p.mois_du, (p.mois_du + interval '1 month')::date)
            WHERE c.etat = 'valide' AND NOT p.ecarte AND p.facture_id IS NULL
                AND p.montant_brut > 0) THEN
        RAISE EXCEPTION 'apa_ash: a month that is wholly suspended is not paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_not_suspended';
    END IF;
    IF EXISTS (
        WITH months AS MATERIALIZED (
            SELECT p.dossier_id, p.mois_du, sum(p.montant_brut) AS montant,
                bool_and(p.anomalie ~ '\mau_dessus_du_plafond\M') AS said
            FROM changed c JOIN public.apa_ash_paiement p ON p.lot_id = c.id
            WHERE c.etat = 'valide' AND NOT p.ecarte AND p.facture_id IS NULL
            GROUP BY p.dossier_id, p.mois_du
        ), ceilings AS MATERIALIZED (
            SELECT d.mois_du, access.figure_on('apa_ash', 'mensuel', d.mois_du) AS plafond
            FROM (SELECT DISTINCT m.mois_du FROM months m) d
        )
        SELECT FROM months m JOIN ceilings USING (mois_du)
        WHERE m.montant > ceilings.plafond AND NOT m.said) THEN
        RAISE EXCEPTION 'apa_ash: more than the highest ceiling is said on each line that is kept'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_ceiling_said';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER flagged AFTER UPDATE ON public.apa_ash_lotpaiement
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_flagged();

-- How a service is paid is chosen ahead: a month that began may be paid already, and keeps its own way.
CREATE OR REPLACE FUNCTION apa_ash.keep_reglement() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF NEW.depuis <= access.today() THEN
        RAISE EXCEPTION 'apa_ash: how a service is paid changes from a month to come'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reglement_prestataire_ahead';
    END IF;
    IF NOT EXISTS (SELECT FROM public.apa_ash_prestataire p
            WHERE p.id = NEW.prestataire_id AND p.organisme_id = NEW.organisme_id) THEN
        RAISE EXCEPTION 'apa_ash: a service is paid as its own organisme says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reglement_prestataire_of_its_organisme';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ahead BEFORE INSERT OR UPDATE ON public.apa_ash_reglementprestataire
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_reglement();
