-- What stops a payment begins and ends by what the law ends it by: a suspension by the decision that resumes it
-- (CASF R. 232-16) or with the right that it stopped, a stay by its discharge (R. 232-32), a death by the decision that undoes it. Erased
-- alone, it would pay a person who is dead, in hospital or suspended, and nobody would have decided it.
-- The owner's upkeep is not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_interruption() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF (NEW.id, NEW.dossier_id, NEW.nature, NEW.motif, NEW.mise_en_demeure_on)
            IS DISTINCT FROM
       (OLD.id, OLD.dossier_id, OLD.nature, OLD.motif, OLD.mise_en_demeure_on) THEN
        RAISE EXCEPTION 'apa_ash: what stopped a payment, and the notice before it, are written once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'interruption_written_once';
    END IF;
    -- The discharge is recorded once, and is no day to come.
    IF NEW.nature <> 'suspension' AND NEW.periode <> OLD.periode
            AND NOT coalesce(upper_inf(OLD.periode) AND lower(NEW.periode) = lower(OLD.periode)
                AND upper(NEW.periode) <= access.today(), false) THEN
        RAISE EXCEPTION 'apa_ash: a stay ends by its discharge'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'interruption_ended_by_a_discharge';
    END IF;
    -- Put right before it began, a suspension has covered no day; told once it had begun, it begins on
    -- the first of the month that follows the posting of its letter.
    IF NEW.nature = 'suspension' AND NEW.periode <> OLD.periode AND NOT EXISTS (
            SELECT FROM public.apa_ash_decision d
            WHERE (d.dossier_id, d.nature) = (NEW.dossier_id, 'reprise')
                AND d.prise_on >= access.today() - 1 AND upper_inf(OLD.periode)
                -- Compared end by end: the payment of an earlier suspension resumed before this one.
                AND CASE WHEN isempty(NEW.periode) THEN d.effet_on = lower(OLD.periode)
                    ELSE (lower(NEW.periode), upper(NEW.periode))
                        = (lower(OLD.periode), d.effet_on) END)
            AND NOT EXISTS (
            SELECT FROM public.apa_ash_decision d JOIN public.apa_ash_courrier c ON c.decision_id = d.id
            WHERE (d.dossier_id, d.nature, d.effet_on)
                    = (NEW.dossier_id, 'suspension', lower(OLD.periode))
                AND c.cree_on <= d.prise_on + 1 AND c.poste_on >= d.effet_on
                AND NEW.periode = CASE
                    WHEN upper(OLD.periode) <= date_trunc('month', c.poste_on) + interval '1 month'
                    THEN 'empty' ELSE daterange((date_trunc('month', c.poste_on)
                        + interval '1 month')::date, upper(OLD.periode)) END)
            -- A right that is over leaves nothing to stop.
            AND NOT EXISTS (
            SELECT FROM public.apa_ash_dossier x
            WHERE x.id = NEW.dossier_id AND x.fin_droit_on < access.today()
                AND upper_inf(OLD.periode) AND NEW.periode = daterange(lower(OLD.periode),
                    greatest(lower(OLD.periode), x.fin_droit_on + 1))) THEN
        RAISE EXCEPTION 'apa_ash: a suspension ends by the decision that resumes the payment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'interruption_ended_by_a_decision';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ended_by_a_decision AFTER UPDATE ON public.apa_ash_interruption
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_interruption();

-- A suspension begins by the decision of the day that says from when, and has no end yet.
CREATE OR REPLACE FUNCTION apa_ash.keep_suspended() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM public.apa_ash_decision d
            WHERE (d.dossier_id, d.nature, d.motif) = (NEW.dossier_id, 'suspension', NEW.motif)
                AND d.prise_on >= access.today() - 1
                AND NEW.periode = daterange(d.effet_on, NULL)) THEN
        RAISE EXCEPTION 'apa_ash: a payment is suspended by a decision'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'interruption_begun_by_a_decision';
    END IF;
    -- The month that a notice leaves runs from its receipt, which never comes before its posting: one
    -- that stayed in the office, or that was answered, carries nothing. Said late, the posting counts from
    -- a few days before: seven, as jours_pour_noter_un_depot says; a test compares them.
    IF NOT EXISTS (SELECT FROM public.apa_ash_courrier c
            WHERE (c.dossier_id, c.nature) = (NEW.dossier_id, 'mise_en_demeure')
                AND c.cree_on = NEW.mise_en_demeure_on AND c.regularisee_on IS NULL
                AND greatest(c.poste_on, c.poste_constate_on - 7) + interval '1 month'
                    < access.today()) THEN
        RAISE EXCEPTION 'apa_ash: a suspension follows a notice posted more than a month before'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'interruption_after_a_posted_notice';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER begun_by_a_decision AFTER INSERT ON public.apa_ash_interruption FOR EACH ROW
    WHEN (NEW.nature = 'suspension')
    EXECUTE FUNCTION apa_ash.keep_suspended();

