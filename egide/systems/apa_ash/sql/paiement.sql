-- Two agents make a payment: one prepares the run, another validates it (CASF R. 232-30). What the
-- second agent validated is what is paid: neither the run, nor its lines, nor the accounts they name
-- change after that. The owner's upkeep is not concerned, as in plan.sql; a run that the caller's rows
-- do not hold counts as validated, so that the refusal is the answer to any doubt.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

-- The states that follow one another, and whose hand is written at each: one's own, never another's.
CREATE OR REPLACE FUNCTION apa_ash.keep_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'apa_ash: a run is abandoned, it is not deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_kept';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.etat <> 'prepare' OR NEW.prepare_par_id IS DISTINCT FROM access.agent()
           OR num_nonnulls(NEW.valide_par_id, NEW.valide_on, NEW.emis_on) > 0 THEN
            RAISE EXCEPTION 'apa_ash: a run begins prepared, by the agent who is acting'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_begins_prepared';
        END IF;
        IF NEW.mois > date_trunc('month', clock_timestamp() AT TIME ZONE 'Europe/Paris')
                    + interval '1 month' THEN
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
       AND NEW.valide_par_id IS DISTINCT FROM access.agent() THEN
        RAISE EXCEPTION 'apa_ash: an agent validates in no other name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_validated_by_oneself';
    END IF;
    -- Whoever kept or set aside a line of this run, or of the one it replaced, would pay it alone.
    IF OLD.etat <> NEW.etat AND NEW.etat = 'valide' AND EXISTS (
            SELECT FROM public.apa_ash_paiement p
            WHERE p.lot_id = NEW.id AND p.examine_par_id = access.agent()) THEN
        RAISE EXCEPTION 'apa_ash: an agent does not validate what they examined'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_examined_by_another';
    END IF;
    -- Whoever entered an account that this run pays for the first time would pay it alone.
    IF OLD.etat <> NEW.etat AND NEW.etat = 'valide' AND EXISTS (
            SELECT FROM public.apa_ash_paiement p
            LEFT JOIN public.apa_ash_comptebancaire c
                ON c.dossier_id = p.dossier_id AND p.prestataire_id IS NULL
            LEFT JOIN public.apa_ash_prestataire s ON s.id = p.prestataire_id
            WHERE p.lot_id = NEW.id AND NOT p.ecarte
                AND (p.anomalie LIKE '%compte_modifie%'
                    AND coalesce(c.saisi_par_id, s.iban_saisi_par_id) = access.agent()
                    OR p.saisi_par_id = access.agent()
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
            OLD.prepare_par_id IS NOT DISTINCT FROM access.agent()
            OR NOT EXISTS (SELECT FROM public.apa_ash_fichierpaiement f
                WHERE f.lot_id = NEW.id AND f.forme = 'csv')) THEN
        RAISE EXCEPTION 'apa_ash: a run is issued with its file, by another than who prepared it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_paiement_issued_with_its_file';
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

-- A run holds tens of thousands of lines: these look at whole statements. FOR SHARE waits for a
-- validation under way, so that no line slips in beside it.
CREATE OR REPLACE FUNCTION apa_ash.keep_lines_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole
            OR TG_OP = 'DELETE' AND access.is_job() THEN
        RETURN NULL;
    END IF;
    PERFORM FROM public.apa_ash_lotpaiement l
        WHERE l.id IN (SELECT c.lot_id FROM changed c) FOR SHARE;
    IF EXISTS (SELECT FROM changed c WHERE c.verse_on IS NOT NULL OR NOT EXISTS (
            SELECT FROM public.apa_ash_lotpaiement l
            WHERE l.id = c.lot_id AND l.service_id = c.service_id AND l.etat = 'prepare')) THEN
        RAISE EXCEPTION 'apa_ash: lines enter and leave a run while it is prepared'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_frozen_once_validated';
    END IF;
    -- Whether it enters examined is for `carried_over` to say.
    IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM changed c WHERE c.relu_on IS NOT NULL) THEN
        RAISE EXCEPTION 'apa_ash: the account of a line is read again once the line is there'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_begins_unread';
    END IF;
    -- The hand that entered the account is frozen with it: a later entry hides nobody.
    IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM changed c
            LEFT JOIN public.apa_ash_comptebancaire k
                ON k.dossier_id = c.dossier_id AND c.prestataire_id IS NULL
            LEFT JOIN public.apa_ash_prestataire s ON s.id = c.prestataire_id
            WHERE (c.titulaire, c.iban) IS DISTINCT FROM
                    (coalesce(k.titulaire, s.nom, ''), coalesce(k.iban, s.iban, ''))
                OR c.saisi_par_id IS DISTINCT FROM
                    coalesce(k.saisi_par_id, s.iban_saisi_par_id)) THEN
        RAISE EXCEPTION 'apa_ash: a line takes the known account, and the hand that entered it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_known_account';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER frozen_once_validated_i AFTER INSERT ON public.apa_ash_paiement
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_lines_added();
CREATE OR REPLACE TRIGGER frozen_once_validated_d AFTER DELETE ON public.apa_ash_paiement
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_lines_added();

