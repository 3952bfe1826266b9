-- A right is opened by the decision of the day that allows it: an agreement on the plan that the person
-- accepted (CASF R. 232-7), a lump sum for the time of the procedure (L. 232-12, L. 232-14), or a
-- revaluation that goes on from the right before it, as a line of its campaign says (L. 232-4).
-- Afterwards its days only shorten: to pay more, or longer, takes another decision, since each opens one
-- right; a death undone gives back the days that it took, the day it is undone, and an end given up
-- those after it. A campaign opens thousands of rights in one statement.
--
-- A lump sum is bounded by the calculation that its decision keeps: what the letter prints, is signed by
-- its author and never changes. Whoever writes both would bound nothing: what is opened stays within the
-- dated figure of the law as well, the lump sum of its first day (R. 232-29), or the ceiling of its GIR
-- (R. 232-10).

CREATE OR REPLACE FUNCTION apa_ash.keep_opened() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_natures text[];
    v_refused boolean;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    -- Looked up row by row, in parentheses: no plan made for one right reads whole tables for each of
    -- the thousands of a campaign.
    SELECT array_agg(DISTINCT coalesce((SELECT d.nature FROM public.apa_ash_decision d
            WHERE d.id = o.decision_id AND d.dossier_id = o.dossier_id), ''))
        INTO v_natures FROM opened o;
    SELECT EXISTS (
        SELECT FROM opened o
        WHERE NOT coalesce((SELECT d.prise_on >= access.today() - 1 AND CASE d.nature
            WHEN 'accord' THEN NOT o.forfait AND lower(o.periode) = d.effet_on
                AND o.apa + o.participation <= o.plan_mensuel
            WHEN 'forfait_tacite' THEN o.forfait AND o.gir = 1 AND o.participation = 0
                AND lower(o.periode) >= d.effet_on
            WHEN 'urgence' THEN o.forfait AND o.gir = 1 AND o.participation = 0
                AND upper(o.periode) IS NOT NULL AND lower(o.periode) >= d.effet_on
            WHEN 'revalorisation' THEN EXISTS (
                SELECT FROM public.apa_ash_droit b
                WHERE b.dossier_id = o.dossier_id AND b.id <> o.id
                    AND upper(b.periode) = lower(o.periode)
                    AND (b.gir, b.couple, b.ressources_mensuelles, b.plan_mensuel, b.forfait)
                      = (o.gir, o.couple, o.ressources_mensuelles, o.plan_mensuel, o.forfait))
            END FROM public.apa_ash_decision d
            WHERE d.id = o.decision_id AND d.dossier_id = o.dossier_id), false)
    ) INTO v_refused;
    -- Apart: only the instruction opens rights upon plans, and only it may read them.
    IF NOT v_refused AND 'accord' = ANY (v_natures) THEN
        SELECT EXISTS (
            SELECT FROM opened o
            JOIN public.apa_ash_decision d ON d.id = o.decision_id AND d.nature = 'accord'
            WHERE NOT EXISTS (
                SELECT FROM public.apa_ash_planaide p
                WHERE p.id = d.plan_id AND p.dossier_id = o.dossier_id
                    AND p.etat = 'accepte' AND p.gir = o.gir
                    AND o.plan_mensuel <= (SELECT sum(l.montant_mensuel)
                        FROM public.apa_ash_ligneplan l WHERE l.plan_id = p.id))
        ) INTO v_refused;
    END IF;
    -- Alone or in a couple, and on which resources: as they count on the day that the decision takes
    -- effect. An event of life counts from its own day on; until then, what came before it (R. 232-6).
    IF NOT v_refused AND 'accord' = ANY (v_natures) THEN
        SELECT EXISTS (
            SELECT FROM opened o
            JOIN public.apa_ash_decision d ON d.id = o.decision_id AND d.nature = 'accord'
            WHERE NOT EXISTS (
                SELECT FROM public.apa_ash_ressources r
                LEFT JOIN public.apa_ash_ressources later
                    ON later.avant_id = r.id AND later.effet_on > d.effet_on
                WHERE r.dossier_id = o.dossier_id
                    AND (r.couple, r.ressources_mensuelles) = (o.couple, o.ressources_mensuelles)
                    AND (r.en_vigueur OR later.id IS NOT NULL)
                    AND (coalesce(r.effet_on <= d.effet_on, true) OR r.avant_id IS NULL))
        ) INTO v_refused;
    END IF;
    -- Apart too: before its notification, what an event of life raises is the right that went on, of its
    -- group and upon its plan: another one opens once notified (CASF L. 232-14), and what lowers an aid
    -- does not go back in time.
    IF NOT v_refused AND 'accord' = ANY (v_natures) THEN
        SELECT EXISTS (
            SELECT FROM opened o
            JOIN public.apa_ash_decision d ON d.id = o.decision_id AND d.nature = 'accord'
            WHERE lower(o.periode) < d.prise_on AND NOT EXISTS (
                SELECT FROM public.apa_ash_droit b
                WHERE b.dossier_id = o.dossier_id AND upper(b.periode) = lower(o.periode)
                    AND NOT b.forfait AND b.gir = o.gir AND b.plan_mensuel = o.plan_mensuel
                    AND b.apa < o.apa)
        ) INTO v_refused;
    END IF;
    -- Apart too: urgency is for the two months that follow the complete request, or the request itself
    -- while it is not (CASF L. 232-12), and begins no earlier than the request.
    IF NOT v_refused AND 'urgence' = ANY (v_natures) THEN
        SELECT EXISTS (
            SELECT FROM opened o
            JOIN public.apa_ash_decision d ON d.id = o.decision_id AND d.nature = 'urgence'
            WHERE NOT coalesce((
                SELECT lower(o.periode) >= r.recue_on AND upper(o.periode)
                    <= (coalesce(r.complete_on, r.recue_on) + interval '2 months')::date + 1
                FROM public.apa_ash_demande r
                WHERE r.dossier_id = o.dossier_id AND r.nature = 'urgence'
                ORDER BY r.recue_on DESC, r.id DESC LIMIT 1), false)
        ) INTO v_refused;
    END IF;
    -- Apart too: what is opened is what was proposed, and its signatory read, for as long as no end is
    -- signed; and the rate that shares its bills, and what is not used, gives that very participation:
    -- of the plan, within the ceiling of its group, to the cent that it was rounded to.
    IF NOT v_refused AND 'accord' = ANY (v_natures) THEN
        SELECT EXISTS (
            SELECT FROM opened o
            JOIN public.apa_ash_decision d ON d.id = o.decision_id AND d.nature = 'accord'
            LEFT JOIN public.apa_ash_projetdecision p ON p.id = d.id
            WHERE (o.apa, o.participation) IS DISTINCT FROM (p.apa, p.participation)
                OR upper(o.periode) IS DISTINCT FROM (SELECT x.fin_droit_on + 1
                    FROM public.apa_ash_dossier x WHERE x.id = o.dossier_id)
                OR NOT coalesce(abs(o.participation - o.taux_participation * least(o.plan_mensuel,
                    access.figure_on('apa_ash', 'gir_' || o.gir, lower(o.periode)))) <= 0.01, false)
        ) INTO v_refused;
    END IF;
    -- Apart too: a campaign opens what its line says, after the right of that line and on its day.
    IF NOT v_refused AND 'revalorisation' = ANY (v_natures) THEN
        SELECT EXISTS (
            SELECT FROM opened o
            WHERE (SELECT d.nature FROM public.apa_ash_decision d WHERE d.id = o.decision_id)
                    = 'revalorisation'
                AND NOT coalesce((SELECT b.id IS NOT NULL
                    FROM public.apa_ash_lignecampagne l
                    JOIN public.apa_ash_campagne c
                        ON c.id = l.campagne_id AND c.etat = 'en_cours'
                    LEFT JOIN public.apa_ash_droit b
                        ON b.id = l.droit_id AND upper(b.periode) = lower(o.periode)
                    WHERE l.id = o.decision_id AND l.dossier_id = o.dossier_id AND l.applique
                        AND c.effet_on = lower(o.periode)
                        AND (l.taux_apres, l.participation_apres, l.apa_apres)
                          = (o.taux_participation, o.participation, o.apa)), false)
        ) INTO v_refused;
    END IF;
    -- Apart too: the feuille names resources, which the instruction alone may read.
    IF NOT v_refused AND v_natures && '{forfait_tacite,urgence}' THEN
        SELECT EXISTS (
            SELECT FROM opened o JOIN public.apa_ash_decision d
                ON d.id = o.decision_id AND d.nature IN ('forfait_tacite', 'urgence')
            WHERE NOT coalesce(o.plan_mensuel <= (d.feuille ->> 'montant')::numeric
                AND o.plan_mensuel <= (d.feuille ->> 'plafond')::numeric, false)
        ) INTO v_refused;
    END IF;
    -- Apart too: silence grants the morrow of the two months that follow the complete request of the
    -- file, the last one and no revision, once they are over (CASF L. 232-14).
    IF NOT v_refused AND 'forfait_tacite' = ANY (v_natures) THEN
        SELECT EXISTS (
            SELECT FROM opened o JOIN public.apa_ash_decision d
                ON d.id = o.decision_id AND d.nature = 'forfait_tacite'
            WHERE NOT coalesce(lower(o.periode) = d.effet_on AND d.effet_on <= access.today()
                AND d.effet_on = (
                    SELECT CASE WHEN r.nature <> 'revision' AND r.desistee_on IS NULL
                        THEN (r.complete_on + interval '2 months')::date + 1 END
                    FROM public.apa_ash_demande r WHERE r.dossier_id = o.dossier_id
                    ORDER BY r.recue_on DESC, r.id DESC LIMIT 1), false)
        ) INTO v_refused;
    END IF;
    -- Whatever opens it, a right ends with the end that was signed before.
    IF EXISTS (SELECT FROM opened o WHERE coalesce(upper(o.periode), 'infinity') > (
            SELECT x.fin_droit_on + 1 FROM public.apa_ash_dossier x WHERE x.id = o.dossier_id)) THEN
        RAISE EXCEPTION 'apa_ash: a right does not pass the end that was signed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'droit_within_the_signed_end';
    END IF;
    -- Few days and few groups, whatever the number of rights: each ceiling is looked up once.
    IF EXISTS (
        WITH highest AS MATERIALIZED (
            SELECT o.forfait, o.gir, lower(o.periode) AS depuis, max(o.apa + o.participation) AS montant
            FROM opened o GROUP BY 1, 2, 3
        )
        SELECT FROM highest h WHERE NOT coalesce(h.montant <= access.figure_on('apa_ash',
            CASE WHEN h.forfait THEN 'forfait' ELSE 'gir_' || h.gir END, h.depuis), false)) THEN
        RAISE EXCEPTION 'apa_ash: a right stays within the ceiling of its first day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'droit_within_the_ceiling';
    END IF;
    IF v_refused THEN
        RAISE EXCEPTION 'apa_ash: a right rests on the decision and the plan that allow it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'droit_rests_on_a_decision';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER rests_on_a_decision AFTER INSERT ON public.apa_ash_droit
    REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_opened();

