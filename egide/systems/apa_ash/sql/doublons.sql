-- One person, one file: a service does not see the files of the others, and the APA is granted once.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

-- The numbers and the services of the other files of the organisme that a NIR names, or a name with a
-- day of birth: nothing else, and not which of the two. Closed files are told for a certified number
-- alone, since it stays theirs. Each question leaves its line in the trail, from here: no caller can
-- ask without it. Of a file, it is asked with the number, the name and the day of birth of that file;
-- of a request that is being entered, with what was typed, which is four names at the most: by thousands,
-- they would tell who has a file where. The owner looks at its tables under upkeep, given back as it was found.
CREATE OR REPLACE FUNCTION access.files_of_same_person(
    p_dossier uuid, p_nir text, p_noms text[], p_naissance date)
RETURNS TABLE (numero text, service text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_before text := coalesce(current_setting('egide.maintenance', true), '');
    v_mine uuid[] := coalesce(access.organismes(), '{}');
    v_reached boolean := access.reaches('apa_ash', ARRAY[p_dossier]);
    v_own boolean;
BEGIN
    PERFORM audit.record('apa_ash', 'chercher un autre dossier de la personne',
        CASE WHEN v_reached THEN ARRAY[p_dossier] ELSE '{}'::uuid[] END, '{}', '');
    PERFORM set_config('egide.maintenance', 'on', true);
    -- What is known of the file, or nothing where there is none.
    SELECT v_reached AND p_noms <@ ARRAY[i.nom_normalise::text, i.naissance_normalisee::text]
            AND p_nir IN ('', n.nir)
            AND (p_naissance = i.naissance_on OR p_naissance IS NULL) INTO v_own
        FROM public.apa_ash_dossier d
        LEFT JOIN public.apa_ash_identite i ON i.dossier_id = d.id
        LEFT JOIN public.apa_ash_nir n ON n.dossier_id = d.id
        WHERE d.id = p_dossier;
    IF FOUND AND v_own IS NOT TRUE OR cardinality(p_noms) > 4 THEN
        RAISE EXCEPTION 'apa_ash: a person is looked for as her file, or her request, names her'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY
        WITH same AS (
            SELECT n.dossier_id AS id, n.statut = 'certifie' AS certified
            FROM public.apa_ash_nir n
            WHERE length(p_nir) >= 13 AND n.nir <> '' AND n.statut <> 'rejete'
                AND left(n.nir, 13) = left(p_nir, 13)
            UNION ALL
            SELECT i.dossier_id, false FROM public.apa_ash_identite i
            WHERE (i.nom_normalise = ANY (p_noms) OR i.naissance_normalisee = ANY (p_noms))
                AND i.naissance_on = p_naissance)
        SELECT d.numero::text, s.nom::text
        FROM public.apa_ash_dossier d JOIN public.access_service s ON s.id = d.service_id
        WHERE s.organisme_id = ANY (v_mine) AND d.id <> p_dossier
            AND EXISTS (SELECT FROM same WHERE same.id = d.id
                AND (same.certified OR d.etat NOT IN ('rejete', 'retiree', 'clos')
                    AND coalesce(d.fin_droit_on >= access.today(), true)))
        ORDER BY 1 LIMIT 5;
    PERFORM set_config('egide.maintenance', v_before, true);
END $$;

-- A certified number is that of one file of the organisme. Two certifications at once wait for each
-- other: the second one then sees the first. The owner's upkeep, which comes under no purpose, is not
-- concerned.
CREATE OR REPLACE FUNCTION apa_ash.keep_nir_once() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_before text := coalesce(current_setting('egide.maintenance', true), '');
    v_organisme uuid;
    v_taken boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM access.role_purpose rp
            WHERE rp.purpose_role = current_setting('role', true)) THEN
        RETURN NULL;
    END IF;
    SELECT s.organisme_id INTO v_organisme FROM public.access_service s WHERE s.id = NEW.service_id;
    PERFORM pg_advisory_xact_lock(hashtextextended('apa_ash.nir ' || v_organisme, 0));
    PERFORM set_config('egide.maintenance', 'on', true);
    SELECT EXISTS (SELECT FROM public.apa_ash_nir n
            JOIN public.access_service s ON s.id = n.service_id
            WHERE n.nir <> '' AND left(n.nir, 13) = left(NEW.nir, 13) AND n.statut = 'certifie'
                AND n.id <> NEW.id AND s.organisme_id = v_organisme) INTO v_taken;
    PERFORM set_config('egide.maintenance', v_before, true);
    IF v_taken THEN
        RAISE EXCEPTION 'apa_ash: this number is certified for another file'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'nir_certified_once';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER certified_once AFTER INSERT OR UPDATE OF nir, statut, service_id
    ON public.apa_ash_nir FOR EACH ROW WHEN (NEW.statut = 'certifie')
    EXECUTE FUNCTION apa_ash.keep_nir_once();
