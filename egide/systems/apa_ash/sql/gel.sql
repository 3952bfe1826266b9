-- A file under hold is left: its hold is not destroyed by a job before its term, and so neither is the
-- file that it names, whatever the job believes to be due. It says once more, for that, what retention.py
-- declares: a test compares them day by day.

CREATE OR REPLACE FUNCTION apa_ash.keep_held() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF access.is_job()
            AND OLD.jusqu_on >= access.today() THEN
        RAISE EXCEPTION 'apa_ash: a file under hold is left'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'gel_until_its_term';
    END IF;
    RETURN OLD;
END $$;
CREATE OR REPLACE TRIGGER until_its_term BEFORE DELETE
    ON public.apa_ash_gel FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_held();