-- A line pays a month that is not after its run, and the standing runs together never pay a month
-- more than the best right of that month gives: whatever shortens a month only lowers it. Looked at
-- when lines enter, then when the run is validated and issued. A cent is left to rounding.
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
        WITH looked AS MATERIALIZED (
            SELECT DISTINCT p.dossier_id, p.mois_du FROM public.apa_ash_paiement p
            WHERE p.lot_id = ANY (v_lots) AND NOT p.ecarte AND p.facture_id IS NULL
        ), paid AS MATERIALIZED (
            SELECT p.dossier_id, p.mois_du, sum(p.montant_brut) AS montant
            FROM looked JOIN public.apa_ash_paiement p USING (dossier_id, mois_du)
            JOIN public.apa_ash_lotpaiement l ON l.id = p.lot_id AND l.etat <> 'abandonne'
            WHERE NOT p.ecarte AND p.facture_id IS NULL GROUP BY p.dossier_id, p.mois_du
        ), owed AS MATERIALIZED (
            SELECT k.dossier_id, k.mois_du, max(d.apa) AS montant
            FROM looked k JOIN public.apa_ash_droit d ON d.dossier_id = k.dossier_id
                AND d.periode && daterange(k.mois_du, (k.mois_du + interval '1 month')::date)
            GROUP BY k.dossier_id, k.mois_du
        )
        SELECT FROM paid LEFT JOIN owed USING (dossier_id, mois_du)
        WHERE paid.montant > coalesce(owed.montant, 0) + 0.01
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

-- While the run is prepared, only what is said of an anomaly changes; once validated, only the day
-- of payment is written, once.
CREATE OR REPLACE FUNCTION apa_ash.keep_lines_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    PERFORM FROM public.apa_ash_lotpaiement l
        WHERE l.id IN (SELECT b.lot_id FROM before b) FOR SHARE;
    IF EXISTS (
        SELECT FROM before b LEFT JOIN after a ON a.id = b.id
        LEFT JOIN public.apa_ash_lotpaiement l ON l.id = b.lot_id
        CROSS JOIN (SELECT '{ecarte,examen,examine_par_id}'::text[]) AS said(columns)
        CROSS JOIN LATERAL (SELECT CASE WHEN b.iban = '' AND a.relu_on IS NOT NULL
            THEN '{titulaire,iban,saisi_par_id,anomalie,relu_on}'::text[] ELSE '{}' END) AS read(columns)
        WHERE NOT coalesce(CASE l.etat
            -- A line without an account takes the one that read_account gives it, and no other
            -- hand writes these columns.
            WHEN 'prepare' THEN to_jsonb(a) - (said.columns || read.columns)
                              = to_jsonb(b) - (said.columns || read.columns)
            WHEN 'valide' THEN to_jsonb(a) - 'verse_on' = to_jsonb(b) - 'verse_on'
                               AND b.verse_on IS NULL
            END, false)
    ) THEN
        RAISE EXCEPTION 'apa_ash: the lines of a validated run do not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_frozen_once_validated';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER frozen_once_validated_u AFTER UPDATE ON public.apa_ash_paiement
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_lines_changed();

