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
        OR NEW.etat IN ('clos', 'rejete', 'retiree') AND NEW.etat <> OLD.etat)
    EXECUTE FUNCTION apa_ash.keep_constat();

-- The end of a right is no earlier than the rights themselves; it is told, moved or given up by the
-- decision of the day that says so, on the day that it says: an end or a death, what gives an end up, and
-- an undone death, which gives the former one back. No agreement gives up what was signed: another
-- signature does. A request that another département admits to be its own ends without a decision. An
-- end that is past is given up by a new request of the living, received since it was signed.
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
                AND NEW.fin_droit_on = greatest(l.repondu_on, NEW.ouvert_on)
                -- What was answered to a former request ends no new one.
                AND NOT EXISTS (SELECT FROM public.apa_ash_demande r
                    WHERE r.dossier_id = NEW.id AND r.nature <> 'revision'
                        AND r.recue_on > l.repondu_on))
       AND NOT EXISTS (
            SELECT FROM public.apa_ash_demande r
            JOIN public.apa_ash_identite i ON i.dossier_id = r.dossier_id AND i.deces_on IS NULL
            WHERE NEW.fin_droit_on IS NULL AND OLD.fin_droit_on < access.today()
                AND (NEW.etat, NEW.etat_droit) = ('recu', '') AND r.dossier_id = NEW.id
                AND r.nature <> 'revision' AND r.recue_on >= least(OLD.fin_droit_on, OLD.fin_constatee_on)) THEN
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

