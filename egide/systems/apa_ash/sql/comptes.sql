-- The accounts that are paid: whose hand entered them and when, and how a line prepared without one
-- takes it later. The owner's upkeep is not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

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
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
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
    NEW.relu_on := access.today();
    NEW.anomalie := replace(replace(OLD.anomalie, 'compte_absent', v_flag),
        'service_sans_compte', 'service_compte_modifie');
    NEW.ecarte := false;
    NEW.examen := '';
    NEW.examine_par_id := NULL;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER account_read_again BEFORE UPDATE ON public.apa_ash_paiement FOR EACH ROW
    WHEN (NEW.relu_on IS DISTINCT FROM OLD.relu_on)
    EXECUTE FUNCTION apa_ash.read_account();

-- A new account is dated and signed by whoever writes it, and never back: the date is what flags it in
-- the next run, the hand is the one that may not keep it nor pay it, whatever wrote it. One function
-- for a person and for a service: only the names of the two columns differ, and the name on the account
-- counts for a person alone (a service is renamed without its account being entered again). A name is
-- one line: on two, it would be a row of its own to whoever reads the table of a run line by line.
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
    IF v_new ->> 'titulaire' ~ '[\r\n]' OR v_new ->> 'nom' ~ '[\r\n]' THEN
        RAISE EXCEPTION 'apa_ash: the name on an account is one line'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'compte_named_on_one_line';
    END IF;
    v_changed := TG_OP = 'INSERT' OR v_old -> 'iban' IS DISTINCT FROM v_new -> 'iban';
    NEW := jsonb_populate_record(NEW, jsonb_build_object(v_day, greatest((v_new ->> v_day)::date,
        CASE WHEN v_changed THEN access.today() ELSE (v_old ->> v_day)::date END)));
    NEW := jsonb_populate_record(NEW, jsonb_build_object(v_hand,
        CASE WHEN v_changed OR v_old -> 'titulaire' IS DISTINCT FROM v_new -> 'titulaire'
            THEN access.agent() ELSE (v_old ->> v_hand)::uuid END));
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER dated BEFORE INSERT OR UPDATE ON public.apa_ash_comptebancaire
    FOR EACH ROW EXECUTE FUNCTION apa_ash.date_account('saisi_on', 'saisi_par_id');
CREATE OR REPLACE TRIGGER dated BEFORE INSERT OR UPDATE ON public.apa_ash_prestataire
    FOR EACH ROW EXECUTE FUNCTION apa_ash.date_account('iban_saisi_on', 'iban_saisi_par_id');