-- A payment role writes neither the account of a line nor its anomalies. It asks that a line prepared
-- without an account be read again: PostgreSQL itself copies the account known by now, flags it as
-- lately entered, and puts the line back among those to be looked at.
CREATE OR REPLACE FUNCTION apa_ash.read_account() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_titulaire text;
    v_iban text;
    v_saisi_par uuid;
    v_flag text := 'compte_modifie';
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole
       OR NEW.relu_on IS NOT DISTINCT FROM OLD.relu_on THEN
        RETURN NEW;
    END IF;
    IF OLD.prestataire_id IS NULL THEN
        SELECT c.titulaire, c.iban, c.saisi_par_id INTO v_titulaire, v_iban, v_saisi_par
            FROM public.apa_ash_comptebancaire c WHERE c.dossier_id = OLD.dossier_id;
        IF EXISTS (SELECT FROM public.apa_ash_comptebancaire c
                WHERE c.iban = v_iban AND c.dossier_id <> OLD.dossier_id) THEN
            v_flag := 'compte_modifie compte_partage';
        END IF;
    ELSE
        SELECT s.nom, s.iban, s.iban_saisi_par_id INTO v_titulaire, v_iban, v_saisi_par
            FROM public.apa_ash_prestataire s WHERE s.id = OLD.prestataire_id;
    END IF;
    IF OLD.iban <> '' OR coalesce(v_iban, '') = '' THEN
        RAISE EXCEPTION 'apa_ash: only a line without an account takes the one now known'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_account_read_once';
    END IF;
    NEW.titulaire := v_titulaire;
    NEW.iban := v_iban;
    NEW.saisi_par_id := v_saisi_par;
    NEW.relu_on := CURRENT_DATE;
    NEW.anomalie := replace(replace(OLD.anomalie, 'compte_absent', v_flag),
        'service_sans_compte', 'service_compte_modifie');
    NEW.ecarte := false;
    NEW.examen := '';
    NEW.examine_par_id := NULL;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER account_read_again BEFORE UPDATE ON public.apa_ash_paiement
    FOR EACH ROW EXECUTE FUNCTION apa_ash.read_account();

-- What is said of an anomaly is said in one's own name, and never to keep an account that one entered.
CREATE OR REPLACE FUNCTION apa_ash.keep_hands_apart() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole
       OR NEW.examine_par_id IS NULL
       OR (NEW.examen, NEW.examine_par_id, NEW.ecarte)
          IS NOT DISTINCT FROM (OLD.examen, OLD.examine_par_id, OLD.ecarte) THEN
        RETURN NEW;
    END IF;
    IF NEW.examine_par_id IS DISTINCT FROM access.agent() THEN
        RAISE EXCEPTION 'apa_ash: an agent examines in no other name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_examined_by_oneself';
    END IF;
    IF NOT NEW.ecarte AND NEW.anomalie ~ 'compte_(modifie|partage)' AND (
        EXISTS (SELECT FROM public.apa_ash_comptebancaire c WHERE NEW.prestataire_id IS NULL
            AND c.dossier_id = NEW.dossier_id AND c.saisi_par_id = access.agent())
        OR EXISTS (SELECT FROM public.apa_ash_prestataire s
            WHERE s.id = NEW.prestataire_id AND s.iban_saisi_par_id = access.agent())) THEN
        RAISE EXCEPTION 'apa_ash: an agent does not keep an account of their own entering'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_account_of_another';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER hands_apart BEFORE UPDATE ON public.apa_ash_paiement
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_hands_apart();