-- A decision is taken on the day it is written: dated back, it would pay months that nobody decided,
-- and run the delay to appeal before the person knew of it. The eve is left to an act that midnight
-- overtakes, and to the batches of a campaign.
CREATE OR REPLACE FUNCTION apa_ash.keep_taken() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM taken t
            WHERE t.prise_on NOT BETWEEN access.today() - 1 AND access.today()) THEN
        RAISE EXCEPTION 'apa_ash: a decision is taken on the day it is written'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_taken_today';
    END IF;
    -- Apart: only a campaign revalues, and only its purpose may read it. What it decides ends a right:
    -- the line that says so is one of that file, taken by its batch, in a campaign that goes on.
    IF EXISTS (SELECT FROM taken t WHERE t.nature = 'revalorisation') THEN
        IF EXISTS (SELECT FROM taken t
                WHERE t.nature = 'revalorisation' AND NOT coalesce((
                    SELECT l.dossier_id = t.dossier_id AND l.applique
                        AND (SELECT c.etat = 'en_cours' AND c.effet_on = t.effet_on
                            FROM public.apa_ash_campagne c WHERE c.id = l.campagne_id)
                    FROM public.apa_ash_lignecampagne l WHERE l.id = t.id), false)) THEN
            RAISE EXCEPTION 'apa_ash: a revaluation is decided by the line of its campaign'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_of_its_campaign';
        END IF;
    END IF;
    -- Apart: only the instruction undoes a death, and only it may read what the death closed. The
    -- head of the service alone does it: it pays again somebody who was said to be dead.
    IF EXISTS (SELECT FROM taken t WHERE t.annule_id IS NOT NULL OR t.nature = 'annulation') THEN
        IF EXISTS (SELECT FROM taken t LEFT JOIN public.apa_ash_decision d
                ON d.id = t.annule_id AND d.dossier_id = t.dossier_id AND d.nature = 'fin'
                    AND d.avant IS NOT NULL AND d.effet_on = (SELECT i.deces_on
                        FROM public.apa_ash_identite i WHERE i.dossier_id = t.dossier_id)
                WHERE (t.annule_id IS NOT NULL OR t.nature = 'annulation')
                    AND (d.id IS NULL OR t.nature <> 'annulation'
                    OR NOT access.plays('responsable', t.service_id))) THEN
            RAISE EXCEPTION 'apa_ash: the head of a service undoes the death that its own file knows'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_undoes_its_own';
        END IF;
    END IF;
    -- Apart: only the instruction agrees to a plan, and only it may read requests. A revision may keep
    -- the plan that runs; a first request has one of its own, sent after it came.
    IF EXISTS (SELECT FROM taken t WHERE t.nature = 'accord' AND t.plan_id IS NOT NULL) THEN
        IF EXISTS (SELECT FROM taken t LEFT JOIN public.apa_ash_planaide p
                ON p.id = t.plan_id AND p.dossier_id = t.dossier_id AND p.etat = 'accepte'
                WHERE t.nature = 'accord' AND t.plan_id IS NOT NULL
                    AND (p.envoye_on IS NULL OR EXISTS (SELECT FROM public.apa_ash_demande r
                        WHERE r.dossier_id = t.dossier_id AND r.nature <> 'revision'
                            AND r.recue_on > p.envoye_on))) THEN
            RAISE EXCEPTION 'apa_ash: an agreement rests on the plan that answers its request'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_on_the_plan_of_its_request';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER taken_today AFTER INSERT ON public.apa_ash_decision
    REFERENCING NEW TABLE AS taken FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_taken();

