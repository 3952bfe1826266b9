-- A key names a row that its writer reaches, behind the same wall as the row that holds it: the run,
-- the import or the campaign of its own service, a provider of its own organisme. The compiler names
-- the keys (column, table, wall that both share); those to a row of a file are bound to the file by a
-- constraint. The function runs with the rights of the caller: what it does not see is out of reach.
-- The owner's upkeep works under no passage and is not concerned.

CREATE OR REPLACE FUNCTION access.keep_walls() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_crossed boolean;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    FOR n IN 0 .. TG_NARGS - 1 BY 3 LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM new_rows n WHERE n.%1$I IS NOT NULL AND NOT EXISTS ('
            'SELECT FROM public.%2$I p WHERE p.id = n.%1$I%3$s))', TG_ARGV[n], TG_ARGV[n + 1],
            CASE WHEN TG_ARGV[n + 2] <> '' THEN format(' AND p.%1$I = n.%1$I', TG_ARGV[n + 2]) END)
            INTO v_crossed;
        IF v_crossed THEN
            RAISE EXCEPTION 'access: a key stays behind the wall of its row'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'key_within_its_wall';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
