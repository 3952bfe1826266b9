-- The last contact of a person is what retention counts from: it only comes nearer, up to today. Moved
-- back, it would hand a file to the nightly destruction.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_contact() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF NEW.dernier_contact_on < OLD.dernier_contact_on
       OR NEW.dernier_contact_on > access.today() THEN
        RAISE EXCEPTION 'apa_ash: the last contact of a person is a day past, and does not go back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_contact_advances';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER contact_advances AFTER UPDATE ON public.apa_ash_dossier FOR EACH ROW
    WHEN (NEW.dernier_contact_on IS DISTINCT FROM OLD.dernier_contact_on)
    EXECUTE FUNCTION apa_ash.keep_contact();

-- An end may be told years late. What is kept counts from the day on which it was recorded, which no
-- agent writes: dated back, a death would hand the file to the destruction of the same night, with the
-- payments and the decisions of yesterday.
CREATE OR REPLACE FUNCTION apa_ash.keep_constat() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    NEW.fin_constatee_on := access.today();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER constat BEFORE UPDATE ON public.apa_ash_dossier FOR EACH ROW
    WHEN (NEW.fin_droit_on IS DISTINCT FROM OLD.fin_droit_on
        OR NEW.etat IN ('clos', 'rejete') AND NEW.etat <> OLD.etat
        OR (OLD.etat IN ('ouvert', 'suspendu') OR OLD.etat_droit <> '')
            AND NEW.etat NOT IN ('ouvert', 'suspendu') AND NEW.etat_droit = '')
    EXECUTE FUNCTION apa_ash.keep_constat();

-- The end of a right is no earlier than the rights themselves; it is told, moved or given up by the
-- decision of the day that says so, on the day that it says: an end or a death, what gives an end up, and
-- an undone death, which gives the former one back. No agreement gives up what was signed: another
-- signature does. A request that another département admits to be its own ends without a decision.
CREATE OR REPLACE FUNCTION apa_ash.keep_end() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF NEW.fin_droit_on IS NOT NULL AND EXISTS (
            SELECT FROM public.apa_ash_droit x
            WHERE x.dossier_id = NEW.id AND NOT isempty(x.periode)
                AND (upper_inf(x.periode) OR upper(x.periode) > NEW.fin_droit_on + 1)) THEN
        RAISE EXCEPTION 'apa_ash: a right ends no earlier than its days'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_ends_with_its_rights';
    END IF;
    IF NOT EXISTS (
            SELECT FROM public.apa_ash_decision d
            LEFT JOIN public.apa_ash_decision u ON u.id = d.annule_id
            WHERE d.dossier_id = NEW.id AND d.prise_on >= access.today() - 1
                AND CASE d.nature
                    WHEN 'fin' THEN NEW.fin_droit_on = greatest(d.effet_on, NEW.ouvert_on)
                    WHEN 'maintien' THEN NEW.fin_droit_on IS NULL AND d.effet_on = OLD.fin_droit_on + 1
                    WHEN 'annulation' THEN NEW.fin_droit_on
                        IS NOT DISTINCT FROM (u.avant ->> 'fin_droit_on')::date END
                AND NOT EXISTS (SELECT FROM public.apa_ash_decision l
                    WHERE l.dossier_id = d.dossier_id AND l.ecrite_a > d.ecrite_a
                        AND l.nature IN ('fin', 'maintien', 'annulation')))
       AND NOT EXISTS (
            SELECT FROM public.apa_ash_litigesecours l
            WHERE OLD.fin_droit_on IS NULL AND (l.dossier_id, l.etat) = (NEW.id, 'accepte')
                AND l.repondu_on <= access.today()
                AND NEW.fin_droit_on = greatest(l.repondu_on, NEW.ouvert_on)) THEN
        RAISE EXCEPTION 'apa_ash: an end is told, moved, or given up, by a decision'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_end_by_a_decision';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ends_with_its_rights AFTER UPDATE ON public.apa_ash_dossier FOR EACH ROW
    WHEN (NEW.fin_droit_on IS DISTINCT FROM OLD.fin_droit_on)
    EXECUTE FUNCTION apa_ash.keep_end();

-- An end is given up before its day is past, once, and while the person lives: afterwards the right is
-- over, and a new request opens another.
CREATE OR REPLACE FUNCTION apa_ash.keep_maintained() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM public.apa_ash_dossier x
            WHERE x.id = NEW.dossier_id AND x.etat <> 'clos'
                AND x.fin_droit_on = NEW.effet_on - 1 AND x.fin_droit_on >= NEW.prise_on) THEN
        RAISE EXCEPTION 'apa_ash: an end is given up while it is ahead'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_gives_up_an_end_ahead';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER gives_up_an_end_ahead AFTER INSERT ON public.apa_ash_decision FOR EACH ROW
    WHEN (NEW.nature = 'maintien')
    EXECUTE FUNCTION apa_ash.keep_maintained();
