-- The lines of a run: what enters and leaves it while it is prepared, what is said of each, and that
-- nothing changes once a second agent validated it. The owner's upkeep is not concerned, as in plan.sql;
-- a run that the caller's rows do not hold counts as validated.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

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

-- While the run is prepared, only what is said of an anomaly changes; once validated, only the day
-- of payment is written, once, with the file. What changed is seen line by line, without reading any
-- table; where its run stands is read once for all the lines of the statement.
CREATE OR REPLACE FUNCTION apa_ash.keep_lines_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said text[] := '{ecarte,examen,examine_par_id}';
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    -- A line without an account takes the one that read_account gives it, and no other hand writes
    -- these columns.
    IF OLD.iban = '' AND NEW.relu_on IS NOT NULL THEN
        said := said || '{titulaire,iban,saisi_par_id,anomalie,relu_on}';
    END IF;
    -- Lines are dated by the act that wrote the file, on its day.
    IF OLD.verse_on IS NULL AND NEW.verse_on BETWEEN access.today() - 1 AND access.today() THEN
        said := '{verse_on}';
    END IF;
    IF OLD.verse_on IS NOT NULL OR to_jsonb(NEW) - said <> to_jsonb(OLD) - said THEN
        RAISE EXCEPTION 'apa_ash: of a line, its examination is written, then its payment, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_frozen_once_validated';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER frozen_once_validated_u AFTER UPDATE ON public.apa_ash_paiement
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_lines_changed();

CREATE OR REPLACE FUNCTION apa_ash.keep_lines_of_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    PERFORM FROM public.apa_ash_lotpaiement l
        WHERE l.id IN (SELECT c.lot_id FROM changed c) FOR SHARE;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT c.lot_id, c.verse_on IS NOT NULL AS dated FROM changed c) c
        WHERE NOT coalesce((SELECT CASE WHEN c.dated THEN l.etat = 'valide' AND EXISTS (
                    SELECT FROM public.apa_ash_fichierpaiement f
                    WHERE f.lot_id = l.id AND f.forme = 'csv')
                ELSE l.etat = 'prepare' END
            FROM public.apa_ash_lotpaiement l WHERE l.id = c.lot_id), false)
    ) THEN
        RAISE EXCEPTION 'apa_ash: the lines of a validated run do not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_frozen_once_validated';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER of_a_run_that_stands AFTER UPDATE ON public.apa_ash_paiement
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_lines_of_run();

-- What is said of an anomaly is said in one's own name, and never to keep an account that one entered.
-- What another agent said stays: it is neither erased nor said again, so that whoever examined still
-- does not validate. One thing alone is left to anybody: to set aside what another would have paid.
-- A line whose account was read again is as new: `read_account` has put it back among the others.
CREATE OR REPLACE FUNCTION apa_ash.keep_hands_apart() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF NEW.examine_par_id IS DISTINCT FROM access.agent() THEN
        RAISE EXCEPTION 'apa_ash: an agent examines in no other name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_examined_by_oneself';
    END IF;
    IF OLD.examine_par_id <> NEW.examine_par_id AND NOT (NEW.ecarte AND NOT OLD.ecarte) THEN
        RAISE EXCEPTION 'apa_ash: what another agent said of a line stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_examination_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER hands_apart BEFORE UPDATE ON public.apa_ash_paiement FOR EACH ROW
    WHEN (NEW.relu_on IS NOT DISTINCT FROM OLD.relu_on
        AND (NEW.examen, NEW.examine_par_id, NEW.ecarte)
            IS DISTINCT FROM (OLD.examen, OLD.examine_par_id, OLD.ecarte))
    EXECUTE FUNCTION apa_ash.keep_hands_apart();

CREATE OR REPLACE FUNCTION apa_ash.keep_own_account() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_agent uuid := access.agent();
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM changed p
            WHERE p.examine_par_id = v_agent AND NOT p.ecarte AND p.verse_on IS NULL
                AND p.anomalie ~ 'compte_(modifie|partage)' AND v_agent = CASE
                    WHEN p.prestataire_id IS NULL THEN
                        (SELECT c.saisi_par_id FROM public.apa_ash_comptebancaire c
                        WHERE c.dossier_id = p.dossier_id)
                    ELSE (SELECT s.iban_saisi_par_id FROM public.apa_ash_prestataire s
                        WHERE s.id = p.prestataire_id) END) THEN
        RAISE EXCEPTION 'apa_ash: an agent does not keep an account of their own entering'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_account_of_another';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER account_of_another AFTER UPDATE ON public.apa_ash_paiement
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_own_account();

-- A line enters a run with an examination only when the very same line of a run of the month given up
-- carries it, word for word and in the same name: nobody writes what another is said to have seen. Hours
-- far above the plan may have grown since, and the line not: they are looked at again. So is what was set
-- aside without an anomaly: one hand keeps nobody unpaid. The columns are those of queries/lot_reprise.py:
-- a test changes each in turn, for both.
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
                AND p.facture_id IS NOT DISTINCT FROM c.facture_id
                AND p.anomalie <> '' AND p.anomalie NOT LIKE '%heures_au_dela%')
    ) THEN
        RAISE EXCEPTION 'apa_ash: an examination is carried over as it was, or made again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paiement_examined_by_oneself';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER carried_over AFTER INSERT ON public.apa_ash_paiement
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_carried_over();
