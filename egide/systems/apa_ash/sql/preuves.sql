-- What a decision rests on stays as it was: the days of the request, its pieces, the resources, the
-- visit, the evaluation and its grid, the letters. A correction is another row. Most of it is held by
-- the column grants (no purpose changes an evaluation, a grid, an amount or a letter); what an act
-- still writes later is held here, once. The owner's upkeep is not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

-- A request is complete on the day of its last piece (CASF R. 232-23): the two months of the decision
-- run from it, so it is what the pieces say and no other day; one that is not asked for any more
-- counts from the day the person said why. A revision is complete as it comes: the
-- pieces of the first request are held already.
CREATE OR REPLACE FUNCTION apa_ash.keep_demande() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' AND (NEW.recue_on > access.today() OR NEW.accuse_on IS NOT NULL
            OR NEW.complete_on IS DISTINCT FROM
                CASE NEW.nature WHEN 'revision' THEN NEW.recue_on END) THEN
        RAISE EXCEPTION 'apa_ash: a request begins neither complete nor acknowledged'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'demande_begins_to_complete';
    END IF;
    -- What follows is of an entry too: it has no former days.
    IF OLD.complete_on IS NOT NULL AND OLD.complete_on IS DISTINCT FROM NEW.complete_on
       OR OLD.accuse_on IS NOT NULL AND OLD.accuse_on IS DISTINCT FROM NEW.accuse_on THEN
        RAISE EXCEPTION 'apa_ash: the days of a request are written once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'demande_days_written_once';
    END IF;
    IF NEW.complete_on IS DISTINCT FROM OLD.complete_on AND NEW.complete_on IS DISTINCT FROM (
            SELECT CASE WHEN count(*) = count(coalesce(p.recue_on, p.dispensee_on))
                THEN greatest(NEW.recue_on, max(coalesce(p.recue_on, p.dispensee_on))) END
            FROM public.apa_ash_piece p WHERE p.demande_id = NEW.id) THEN
        RAISE EXCEPTION 'apa_ash: a request is complete on the day of its last piece'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'demande_complete_with_its_pieces';
    END IF;
    IF NEW.accuse_on IS DISTINCT FROM OLD.accuse_on
       AND NEW.accuse_on NOT BETWEEN access.today() - 1 AND access.today() THEN
        RAISE EXCEPTION 'apa_ash: a request is acknowledged on the day it is written'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'demande_acknowledged_today';
    END IF;
    -- It is acknowledged as complete: one hand records a silence upon an acknowledgement of the thirty
    -- days, which nobody dates, and would date back what makes it complete if it came after.
    IF NEW.accuse_on IS DISTINCT FROM OLD.accuse_on AND NEW.complete_on IS NULL THEN
        RAISE EXCEPTION 'apa_ash: a request is acknowledged once complete'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'demande_acknowledged_complete';
    END IF;
    -- Given up, it ends there: on a day past, told once, and nothing completes it any more.
    IF (NEW.desistee_on, NEW.desistee_par) IS DISTINCT FROM
            (OLD.desistee_on, coalesce(OLD.desistee_par, ''))
       AND (TG_OP = 'INSERT' OR OLD.desistee_on IS NOT NULL
            OR NEW.desistee_on > access.today())
       OR OLD.desistee_on IS NOT NULL
       AND (NEW.complete_on, NEW.accuse_on) IS DISTINCT FROM (OLD.complete_on, OLD.accuse_on) THEN
        RAISE EXCEPTION 'apa_ash: a request is given up once, on a day past'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'demande_given_up_once';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER days_kept BEFORE INSERT OR UPDATE ON public.apa_ash_demande
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_demande();

CREATE OR REPLACE FUNCTION apa_ash.keep_piece() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    -- Held until the end: a request that is being completed is waited for, then seen.
    PERFORM FROM public.apa_ash_demande d
        WHERE d.id = NEW.demande_id AND d.complete_on IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'apa_ash: the pieces of a complete request do not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'piece_kept_once_complete';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.recue_on IS NOT NULL
            AND OLD.recue_on IS DISTINCT FROM NEW.recue_on
            OR OLD.dispensee_on IS NOT NULL
            AND OLD.dispensee_on IS DISTINCT FROM NEW.dispensee_on) THEN
        RAISE EXCEPTION 'apa_ash: the day of a piece is written once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'piece_received_once';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER kept_once_complete BEFORE INSERT OR UPDATE ON public.apa_ash_piece
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_piece();

