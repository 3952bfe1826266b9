-- The dated figures of the law, compiled from the files beside the rules: a guard compares with the one
-- in force on a day, and holds no copy of it. They are public; a purpose asks, and writes none.

CREATE SCHEMA IF NOT EXISTS access;
REVOKE ALL ON SCHEMA access FROM PUBLIC;

CREATE TABLE IF NOT EXISTS access.figure (
    system text NOT NULL,
    nom text NOT NULL,
    depuis date NOT NULL,
    valeur numeric NOT NULL,
    PRIMARY KEY (system, nom, depuis)
);

-- Nothing before its first day: a comparison with nothing refuses.
CREATE OR REPLACE FUNCTION access.figure_on(p_system text, p_nom text, p_on date) RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT f.valeur FROM access.figure f
    WHERE f.system = p_system AND f.nom = p_nom AND f.depuis <= p_on
    ORDER BY f.depuis DESC LIMIT 1
$$;
