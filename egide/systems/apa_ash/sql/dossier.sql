-- The last contact of a person is what retention counts from: it only comes nearer. Moved back, it
-- would hand a file to the nightly destruction.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_contact() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM before b JOIN after a ON a.id = b.id
            WHERE a.dernier_contact_on < b.dernier_contact_on) THEN
        RAISE EXCEPTION 'apa_ash: the last contact of a person does not go back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_contact_advances';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER contact_advances AFTER UPDATE ON public.apa_ash_dossier
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_contact();