-- Resources are set aside by those that replace them, and never put back: what a decision counted
-- upon stays in the history, and its lines are written together with it.
CREATE OR REPLACE FUNCTION apa_ash.keep_ressources() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF NOT OLD.en_vigueur AND NEW.en_vigueur THEN
        RAISE EXCEPTION 'apa_ash: resources that were set aside do not come back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ressources_only_set_aside';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER only_set_aside BEFORE UPDATE ON public.apa_ash_ressources
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_ressources();

CREATE OR REPLACE FUNCTION apa_ash.keep_ressources_lines() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM written w JOIN public.apa_ash_ressources r ON r.id = w.ressources_id
        WHERE NOT r.en_vigueur OR EXISTS (
            SELECT FROM public.apa_ash_ligneressource l WHERE l.ressources_id = r.id
                AND NOT EXISTS (SELECT FROM written x WHERE x.id = l.id))
    ) THEN
        RAISE EXCEPTION 'apa_ash: the lines of resources are written together'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ligne_ressource_written_together';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER written_together AFTER INSERT ON public.apa_ash_ligneressource
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_ressources_lines();

-- A visit that took place is what the evaluation refers to.
CREATE OR REPLACE FUNCTION apa_ash.keep_visite() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF OLD.realisee_on IS NOT NULL AND OLD IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION 'apa_ash: a visit that took place does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'visite_kept_once_made';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER kept_once_made BEFORE UPDATE ON public.apa_ash_visite
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_visite();

-- The grid is the evidence of a GIR: it is given by whoever signed the evaluation, once.
CREATE OR REPLACE FUNCTION apa_ash.keep_grille() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT FROM public.apa_ash_evaluation e WHERE e.id = NEW.evaluation_id
            AND e.auteur_id IS NOT DISTINCT FROM access.agent()) THEN
        RAISE EXCEPTION 'apa_ash: a grid is given by the author of its evaluation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grille_of_its_author';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER of_its_author BEFORE INSERT ON public.apa_ash_grilleaggir
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_grille();