-- Where a file stands: which state follows which, by which purpose, and what a graver move rests on. Without
-- it one hand of the team would close, in one statement, every file of a service. `its right` says what
-- becomes of the right under revision (`etat_droit`): kept, studied from now on, given back to the file,
-- ended by the decision. No row says that a day closes a file: it is read so (docs/adr/0020).
CREATE OR REPLACE FUNCTION apa_ash.keep_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_decides boolean := has_any_column_privilege('public.apa_ash_decision', 'INSERT');
    v_rests text[];
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    WITH moves (who, before, after, its_right, rests_on) AS (VALUES
        -- Steps of the procedure.
        ('instruction', '{recu,incomplet}'::text[], '{incomplet,complet}'::text[], 'kept', 'step'),
        ('instruction', '{ouvert,suspendu}', '{complet}', 'studied', 'step'),
        ('both', '{complet,visite}', '{visite}', 'kept', 'step'),
        ('evaluation', '{complet,visite}', '{evalue}', 'kept', 'step'),
        ('evaluation', '{evalue}', '{propose}', 'kept', 'step'),
        -- A plan sent while no request was studied is answered under the revision that came since.
        ('both', '{complet,visite}', '{propose}', 'kept', 'step'),
        ('both', '{complet,visite,propose}', '{accepte}', 'kept', 'step'),
        -- The plan that the person refused (R. 232-7).
        ('both', '{complet,visite,propose}', '{rejete}', 'kept', 'plan'),
        ('both', '{complet,visite,propose}', '{ouvert,suspendu}', 'given back', 'plan'),
        -- A decision of the day.
        ('instruction', '{complet,evalue,accepte}', '{ouvert,suspendu}', 'ended', 'accord'),
        ('instruction', '{recu,incomplet,complet,visite,evalue,propose,accepte}', '{rejete}', 'kept',
            'rejet'),
        ('instruction', '{complet,visite,evalue,propose,accepte}', '{ouvert,suspendu}', 'given back',
            'rejet'),
        ('instruction', '{complet,visite,evalue,propose,accepte}', '{ouvert,suspendu}', 'given back',
            'fin'),
        -- The end of a lump sum answers its request: until its day, a right runs.
        ('instruction', '{recu,incomplet,complet,visite,evalue,propose,accepte}', '{ouvert}', 'kept',
            'fin'),
        ('instruction', '{ouvert}', '{suspendu}', 'kept', 'suspension'),
        ('instruction', '{complet,visite,evalue,propose,accepte}',
            '{complet,visite,evalue,propose,accepte}', 'suspended', 'suspension'),
        ('instruction', '{suspendu}', '{ouvert}', 'kept', 'reprise'),
        ('instruction', '{complet,visite,evalue,propose,accepte}',
            '{complet,visite,evalue,propose,accepte}', 'resumed', 'reprise'),
        ('instruction',
            '{recu,incomplet,complet,visite,evalue,propose,accepte,ouvert,suspendu,rejete,retiree}',
            '{clos}', 'ended', 'deces'),
        ('instruction', '{clos}',
            '{recu,incomplet,complet,visite,evalue,propose,accepte,ouvert,suspendu,rejete,retiree}',
            'as it was', 'annulation'),
        -- A request that its person gives up, and the next one of a file that is over.
        ('instruction', '{recu,incomplet,complet,visite,evalue,propose,accepte}', '{retiree}', 'kept',
            'desistement'),
        ('instruction', '{complet,visite,evalue,propose,accepte}', '{ouvert,suspendu}', 'given back',
            'desistement'),
        ('instruction', '{rejete,retiree,clos}', '{recu}', 'ended', 'demande'),
        -- The last day of its right past, it is over too (docs/adr/0020).
        ('instruction', CASE WHEN OLD.fin_droit_on < access.today()
            THEN '{complet,visite,evalue,propose,accepte,ouvert,suspendu}'::text[] END, '{recu}', 'ended',
            'demande'),
        -- A request that another département admits to be its own.
        ('instruction', '{recu,incomplet,complet,visite,evalue,propose,accepte}', '{clos}', 'kept',
            'litige'))
    SELECT coalesce(array_agg(m.rests_on), '{}') INTO v_rests FROM moves m
    WHERE m.who IN ('both', CASE WHEN v_decides THEN 'instruction' ELSE 'evaluation' END)
        AND OLD.etat = ANY (m.before) AND NEW.etat = ANY (m.after)
        AND CASE m.its_right
            WHEN 'kept' THEN NEW.etat_droit = OLD.etat_droit
            WHEN 'studied' THEN NEW.etat_droit = OLD.etat
            WHEN 'given back' THEN (NEW.etat, NEW.etat_droit) = (OLD.etat_droit, '')
            WHEN 'ended' THEN NEW.etat_droit = ''
            WHEN 'suspended' THEN (NEW.etat, OLD.etat_droit, NEW.etat_droit)
                = (OLD.etat, 'ouvert', 'suspendu')
            WHEN 'resumed' THEN (NEW.etat, OLD.etat_droit, NEW.etat_droit)
                = (OLD.etat, 'suspendu', 'ouvert')
            ELSE true END;
    -- The last plan that was sent, as its own trigger let it be refused; that of a former request answers
    -- no other one.
    IF 'plan' = ANY (v_rests) AND NOT EXISTS (
            SELECT FROM public.apa_ash_planaide p
            WHERE p.dossier_id = NEW.id AND p.etat = 'refuse' AND p.envoye_on IS NOT NULL
                AND NOT EXISTS (SELECT FROM public.apa_ash_planaide l
                    WHERE l.dossier_id = p.dossier_id
                        AND (l.envoye_on, l.id) > (p.envoye_on, p.id))
                AND NOT EXISTS (SELECT FROM public.apa_ash_demande r
                    WHERE r.dossier_id = p.dossier_id AND r.nature <> 'revision'
                        AND r.recue_on > p.envoye_on)) THEN
        v_rests := array_remove(v_rests, 'plan');
    END IF;
    IF NOT v_decides AND NOT v_rests && '{step,plan}' THEN
        RAISE EXCEPTION 'apa_ash: a file does not go from % to % by this hand', OLD.etat, NEW.etat
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_state_follows';
    END IF;
    -- Apart: only the instruction decides, and only it may read decisions and disputes. The last decision
    -- that moves a file is the one that counts: replayed, a former one would undo what two have signed.
    IF v_decides AND NOT v_rests && '{step,plan}' THEN
        IF NOT EXISTS (
                SELECT FROM public.apa_ash_decision d
                LEFT JOIN public.apa_ash_decision u ON u.id = d.annule_id
                WHERE d.dossier_id = NEW.id AND d.prise_on >= access.today() - 1
                    AND CASE WHEN d.avant IS NULL THEN d.nature ELSE 'deces' END = ANY (v_rests)
                    AND CASE d.nature
                        WHEN 'accord' THEN NEW.etat = CASE WHEN EXISTS (
                                SELECT FROM public.apa_ash_interruption i
                                WHERE (i.dossier_id, i.nature) = (NEW.id, 'suspension')
                                    AND upper_inf(i.periode)) THEN 'suspendu' ELSE 'ouvert' END
                        WHEN 'annulation' THEN (NEW.etat, NEW.etat_droit)
                            = (u.avant ->> 'etat', u.avant ->> 'etat_droit')
                        ELSE true END
                    AND NOT EXISTS (SELECT FROM public.apa_ash_decision l
                        WHERE l.dossier_id = d.dossier_id AND l.ecrite_a > d.ecrite_a AND l.nature IN
                            ('accord', 'rejet', 'suspension', 'reprise', 'fin', 'annulation')))
           AND NOT ('litige' = ANY (v_rests) AND EXISTS (
                SELECT FROM public.apa_ash_litigesecours l
                WHERE (l.dossier_id, l.etat) = (NEW.id, 'accepte')
                    AND NEW.fin_droit_on = greatest(l.repondu_on, NEW.ouvert_on)))
           -- The last request of the file: given up, or received since the former one was answered.
           AND NOT coalesce((SELECT r.desistee_on IS NOT NULL AND 'desistement' = ANY (v_rests)
                    OR r.desistee_on IS NULL AND 'demande' = ANY (v_rests)
                    AND r.nature <> 'revision' AND r.complete_on IS NULL
                    AND EXISTS (SELECT FROM public.apa_ash_identite i
                        WHERE i.dossier_id = r.dossier_id AND i.deces_on IS NULL)
                    AND NOT EXISTS (SELECT FROM public.apa_ash_decision d
                        WHERE d.dossier_id = r.dossier_id AND d.nature = 'rejet'
                            AND d.prise_on > r.recue_on)
                FROM public.apa_ash_demande r WHERE r.dossier_id = NEW.id
                ORDER BY r.recue_on DESC, r.id DESC LIMIT 1), false) THEN
            RAISE EXCEPTION 'apa_ash: a file does not go from % to % without its act', OLD.etat, NEW.etat
                USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_state_rests';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER state_follows AFTER UPDATE ON public.apa_ash_dossier FOR EACH ROW
    WHEN (NEW.etat <> OLD.etat OR NEW.etat_droit <> OLD.etat_droit)
    EXECUTE FUNCTION apa_ash.keep_state();

