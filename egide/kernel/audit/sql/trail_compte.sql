-- A password and the instant of a sign-in change before any passage exists: the login of sign-in may
-- write both, so each of its changes leaves a line that names the account, never a value. Nobody is
-- said to have done it: the application alone knows, and it is not asked.
CREATE OR REPLACE FUNCTION audit.record_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids uuid[]; changed text[];
BEGIN
    SELECT array_agg(DISTINCT n.id), array_agg(DISTINCT field.key) INTO ids, changed
        FROM new_rows n JOIN old_rows o ON o.id = n.id, jsonb_each(to_jsonb(n)) field
        WHERE to_jsonb(o) -> field.key IS DISTINCT FROM field.value;
    IF ids IS NULL THEN RETURN NULL; END IF;
    INSERT INTO audit.change (system, purpose, model, operation, row_ids, fields)
    VALUES ('access', CASE WHEN session_user = current_user THEN 'maintenance' ELSE session_user END,
        'access.Agent', TG_OP, ids, changed);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER record_account AFTER UPDATE ON public.access_agent
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit.record_account();
