-- The names of some agents, for those alone whose passage reaches their organisme: a screen says who
-- follows a file, never what else the account holds.

CREATE SCHEMA IF NOT EXISTS access;

CREATE OR REPLACE FUNCTION access.names_of(p_agents uuid[])
RETURNS TABLE (id uuid, nom text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT a.id, a.prenom || ' ' || a.nom FROM public.access_agent a
        WHERE a.id = ANY (p_agents) AND a.organisme_id = ANY (coalesce(access.organismes(), '{}'));
END $$;