-- A file begins with its request: nothing is granted, nothing has ended.
CREATE OR REPLACE FUNCTION apa_ash.begin_asked() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'apa_ash: a file begins with its request'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_begins_asked';
END $$;
CREATE OR REPLACE TRIGGER begins_asked AFTER INSERT ON public.apa_ash_dossier FOR EACH ROW
    WHEN (NEW.etat <> 'recu' OR NEW.revision_on IS NOT NULL OR NEW.fin_droit_on IS NOT NULL)
    EXECUTE FUNCTION apa_ash.begin_asked();

-- What a file waits for belongs to its state: taken away, or put off, the file would leave the worklist for
-- good. The end and the revision of a right have the days that the file bears; what the procedure expects
-- is two months ahead at the most, or follows a visit to come.
CREATE OR REPLACE FUNCTION apa_ash.keep_echeance() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_decides boolean := has_any_column_privilege('public.apa_ash_decision', 'INSERT');
    v_expected text[];
    v_amiss boolean := false;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    SELECT e.echeances INTO v_expected FROM (VALUES
        ('recu', '{accuse}'::text[]),
        ('incomplet', '{pieces}'),
        ('complet', '{visite}'),
        ('visite', '{visite}'),
        ('evalue', '{proposition,decision}'),
        ('propose', '{proposition_a_poster,reponse,proposition_definitive}'),
        ('accepte', '{decision}'),
        -- A right may be reviewed without a request; suspended, it is warned of nothing.
        ('ouvert', '{"",revision,fin_droit,visite,proposition,decision,proposition_a_poster,reponse,
            proposition_definitive,justification,mise_en_demeure}'),
        ('suspendu', '{"",revision,fin_droit,visite,proposition,decision,proposition_a_poster,reponse,
            proposition_definitive}'),
        ('rejete', '{""}'),
        ('retiree', '{""}'),
        ('clos', '{""}')) AS e (etat, echeances) WHERE e.etat = NEW.etat;
    IF NOT (NEW.echeance = ANY (v_expected) AND CASE NEW.echeance
            WHEN '' THEN NEW.etat IN ('rejete', 'retiree', 'clos')
                OR NEW.revision_on IS NULL AND NEW.fin_droit_on IS NULL
            WHEN 'fin_droit' THEN NEW.echeance_on = NEW.fin_droit_on
            WHEN 'revision' THEN NEW.fin_droit_on IS NULL AND NEW.echeance_on = NEW.revision_on
            -- Thirty days, as proposition_plan says: a test compares them.
            ELSE NEW.echeance_on <= access.today() + interval '2 months'
                OR NEW.echeance = 'visite' AND EXISTS (SELECT FROM public.apa_ash_visite v
                    WHERE v.dossier_id = NEW.id AND v.realisee_on IS NULL
                        AND NEW.echeance_on = v.prevue_on + 30) END)
       -- What a dispute over the domicile de secours expects stays, whatever is done meanwhile.
       AND NOT (NEW.echeance IN ('transmission_secours', 'competence_secours')
            AND NEW.etat NOT IN ('rejete', 'retiree', 'clos')
            AND (NEW.echeance, NEW.echeance_on) = (OLD.echeance, OLD.echeance_on)) THEN
        v_amiss := true;
    END IF;
    IF v_amiss AND NOT v_decides THEN
        RAISE EXCEPTION 'apa_ash: % does not wait for %', NEW.etat, NEW.echeance
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_echeance_belongs';
    END IF;
    -- Apart: only the instruction disputes, and undoes a death. A dispute says what it waits for, then
    -- gives back what it put aside; an undone death gives back what it took.
    IF v_amiss AND v_decides THEN
        IF NOT EXISTS (
                SELECT FROM public.apa_ash_litigesecours l
                WHERE l.dossier_id = NEW.id AND NEW.etat NOT IN ('rejete', 'retiree', 'clos')
                    AND CASE l.etat
                        WHEN 'conteste' THEN NEW.echeance = 'transmission_secours'
                            AND NEW.echeance_on <= access.today() + interval '2 months'
                        WHEN 'transmis' THEN NEW.echeance = 'competence_secours'
                            AND NEW.echeance_on <= access.today() + interval '2 months'
                        ELSE OLD.echeance IN ('transmission_secours', 'competence_secours')
                            AND (NEW.echeance, NEW.echeance_on)
                                IS NOT DISTINCT FROM (l.echeance_avant, l.echeance_avant_on) END)
           AND NOT EXISTS (
                SELECT FROM public.apa_ash_decision d
                JOIN public.apa_ash_decision u ON u.id = d.annule_id
                WHERE (d.dossier_id, d.nature) = (NEW.id, 'annulation') AND OLD.etat = 'clos'
                    AND d.prise_on >= access.today() - 1
                    AND (NEW.echeance, NEW.echeance_on) IS NOT DISTINCT FROM
                        (u.avant ->> 'echeance', (u.avant ->> 'echeance_on')::date)) THEN
            RAISE EXCEPTION 'apa_ash: % does not wait for %', NEW.etat, NEW.echeance
                USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_echeance_belongs';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER echeance_belongs AFTER UPDATE ON public.apa_ash_dossier FOR EACH ROW
    WHEN (NEW.etat <> OLD.etat OR NEW.echeance <> OLD.echeance
        OR NEW.echeance_on IS DISTINCT FROM OLD.echeance_on)
    EXECUTE FUNCTION apa_ash.keep_echeance();

