-- Nobody signs what they prepared (CGCT L. 3221-3, CRPA L. 212-1): the decision that grants, refuses,
-- advances, suspends, ends or gives an end up bears the id of a proposal of the same file and kind, written by another
-- agent, and its author holds the delegation on the service. What binds at once is not concerned: a
-- lump sum that silence has granted, and a death, are facts recorded. But a request that was entered
-- late, or a silence told in another month, rests on days that one hand wrote: that lump sum is signed
-- as the others. The owner's upkeep is not
-- either, as in plan.sql. Midnight may overtake an act: its eve is let through.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

CREATE OR REPLACE FUNCTION apa_ash.keep_signed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    -- Apart: only the instruction proposes and signs, and only it may read the proposals.
    IF EXISTS (SELECT FROM taken t
            WHERE t.nature IN ('accord', 'rejet', 'urgence', 'forfait_tacite', 'relais',
                'refus_relais', 'suspension', 'fin', 'maintien')) THEN
        IF EXISTS (SELECT FROM taken t LEFT JOIN public.apa_ash_projetdecision p
                ON (p.id, p.dossier_id, p.nature, p.etat)
                    = (t.id, t.dossier_id, t.nature, 'propose')
                AND p.propose_par_id <> access.agent()
                WHERE t.nature IN ('accord', 'rejet', 'urgence', 'forfait_tacite', 'relais',
                        'refus_relais', 'suspension', 'fin', 'maintien')
                    -- An end that keeps what it closed is a death: it closes whatever the day.
                    AND (t.nature <> 'fin' OR t.avant IS NULL)
                    -- Thirty days, as jours_pour_accuser says: a test compares them.
                    AND (t.nature <> 'forfait_tacite' OR NOT EXISTS (
                        SELECT FROM public.apa_ash_demande r
                        WHERE r.dossier_id = t.dossier_id AND r.accuse_on <= r.recue_on + 30
                            AND (r.complete_on + interval '2 months')::date + 1 = t.effet_on
                            AND t.effet_on >= date_trunc('month', t.prise_on)))
                    AND (p.id IS NULL OR NOT access.plays('responsable', t.service_id))) THEN
            RAISE EXCEPTION 'apa_ash: a decision is proposed by an agent and signed by another'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_signed_by_another';
        END IF;
        -- What is signed is what was proposed: no other plan, and no other day.
        IF EXISTS (SELECT FROM taken t JOIN public.apa_ash_projetdecision p ON p.id = t.id
                WHERE t.nature = 'accord'
                    AND ((t.plan_id, t.revision_on) IS DISTINCT FROM (p.plan_id, p.revision_on)
                        OR t.effet_on NOT IN (greatest(p.effet_on, t.prise_on),
                            coalesce(p.effet_on, p.propose_on))
                        -- An event whose day was that of the proposal is told by the signature alone.
                        OR t.motif NOT IN ('', p.motif, CASE WHEN t.effet_on < t.prise_on
                            AND t.effet_on = p.propose_on THEN t.motif ELSE '' END))) THEN
            RAISE EXCEPTION 'apa_ash: an agreement is signed as it was proposed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_signed_as_proposed';
        END IF;
        -- Before its notification, an agreement takes effect from an event of life only (CASF
        -- R. 232-6): the resources in force tell it, a revision studies it, and the right of its eve had
        -- not counted it. `keep_opened` bounds what it gives.
        IF EXISTS (SELECT FROM taken t
                WHERE t.nature = 'accord' AND t.effet_on < t.prise_on AND NOT EXISTS (
                    SELECT FROM public.apa_ash_ressources r JOIN public.apa_ash_droit b
                        ON b.dossier_id = r.dossier_id AND b.periode @> (r.effet_on - 1)
                        AND (b.couple, b.ressources_mensuelles)
                            IS DISTINCT FROM (r.couple, r.ressources_mensuelles)
                    WHERE (r.dossier_id, r.effet_on) = (t.dossier_id, t.effet_on) AND r.en_vigueur
                        AND 'revision' = (SELECT q.nature FROM public.apa_ash_demande q
                            WHERE q.dossier_id = t.dossier_id
                            ORDER BY q.recue_on DESC, q.id DESC LIMIT 1))) THEN
            RAISE EXCEPTION 'apa_ash: an agreement takes effect once notified, but for an event of life'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_effect_of_an_event';
        END IF;
        -- What stops a right neither: no other ground nor day, and a suspension is told a month ahead.
        IF EXISTS (SELECT FROM taken t JOIN public.apa_ash_projetdecision p ON p.id = t.id
                WHERE t.nature IN ('suspension', 'fin', 'maintien')
                    AND (t.motif <> p.motif OR t.effet_on < t.prise_on
                        OR t.effet_on <> coalesce(p.effet_on,
                            (date_trunc('month', t.prise_on) + interval '1 month')::date))) THEN
            RAISE EXCEPTION 'apa_ash: what stops a right is signed as it was proposed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_stops_as_proposed';
        END IF;
        -- Nor the others: no other ground, a refusal is of its day, a relay of the first day of its
        -- stay. `keep_opened` says from when a lump sum is due, `keep_relais` whose relay it is.
        IF EXISTS (SELECT FROM taken t JOIN public.apa_ash_projetdecision p ON p.id = t.id
                LEFT JOIN public.apa_ash_relais r ON r.id = p.relais_id
                WHERE t.nature IN ('rejet', 'urgence', 'forfait_tacite', 'relais', 'refus_relais')
                    AND (t.motif <> p.motif OR t.effet_on IS DISTINCT FROM CASE t.nature
                        WHEN 'rejet' THEN t.prise_on
                        WHEN 'relais' THEN r.entree_on
                        WHEN 'refus_relais' THEN r.entree_on
                        ELSE t.effet_on END)) THEN
            RAISE EXCEPTION 'apa_ash: a decision tells the ground and the day that were proposed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_told_as_proposed';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER signed_by_another AFTER INSERT ON public.apa_ash_decision
    REFERENCING NEW TABLE AS taken FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_signed();

-- A proposal begins to be signed, and is closed once, by whoever acts, on the day; it is signed or sent
-- back by a holder of the delegation, and it says signed only beside its decision.
CREATE OR REPLACE FUNCTION apa_ash.keep_projet() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.etat <> 'propose'
           OR NEW.propose_on NOT BETWEEN access.today() - 1 AND access.today() THEN
            RAISE EXCEPTION 'apa_ash: a proposal begins to be signed, on its day'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'projet_begins_proposed';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.etat <> 'propose' OR NEW.etat = 'propose'
       OR NEW.traite_par_id IS DISTINCT FROM access.agent()
       OR NOT coalesce(NEW.traite_on BETWEEN access.today() - 1 AND access.today(), false) THEN
        RAISE EXCEPTION 'apa_ash: a proposal is closed once, by whoever acts'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'projet_closed_once';
    END IF;
    IF NEW.etat IN ('signe', 'renvoye') AND NOT access.plays('responsable', NEW.service_id)
       OR NEW.etat = 'signe' AND NOT EXISTS (
            SELECT FROM public.apa_ash_decision d
            WHERE (d.id, d.prise_par_id) = (NEW.id, NEW.traite_par_id)) THEN
        RAISE EXCEPTION 'apa_ash: a proposal is signed with its decision, by delegation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'projet_signed_by_delegation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER proposed BEFORE INSERT OR UPDATE ON public.apa_ash_projetdecision
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_projet();