-- A file of payments is that of a validated run of the same service, while it is being issued, by
-- another agent than the one who prepared it; its seal is that of its bytes.
CREATE OR REPLACE FUNCTION apa_ash.keep_file() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    PERFORM FROM public.apa_ash_lotpaiement l
        WHERE l.id = NEW.lot_id AND l.service_id = NEW.service_id
            AND l.prepare_par_id IS DISTINCT FROM access.agent()
            -- The transfers of an issued run may come later than its table; each form comes once.
            AND (l.etat = 'valide' OR l.etat = 'emis' AND NEW.forme = 'sepa') FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'apa_ash: only a validated run is issued'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fichier_paiement_of_a_validated_run';
    END IF;
    IF NEW.empreinte IS DISTINCT FROM encode(sha256(NEW.contenu), 'hex') THEN
        RAISE EXCEPTION 'apa_ash: the seal of a file is that of its bytes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fichier_paiement_sealed';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER of_a_validated_run BEFORE INSERT
    ON public.apa_ash_fichierpaiement FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_file();

-- A new account is dated and signed by whoever writes it, and never back: the date is what flags it in
-- the next run, the hand is the one that may not keep it nor pay it, whatever wrote it. One function
-- for a person and for a service: only the names of the two columns differ, and the name on the account
-- counts for a person alone (a service is renamed without its account being entered again).
CREATE OR REPLACE FUNCTION apa_ash.date_account() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_day text := TG_ARGV[0];
    v_hand text := TG_ARGV[1];
    v_new jsonb := to_jsonb(NEW);
    v_old jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END;
    v_changed boolean;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    v_changed := TG_OP = 'INSERT' OR v_old -> 'iban' IS DISTINCT FROM v_new -> 'iban';
    NEW := jsonb_populate_record(NEW, jsonb_build_object(v_day, greatest((v_new ->> v_day)::date,
        CASE WHEN v_changed THEN CURRENT_DATE ELSE (v_old ->> v_day)::date END)));
    NEW := jsonb_populate_record(NEW, jsonb_build_object(v_hand,
        CASE WHEN v_changed OR v_old -> 'titulaire' IS DISTINCT FROM v_new -> 'titulaire'
            THEN access.agent() ELSE (v_old ->> v_hand)::uuid END));
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER dated BEFORE INSERT OR UPDATE ON public.apa_ash_comptebancaire
    FOR EACH ROW EXECUTE FUNCTION apa_ash.date_account('saisi_on', 'saisi_par_id');
CREATE OR REPLACE TRIGGER dated BEFORE INSERT OR UPDATE ON public.apa_ash_prestataire
    FOR EACH ROW EXECUTE FUNCTION apa_ash.date_account('iban_saisi_on', 'iban_saisi_par_id');

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

-- A line enters a run with an examination only when the very same line of a run of the month given up
-- carries it, word for word and in the same name: nobody writes what another is said to have seen. The
-- columns are those of queries/lot_reprise.py: a test changes each in turn, for both.
CREATE OR REPLACE FUNCTION apa_ash.keep_carried_over() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM changed c JOIN public.apa_ash_lotpaiement l ON l.id = c.lot_id
        WHERE (c.examen <> '' OR c.ecarte OR c.examine_par_id IS NOT NULL) AND NOT EXISTS (
            SELECT FROM public.apa_ash_paiement p
            JOIN public.apa_ash_lotpaiement o ON o.id = p.lot_id
            WHERE p.dossier_id = c.dossier_id AND p.mois_du = c.mois_du
                AND o.etat = 'abandonne' AND o.mois = l.mois AND o.service_id = l.service_id
                AND (p.droit_id, p.montant_brut, p.retenue, p.titulaire, p.iban, p.anomalie,
                     p.ecarte, p.examen, p.examine_par_id)
                  = (c.droit_id, c.montant_brut, c.retenue, c.titulaire, c.iban, c.anomalie,
                     c.ecarte, c.examen, c.examine_par_id)
                AND p.prestataire_id IS NOT DISTINCT FROM c.prestataire_id
                AND p.facture_id IS NOT DISTINCT FROM c.facture_id)
    ) THEN
        RAISE EXCEPTION 'apa_ash: an examination is carried over as it was, or made again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_examined_by_oneself';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER carried_over AFTER INSERT ON public.apa_ash_paiement
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_carried_over();
