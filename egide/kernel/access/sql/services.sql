-- The names of the services that this passage reaches: a screen offers them to choose from, without
-- opening the table of services.
CREATE OR REPLACE FUNCTION access.service_names()
RETURNS TABLE (service_id uuid, nom text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.id, s.nom::text FROM public.access_service s
    WHERE s.id = ANY (coalesce(access.services(), '{}')) ORDER BY s.nom, s.id
$$;