-- What a formal notice reproached is put right once: said on its day, by whoever acts; a notice that nobody
-- answered carries a suspension, one that was answered none (CASF R. 232-16).
CREATE OR REPLACE FUNCTION apa_ash.keep_regularisation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.regularisee_on IS NOT NULL
       OR NEW.constatee_par_id IS DISTINCT FROM access.agent()
       OR NEW.constatee_on NOT BETWEEN access.today() - 1 AND access.today() THEN
        RAISE EXCEPTION 'apa_ash: a notice is put right once, said on the day by whoever acts'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_regularise_once';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER not_put_right_yet AFTER INSERT ON public.apa_ash_courrier FOR EACH ROW
    WHEN (NEW.regularisee_on IS NOT NULL)
    EXECUTE FUNCTION apa_ash.keep_regularisation();
CREATE OR REPLACE TRIGGER put_right_once AFTER UPDATE ON public.apa_ash_courrier FOR EACH ROW
    WHEN ((NEW.regularisee_on, NEW.constatee_on, NEW.constatee_par_id)
        IS DISTINCT FROM (OLD.regularisee_on, OLD.constatee_on, OLD.constatee_par_id))
    EXECUTE FUNCTION apa_ash.keep_regularisation();

-- A letter is posted once: said by whoever acts and on the day, of a day that is not to come. What runs against
-- the person begins that day, so nobody moves it, takes it back, or writes a letter posted already.
CREATE OR REPLACE FUNCTION apa_ash.keep_poste() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.poste_on IS NOT NULL
       OR NEW.poste_par_id IS DISTINCT FROM access.agent()
       OR NEW.poste_on > access.today()
       OR NEW.poste_constate_on NOT BETWEEN access.today() - 1 AND access.today() THEN
        RAISE EXCEPTION 'apa_ash: a letter is posted once, which whoever acts says, of no day to come'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_posted_once';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER not_posted_yet AFTER INSERT ON public.apa_ash_courrier FOR EACH ROW
    WHEN (NEW.poste_on IS NOT NULL)
    EXECUTE FUNCTION apa_ash.keep_poste();
CREATE OR REPLACE TRIGGER posted_once AFTER UPDATE ON public.apa_ash_courrier FOR EACH ROW
    WHEN ((NEW.poste_on, NEW.poste_par_id, NEW.poste_constate_on)
        IS DISTINCT FROM (OLD.poste_on, OLD.poste_par_id, OLD.poste_constate_on))
    EXECUTE FUNCTION apa_ash.keep_poste();

CREATE OR REPLACE FUNCTION apa_ash.keep_deces() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
            SELECT FROM public.apa_ash_decision d
            LEFT JOIN public.apa_ash_decision u
                ON (u.id, u.dossier_id) = (d.annule_id, d.dossier_id)
            WHERE d.dossier_id = NEW.dossier_id AND d.prise_on >= access.today() - 1
                AND CASE WHEN OLD.deces_on IS NULL
                    THEN (d.nature, d.effet_on) = ('fin', NEW.deces_on) AND d.avant IS NOT NULL
                    ELSE NEW.deces_on IS NULL AND d.nature = 'annulation'
                        AND u.effet_on = OLD.deces_on END) THEN
        RAISE EXCEPTION 'apa_ash: a death is recorded, and undone, by a decision'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identite_death_by_a_decision';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER death_by_a_decision AFTER UPDATE ON public.apa_ash_identite FOR EACH ROW
    WHEN (NEW.deces_on IS DISTINCT FROM OLD.deces_on)
    EXECUTE FUNCTION apa_ash.keep_deces();

-- No death without a dead person: the end that keeps what it closes needs no second hand and closes
-- whatever the day, so it writes the death that it tells, on a day that may be; and to undo it takes the
-- death away. An agent who writes either alone writes neither.
CREATE OR REPLACE FUNCTION apa_ash.keep_dead() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM taken t WHERE t.avant IS NOT NULL) THEN
        IF EXISTS (SELECT FROM taken t JOIN public.apa_ash_identite i ON i.dossier_id = t.dossier_id
                WHERE t.avant IS NOT NULL
                    AND (t.nature <> 'fin' OR i.deces_on IS NOT NULL
                        OR t.effet_on NOT BETWEEN i.naissance_on AND access.today())) THEN
            RAISE EXCEPTION 'apa_ash: a person dies once, in their life and not tomorrow'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_of_a_death';
        END IF;
        UPDATE public.apa_ash_identite i SET deces_on = t.effet_on
            FROM taken t WHERE i.dossier_id = t.dossier_id AND t.avant IS NOT NULL;
    END IF;
    IF EXISTS (SELECT FROM taken t WHERE t.nature = 'annulation') THEN
        UPDATE public.apa_ash_identite i SET deces_on = NULL
            FROM taken t WHERE i.dossier_id = t.dossier_id AND t.nature = 'annulation';
    END IF;
    RETURN NULL;
END $$;
-- After taken_today, which looks at what is undone: triggers fire in the order of their names.
CREATE OR REPLACE TRIGGER tells_a_death AFTER INSERT ON public.apa_ash_decision
    REFERENCING NEW TABLE AS taken FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_dead();