-- The day of the periodic revision is that of the agreement (R. 232-28): a death takes it away, an undone
-- death gives it back, and a new request of a file that is over has none.
CREATE OR REPLACE FUNCTION apa_ash.keep_revision() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF NOT (NEW.revision_on IS NULL AND NEW.etat = 'recu' AND OLD.etat <> 'recu') AND NOT EXISTS (
            SELECT FROM public.apa_ash_decision d
            LEFT JOIN public.apa_ash_decision u ON u.id = d.annule_id
            WHERE d.dossier_id = NEW.id AND d.prise_on >= access.today() - 1
                AND CASE d.nature
                    WHEN 'accord' THEN NEW.revision_on = d.revision_on
                    WHEN 'fin' THEN NEW.revision_on IS NULL AND d.avant IS NOT NULL
                    WHEN 'annulation' THEN NEW.revision_on
                        IS NOT DISTINCT FROM (u.avant ->> 'revision_on')::date END) THEN
        RAISE EXCEPTION 'apa_ash: the day of a revision is that of a decision'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_revision_by_a_decision';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER revision_by_a_decision AFTER UPDATE ON public.apa_ash_dossier FOR EACH ROW
    WHEN (NEW.revision_on IS DISTINCT FROM OLD.revision_on)
    EXECUTE FUNCTION apa_ash.keep_revision();