-- What ends a right, gives an end up or undoes a death holds until the next one: written again on the same
-- day, the former would be replayed by one hand against what two have signed since. Nobody dates it.
CREATE OR REPLACE FUNCTION apa_ash.date_decision() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    NEW.ecrite_a := clock_timestamp();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER dated BEFORE INSERT ON public.apa_ash_decision
    FOR EACH ROW EXECUTE FUNCTION apa_ash.date_decision();

-- What a death closes is kept, so that a mistake is undone: the file and its rights as they are, which
-- nobody else writes. Left out, a right could not be given back; said otherwise, an end that two hands
-- signed would be given up by the one that undoes the death.
CREATE OR REPLACE FUNCTION apa_ash.write_avant() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    NEW.avant := (SELECT jsonb_build_object(
            'etat', x.etat, 'etat_droit', x.etat_droit, 'echeance', x.echeance,
            'echeance_on', x.echeance_on, 'revision_on', x.revision_on,
            'fin_droit_on', x.fin_droit_on, 'motif_fin', x.motif_fin,
            'droits', (SELECT coalesce(jsonb_object_agg(r.id,
                    jsonb_build_array(lower(r.periode), upper(r.periode))), '{}')
                FROM public.apa_ash_droit r
                WHERE r.dossier_id = x.id AND NOT isempty(r.periode)))
        FROM public.apa_ash_dossier x WHERE x.id = NEW.dossier_id);
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER keeps_what_is BEFORE INSERT
    ON public.apa_ash_decision FOR EACH ROW WHEN (NEW.avant IS NOT NULL)
    EXECUTE FUNCTION apa_ash.write_avant();