-- A letter is of the day it is written: its day starts the delay to appeal. The eve is left to an act
-- that midnight overtakes. That its imprint is of its bytes is a constraint of the table.
CREATE OR REPLACE FUNCTION apa_ash.keep_courrier() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told constant jsonb := '{"decision_accord": "accord", "decision_rejet": "rejet",
        "forfait_tacite": "forfait_tacite", "forfait_urgence": "urgence", "suspension": "suspension",
        "reprise": "reprise", "revalorisation": "revalorisation", "fin_droit": "fin",
        "maintien": "maintien", "decision_relais": "relais", "refus_relais": "refus_relais"}';
    -- The letters of the system: a test compares them.
    known constant text[] := '{accuse_reception, pieces_manquantes, proposition_plan, decision_accord,
        decision_rejet, refus_repute, forfait_tacite, forfait_urgence, revalorisation, mise_en_demeure,
        suspension, reprise, fin_droit, maintien, compte_rendu, indu, decision_remise, retrait_indu,
        decision_relais, refus_relais, demande_justificatifs, desistement}';
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM written w
            WHERE w.cree_on NOT BETWEEN access.today() - 1 AND access.today()) THEN
        RAISE EXCEPTION 'apa_ash: a letter is of the day it is written'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_of_its_day';
    END IF;
    IF EXISTS (SELECT FROM written w WHERE NOT w.nature = ANY (known)) THEN
        RAISE EXCEPTION 'apa_ash: a letter is one of those that the system writes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_of_a_known_nature';
    END IF;
    -- A claim is signed as a decision is, though no row of decisions tells it.
    IF EXISTS (SELECT FROM written w
            WHERE w.nature = 'indu' AND NOT access.plays('responsable', w.service_id)) THEN
        RAISE EXCEPTION 'apa_ash: the letter of a claim is signed by delegation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_claims_by_delegation';
    END IF;
    -- Nor what is remitted or withdrawn of it: whoever decided it that day signs its letter. Apart: who
    -- sends no such letter may not read what was asked.
    IF EXISTS (SELECT FROM written w WHERE w.nature IN ('decision_remise', 'retrait_indu')) THEN
        IF EXISTS (SELECT FROM written w
                WHERE w.nature IN ('decision_remise', 'retrait_indu')
                    AND (NOT access.plays('responsable', w.service_id) OR NOT EXISTS (
                        SELECT FROM public.apa_ash_remise r
                        WHERE r.dossier_id = w.dossier_id AND r.decidee_par_id = access.agent()
                            AND r.decidee_on >= access.today() - 1
                            AND r.nature = CASE w.nature
                                WHEN 'retrait_indu' THEN 'retrait' ELSE 'remise' END))) THEN
            RAISE EXCEPTION 'apa_ash: a remission, or a withdrawal, is told by whoever decided it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_of_a_decided_remission';
        END IF;
    END IF;
    -- No letter goes to the dead: the end that tells a death has one signature.
    IF EXISTS (SELECT FROM written w WHERE w.nature = 'fin_droit') THEN
        IF EXISTS (SELECT FROM written w JOIN public.apa_ash_decision d ON d.id = w.decision_id
                WHERE w.nature = 'fin_droit' AND d.avant IS NOT NULL) THEN
            RAISE EXCEPTION 'apa_ash: the end of a right that a death closed is told by no letter'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_not_to_the_dead';
        END IF;
    END IF;
    -- A letter that tells a decision is that of a decision of its file: sent alone, it would run the
    -- delay to appeal against nothing. Apart: who sends no such letter may not read the decisions.
    IF EXISTS (SELECT FROM written w WHERE w.decision_id IS NOT NULL
            OR (told ->> w.nature) IS NOT NULL) THEN
        IF EXISTS (SELECT FROM written w LEFT JOIN public.apa_ash_decision d
                ON (d.id, d.dossier_id) = (w.decision_id, w.dossier_id)
                WHERE (w.decision_id IS NOT NULL OR (told ->> w.nature) IS NOT NULL)
                    AND d.nature IS DISTINCT FROM (told ->> w.nature)) THEN
            RAISE EXCEPTION 'apa_ash: a letter tells the decision that it names'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_tells_its_decision';
        END IF;
        -- It leaves with it, from whoever took it: written again years later, it would put off what the
        -- decision began. A campaign writes its letters in the days that follow, each under the id of its
        -- decision, so once.
        IF EXISTS (SELECT FROM written w JOIN public.apa_ash_decision d ON d.id = w.decision_id
                WHERE CASE WHEN d.nature = 'revalorisation' THEN w.id <> d.id
                    ELSE w.cree_on NOT BETWEEN d.prise_on AND d.prise_on + 1
                        OR d.prise_par_id IS DISTINCT FROM access.agent() END) THEN
            RAISE EXCEPTION 'apa_ash: a decision is told on its day, by whoever took it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_tells_a_new_decision';
        END IF;
    END IF;
    -- Each under the id of its line, once all of them are applied. Apart: only who leads a campaign reads
    -- it; from any other hand, a letter under that id would stop the whole batch of the campaign.
    IF EXISTS (SELECT FROM written w WHERE w.nature = 'revalorisation') THEN
        IF EXISTS (SELECT FROM written w WHERE w.nature = 'revalorisation' AND NOT EXISTS (
                SELECT FROM public.apa_ash_lignecampagne l
                JOIN public.apa_ash_campagne c ON c.id = l.campagne_id AND c.etat = 'terminee'
                WHERE (l.id, l.dossier_id) = (w.id, w.dossier_id) AND l.applique)) THEN
            RAISE EXCEPTION 'apa_ash: a revaluation is told by the campaign that applied it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'courrier_of_its_campaign';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER of_its_day AFTER INSERT ON public.apa_ash_courrier
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_courrier();
