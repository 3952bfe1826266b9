-- The model of whom or what each system is about, and the wall (service or organisme) that its rows
-- stand behind: written from the catalogues at each compilation.

CREATE TABLE IF NOT EXISTS access.subject (
    system text PRIMARY KEY,
    subject_table text NOT NULL,
    wall text NOT NULL CHECK (wall IN ('service_id', 'organisme_id'))
);

-- Whether all these subjects stand behind the walls that the passage opens. The owner looks at its
-- tables under upkeep, which is given back as it was found.
CREATE OR REPLACE FUNCTION access.reaches(p_system text, p_subjects uuid[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    about access.subject;
    before text := coalesce(current_setting('egide.maintenance', true), '');
    opened uuid[];
    missing boolean;
BEGIN
    IF cardinality(p_subjects) = 0 THEN RETURN true; END IF;
    SELECT * INTO about FROM access.subject s WHERE s.system = p_system;
    IF about.system IS NULL THEN RETURN false; END IF;
    opened := coalesce(CASE about.wall WHEN 'service_id' THEN access.services()
                       ELSE access.organismes() END, '{}');
    PERFORM set_config('egide.maintenance', 'on', true);
    EXECUTE format('SELECT EXISTS (SELECT FROM unnest($1) wanted WHERE NOT EXISTS ('
        'SELECT FROM public.%I s WHERE s.id = wanted AND s.%I = ANY ($2)))',
        about.subject_table, about.wall) INTO missing USING p_subjects, opened;
    PERFORM set_config('egide.maintenance', before, true);
    RETURN NOT missing;
END $$;
