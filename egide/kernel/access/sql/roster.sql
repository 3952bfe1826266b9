-- Colleagues who play or have played a role on the services of this passage: what a screen needs to
-- name the author of an act and to offer whom to appoint, without opening the table of agents.
CREATE OR REPLACE FUNCTION access.colleagues(p_role text)
RETURNS TABLE (agent_id uuid, service_id uuid, nom text, fonction text, en_poste boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id, hs.service_id, a.prenom || ' ' || a.nom, a.fonction::text,
           bool_or(a.is_active AND h.revoked_at IS NULL
               AND h.periode @> (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date)
    FROM (SELECT DISTINCT o.service_id FROM access.openings() o) mine
    JOIN public.access_habilitationservice hs ON hs.service_id = mine.service_id
    JOIN public.access_habilitation h ON h.id = hs.habilitation_id AND h.role = p_role
        AND h.system = (SELECT rp.system FROM access.role_purpose rp
            WHERE rp.purpose_role = current_setting('role', true) LIMIT 1)
    JOIN public.access_agent a ON a.id = h.agent_id
    GROUP BY a.id, hs.service_id, a.prenom, a.nom, a.fonction
    ORDER BY a.nom, a.prenom, a.id
$$;

-- Whether who acts plays a role on a service today.
CREATE OR REPLACE FUNCTION access.plays(p_role text, p_service uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM access.colleagues(p_role) c
        WHERE c.agent_id = access.agent() AND c.service_id = p_service AND c.en_poste)
$$;
