-- Who follows a file, and who visits the person, is an agent habilitated today on the service of the
-- file: an appointment opens a list of work, and names somebody on the letters. The owner's upkeep is
-- not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

-- The column, then the roles of which the agent holds one. What a statement leaves as it was is not
-- looked at: an agent who moved on is still named in what they followed.
CREATE OR REPLACE FUNCTION apa_ash.keep_appointed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM unnest(TG_ARGV[1:]) AS played(role)
            CROSS JOIN LATERAL access.colleagues(played.role) c
            WHERE c.agent_id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid
                AND c.service_id = NEW.service_id AND c.en_poste) THEN
        RAISE EXCEPTION 'apa_ash: who is appointed is habilitated on the service of the file'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'agent_of_the_service';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER appointed_i AFTER INSERT ON public.apa_ash_dossier FOR EACH ROW
    WHEN (NEW.instructeur_id IS NOT NULL)
    EXECUTE FUNCTION apa_ash.keep_appointed('instructeur_id', 'instructeur', 'responsable');
CREATE OR REPLACE TRIGGER appointed_u AFTER UPDATE ON public.apa_ash_dossier FOR EACH ROW
    WHEN (NEW.instructeur_id <> OLD.instructeur_id
        OR NEW.instructeur_id IS NOT NULL AND OLD.instructeur_id IS NULL)
    EXECUTE FUNCTION apa_ash.keep_appointed('instructeur_id', 'instructeur', 'responsable');
CREATE OR REPLACE TRIGGER appointed_i AFTER INSERT ON public.apa_ash_visite FOR EACH ROW
    WHEN (NEW.evaluateur_id IS NOT NULL)
    EXECUTE FUNCTION apa_ash.keep_appointed('evaluateur_id', 'evaluateur');
CREATE OR REPLACE TRIGGER appointed_u AFTER UPDATE ON public.apa_ash_visite FOR EACH ROW
    WHEN (NEW.evaluateur_id <> OLD.evaluateur_id
        OR NEW.evaluateur_id IS NOT NULL AND OLD.evaluateur_id IS NULL)
    EXECUTE FUNCTION apa_ash.keep_appointed('evaluateur_id', 'evaluateur');
