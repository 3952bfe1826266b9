-- Who follows a file, and who visits the person, is an agent habilitated today on the service of the
-- file: an appointment opens a list of work, and names somebody on the letters. The owner's upkeep is
-- not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

-- The column, then the roles of which the agent holds one. What a statement leaves as it was is not
-- looked at: an agent who moved on is still named in what they followed.
CREATE OR REPLACE FUNCTION apa_ash.keep_appointed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_agent uuid;
    v_service uuid;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    FOR v_agent, v_service IN EXECUTE format(
        CASE TG_OP WHEN 'INSERT' THEN 'SELECT DISTINCT a.%1$I, a.service_id FROM after a'
            ' WHERE a.%1$I IS NOT NULL'
        ELSE 'SELECT DISTINCT a.%1$I, a.service_id FROM after a JOIN before b ON b.id = a.id'
            ' WHERE a.%1$I IS NOT NULL AND a.%1$I IS DISTINCT FROM b.%1$I' END, TG_ARGV[0])
    LOOP
        IF NOT EXISTS (SELECT FROM unnest(TG_ARGV[1:]) AS played(role)
                CROSS JOIN LATERAL access.colleagues(played.role) c
                WHERE c.agent_id = v_agent AND c.service_id = v_service AND c.en_poste) THEN
            RAISE EXCEPTION 'apa_ash: who is appointed is habilitated on the service of the file'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'agent_of_the_service';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER appointed_i AFTER INSERT ON public.apa_ash_dossier
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION apa_ash.keep_appointed('instructeur_id', 'instructeur', 'responsable');
CREATE OR REPLACE TRIGGER appointed_u AFTER UPDATE ON public.apa_ash_dossier
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION apa_ash.keep_appointed('instructeur_id', 'instructeur', 'responsable');
CREATE OR REPLACE TRIGGER appointed_i AFTER INSERT ON public.apa_ash_visite
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION apa_ash.keep_appointed('evaluateur_id', 'evaluateur');
CREATE OR REPLACE TRIGGER appointed_u AFTER UPDATE ON public.apa_ash_visite
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION apa_ash.keep_appointed('evaluateur_id', 'evaluateur');
