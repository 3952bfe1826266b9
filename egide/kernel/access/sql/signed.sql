-- Nobody writes in another name: a column that the catalogue declares as the author of its row holds
-- the agent of the verified passage. One statement of a campaign writes thousands of rows: it looks
-- at them together. The owner's upkeep works under no passage and is not concerned.

CREATE OR REPLACE FUNCTION access.keep_authors() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_column text;
    forged boolean;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NULL;
    END IF;
    FOREACH of_column IN ARRAY TG_ARGV LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM new_rows n WHERE n.%I IS DISTINCT FROM $1)',
            of_column) INTO forged USING access.agent();
        IF forged THEN
            RAISE EXCEPTION 'access: a row is signed by the agent who writes it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'signed_by_oneself';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