-- Called for what does more than shorten: a campaign, which closes thousands of rights, calls nothing.
CREATE OR REPLACE FUNCTION apa_ash.keep_periode() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF isempty(NEW.periode) AND NOT EXISTS (
            SELECT FROM public.apa_ash_decision d
            WHERE (d.dossier_id, d.nature) = (NEW.dossier_id, 'fin')
                AND d.prise_on >= access.today() - 1
                AND d.avant -> 'droits' ? NEW.id::text
                AND lower(OLD.periode) >= d.effet_on
                AND NOT EXISTS (SELECT FROM public.apa_ash_decision l
                    WHERE l.dossier_id = d.dossier_id AND l.ecrite_a > d.ecrite_a
                        AND l.nature IN ('fin', 'maintien', 'annulation'))) THEN
        RAISE EXCEPTION 'apa_ash: a death empties the rights that would begin after it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'droit_emptied_by_a_death';
    END IF;
    IF NOT isempty(NEW.periode) AND NOT EXISTS (
            SELECT FROM public.apa_ash_decision x JOIN public.apa_ash_decision d
                ON d.id = x.annule_id AND d.dossier_id = x.dossier_id
            WHERE x.dossier_id = NEW.dossier_id AND x.nature = 'annulation'
                AND x.prise_on >= access.today() - 1
                AND NEW.periode = daterange(
                    (d.avant #>> ARRAY['droits', NEW.id::text, '0'])::date,
                    (d.avant #>> ARRAY['droits', NEW.id::text, '1'])::date)
                AND NOT EXISTS (SELECT FROM public.apa_ash_decision l
                    WHERE l.dossier_id = x.dossier_id AND l.ecrite_a > x.ecrite_a
                        AND l.nature IN ('fin', 'maintien', 'annulation')))
       AND NOT EXISTS (SELECT FROM public.apa_ash_decision d
            WHERE (d.dossier_id, d.nature) = (NEW.dossier_id, 'maintien')
                AND d.prise_on >= access.today() - 1 AND upper(OLD.periode) = d.effet_on
                AND NEW.periode = daterange(lower(OLD.periode), NULL)
                AND NOT EXISTS (SELECT FROM public.apa_ash_decision l
                    WHERE l.dossier_id = d.dossier_id AND l.ecrite_a > d.ecrite_a
                        AND l.nature IN ('fin', 'maintien', 'annulation'))) THEN
        RAISE EXCEPTION 'apa_ash: the days of a right only shorten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'droit_only_shortens';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER only_shortens AFTER UPDATE ON public.apa_ash_droit FOR EACH ROW
    WHEN (NEW.periode <> OLD.periode AND (isempty(NEW.periode) OR isempty(OLD.periode)
        OR lower(NEW.periode) IS DISTINCT FROM lower(OLD.periode)
        OR NOT NEW.periode <@ OLD.periode))
    EXECUTE FUNCTION apa_ash.keep_periode();

-- A right ends by the decision that ends it: an agreement, or a revaluation that opens the next one, from
-- its day on; an end or a death, the day it says; the refusal of the request, for a lump sum. Shortened by nothing, it would leave
-- a person without aid and nobody would have decided it. Only the days of a right ever change.
CREATE OR REPLACE FUNCTION apa_ash.keep_ended() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_left uuid[];
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(e.id) INTO v_left FROM ended e
    WHERE upper(e.periode) IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.apa_ash_decision d
        WHERE d.dossier_id = e.dossier_id AND d.prise_on >= access.today() - 1
            AND CASE WHEN d.nature = 'fin' THEN upper(e.periode) - d.effet_on IN (0, 1)
                    AND NOT EXISTS (SELECT FROM public.apa_ash_decision l
                        WHERE l.dossier_id = d.dossier_id AND l.ecrite_a > d.ecrite_a
                            AND l.nature IN ('fin', 'maintien', 'annulation'))
                WHEN d.nature = 'rejet' THEN e.forfait AND upper(e.periode) = d.effet_on
                -- The right that goes on is opened by the same statement.
                WHEN d.nature = 'revalorisation' THEN upper(e.periode) = d.effet_on
                    AND EXISTS (SELECT FROM public.apa_ash_droit n WHERE n.decision_id = d.id)
                ELSE d.nature = 'accord' AND upper(e.periode) = d.effet_on END);
    -- Apart: only the instruction undoes a death, which gives back its days, and only it closes with its
    -- lump sum a request that the person refused (R. 232-7), which no decision tells.
    IF v_left IS NOT NULL AND has_any_column_privilege('public.apa_ash_planaide', 'SELECT') THEN
        SELECT array_agg(e.id) INTO v_left FROM ended e
        WHERE e.id = ANY (v_left)
            AND NOT EXISTS (
                SELECT FROM public.apa_ash_decision x JOIN public.apa_ash_decision d
                    ON d.id = x.annule_id AND d.dossier_id = x.dossier_id
                WHERE x.dossier_id = e.dossier_id AND x.nature = 'annulation'
                    AND x.prise_on >= access.today() - 1
                    AND upper(e.periode) = (d.avant #>> ARRAY['droits', e.id::text, '1'])::date
                    AND NOT EXISTS (SELECT FROM public.apa_ash_decision l
                        WHERE l.dossier_id = x.dossier_id AND l.ecrite_a > x.ecrite_a
                            AND l.nature IN ('fin', 'maintien', 'annulation')))
            AND NOT (e.forfait AND upper(e.periode) BETWEEN access.today() - 1 AND access.today()
                AND 'refuse' = (SELECT p.etat FROM public.apa_ash_planaide p
                    WHERE p.dossier_id = e.dossier_id AND p.envoye_on IS NOT NULL
                        AND NOT EXISTS (SELECT FROM public.apa_ash_demande r
                            WHERE r.dossier_id = e.dossier_id AND r.nature <> 'revision'
                                AND r.recue_on > p.envoye_on)
                    ORDER BY p.envoye_on DESC, p.id DESC LIMIT 1));
    END IF;
    IF v_left IS NOT NULL THEN
        RAISE EXCEPTION 'apa_ash: a right ends by a decision of the day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'droit_ended_by_a_decision';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ended_by_a_decision AFTER UPDATE ON public.apa_ash_droit
    REFERENCING NEW TABLE AS ended FOR EACH STATEMENT EXECUTE FUNCTION apa_ash.keep_ended();