-- One file a statement: no act moves two at once, and beyond a hundred rows the trail keeps no former value
-- from which a file could be put back.
CREATE OR REPLACE FUNCTION apa_ash.keep_one_moved() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM moved n JOIN stood o ON o.id = n.id
            WHERE (n.etat, n.etat_droit, n.echeance, n.echeance_on)
                IS DISTINCT FROM (o.etat, o.etat_droit, o.echeance, o.echeance_on)) > 1 THEN
        RAISE EXCEPTION 'apa_ash: a statement moves one file'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dossier_moved_alone';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER moved_alone AFTER UPDATE ON public.apa_ash_dossier
    REFERENCING OLD TABLE AS stood NEW TABLE AS moved FOR EACH STATEMENT
    EXECUTE FUNCTION apa_ash.keep_one_moved();

-- A dispute begins by contesting, and puts aside what the file was waiting for: it gives back nothing else.
CREATE OR REPLACE FUNCTION apa_ash.keep_litige() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    IF NEW.etat <> 'conteste' OR NOT EXISTS (SELECT FROM public.apa_ash_dossier x
            WHERE x.id = NEW.dossier_id AND (x.echeance, x.echeance_on)
                IS NOT DISTINCT FROM (NEW.echeance_avant, NEW.echeance_avant_on)) THEN
        RAISE EXCEPTION 'apa_ash: a dispute puts aside what its file waits for'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'litige_puts_aside_what_is';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER puts_aside_what_is AFTER INSERT ON public.apa_ash_litigesecours FOR EACH ROW
    EXECUTE FUNCTION apa_ash.keep_litige();

-- The numbers of a year are one row that every service shares: brought back, it would give the number of
-- another file; thrown ahead, it would leave none to anybody. It begins at zero, or after the files taken
-- over, and gives at once no more than an import may hold: MOST_ROWS, a test compares them.
CREATE OR REPLACE FUNCTION apa_ash.keep_compteur() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    IF NEW.annee NOT IN (date_part('year', access.today()), date_part('year', access.today() - 1))
       OR TG_OP = 'INSERT' AND NEW.dernier <> 0
       OR TG_OP = 'UPDATE' AND (NEW.dernier < OLD.dernier OR NEW.dernier > 5000 + CASE OLD.dernier
            WHEN 0 THEN coalesce((SELECT max(right(d.numero, 5)::int) FROM public.apa_ash_dossier d
                WHERE d.numero ~ ('^' || NEW.annee || '-[0-9]{5}$')), 0)
            ELSE OLD.dernier END) THEN
        RAISE EXCEPTION 'apa_ash: the numbers of the year are given one after another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'compteur_advances';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER advances BEFORE INSERT OR UPDATE ON public.apa_ash_compteurdossier
    FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_compteur();
