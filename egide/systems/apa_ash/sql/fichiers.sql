-- The files of a run, as they leave for the accountant and for the bank. PostgreSQL writes each of them
-- again from the lines that a second agent validated, and keeps no other: read piece by piece, what a
-- spreadsheet or a bank takes for a line, and an expression does not, would pass. The owner's upkeep is
-- not concerned, as in plan.sql.

CREATE SCHEMA IF NOT EXISTS apa_ash;
REVOKE ALL ON SCHEMA apa_ash FROM PUBLIC;

-- A file of payments is that of a validated run of the same service, while it is being issued, by
-- another agent than the one who prepared it; its seal is that of its bytes. These are those that
-- fichiers/virements.py writes: a test compares them, name by name. Who pays, from which account and on
-- which days is said at the issue, and read from the message itself.
CREATE OR REPLACE FUNCTION apa_ash.keep_file() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_run constant text := replace(NEW.lot_id::text, '-', '');
    v_head constant text := encode(substring(NEW.contenu FOR 2000), 'escape');
    v_day constant text := substring(v_head FROM '<CreDtTm>([0-9-]{10})T');
    v_payer constant text := substring(v_head FROM '<InitgPty><Nm>([A-Z0-9 ]+)</Nm>');
    v_execution constant text := substring(v_head FROM '<ReqdExctnDt>([0-9-]{10})<');
    v_account constant text := substring(v_head FROM '<DbtrAcct><Id><IBAN>([A-Z0-9]+)<');
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = current_user::regrole THEN
        RETURN NEW;
    END IF;
    PERFORM FROM public.apa_ash_lotpaiement l
        WHERE l.id = NEW.lot_id AND l.service_id = NEW.service_id
            AND l.prepare_par_id IS DISTINCT FROM access.agent()
            -- The transfers of an issued run may come later than its table; each form comes once.
            AND (l.etat = 'valide' OR l.etat = 'emis' AND NEW.forme = 'sepa') FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'apa_ash: only a validated run is issued'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fichier_paiement_of_a_validated_run';
    END IF;
    IF NEW.empreinte IS DISTINCT FROM encode(sha256(NEW.contenu), 'hex') THEN
        RAISE EXCEPTION 'apa_ash: the seal of a file is that of its bytes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fichier_paiement_sealed';
    END IF;
    -- Each form comes once: another content would leave a run that is issued and that nobody is paid of.
    IF NEW.forme = 'csv' AND NEW.contenu IS DISTINCT FROM (
            SELECT convert_to(E'\uFEFFlot;mois_du;dossier;type_beneficiaire;beneficiaire;siret;iban;'
                || E'montant_brut;retenue;montant\r\n' || coalesce(string_agg(concat_ws(';', p.lot_id,
                    to_char(p.mois_du, 'YYYY-MM'), d.numero,
                    CASE WHEN s.siret <> '' THEN 'service' ELSE 'personne' END, said.cells,
                    p.montant_brut, p.retenue, p.montant_brut - p.retenue) || E'\r\n', ''
                ORDER BY d.numero, p.mois_du, p.prestataire_id, p.facture_id), ''), 'UTF8')
            FROM public.apa_ash_paiement p JOIN public.apa_ash_dossier d ON d.id = p.dossier_id
            LEFT JOIN public.apa_ash_prestataire s ON s.id = p.prestataire_id,
            -- No formula for a spreadsheet; between quotes, what would end a cell.
            LATERAL (SELECT string_agg(CASE WHEN t.cell ~ '[;"\r\n]'
                    THEN '"' || replace(t.cell, '"', '""') || '"' ELSE t.cell END, ';'
                    ORDER BY t.place) AS cells
                FROM (SELECT u.place, CASE WHEN u.cell ~ '^[-=+@\t\r]' THEN '''' ELSE '' END
                        || u.cell AS cell
                    FROM unnest(ARRAY[p.titulaire, coalesce(s.siret, ''), p.iban]::text[])
                        WITH ORDINALITY AS u(cell, place)) t) said
            WHERE p.lot_id = NEW.lot_id AND NOT p.ecarte) THEN
        RAISE EXCEPTION 'apa_ash: the table of a run tells the lines that it pays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fichier_paiement_tells_its_lines';
    END IF;
    IF NEW.forme = 'sepa' AND NEW.contenu IS DISTINCT FROM (
        WITH kept AS MATERIALIZED (
            SELECT p.titulaire, p.iban, sum(p.montant_brut - p.retenue) AS montant,
                to_char(min(p.mois_du), 'MM/YYYY') AS first, to_char(max(p.mois_du), 'MM/YYYY') AS last,
                bool_or(p.facture_id IS NULL) AS monthly, bool_or(p.facture_id IS NOT NULL) AS invoiced,
                bool_or(s.siret <> '') AS slip
            FROM public.apa_ash_paiement p
            LEFT JOIN public.apa_ash_prestataire s ON s.id = p.prestataire_id
            WHERE p.lot_id = NEW.lot_id AND NOT p.ecarte AND p.montant_brut > p.retenue
            GROUP BY p.titulaire, p.iban
        ), named AS (
            -- Upper-case ASCII words, as normalise_name gives them, and seventy signs at most.
            SELECT k.*, left(btrim(regexp_replace(upper(regexp_replace(normalize(replace(replace(
                    replace(replace(replace(translate(k.titulaire, '’‘ʼʹ′´', ''''''''''''''), 'œ', 'oe'),
                    'Œ', 'OE'), 'æ', 'ae'), 'Æ', 'AE'), 'ß', 'ss'), NFKD), '[^\x01-\x7f]', '', 'g') COLLATE "C"), '[^A-Z0-9]+', ' ', 'g')),
                70) AS nom
            FROM kept k
        ), sums AS (
            SELECT '<NbOfTxs>' || count(*) || '</NbOfTxs><CtrlSum>'
                || coalesce(sum(k.montant), 0.00) || '</CtrlSum>' AS counted FROM kept k
        )
        SELECT convert_to(E'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:'
            || '20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn><GrpHdr><MsgId>' || v_run
            || '</MsgId><CreDtTm>' || v_day || 'T00:00:00</CreDtTm>' || sums.counted
            || '<InitgPty><Nm>' || v_payer || '</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>' || v_run
            || '</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>' || sums.counted
            || '<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><ReqdExctnDt>' || v_execution
            || '</ReqdExctnDt><Dbtr><Nm>' || v_payer || '</Nm></Dbtr><DbtrAcct><Id><IBAN>' || v_account
            || '</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr>'
            || '</FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>'
            || coalesce((SELECT string_agg('<CdtTrfTxInf><PmtId><EndToEndId>' || upper('APA-'
                    || left(v_run, 8) || '-' || left(encode(sha256(convert_to(
                        NEW.lot_id || '|' || n.titulaire || '|' || n.iban, 'UTF8')), 'hex'), 16))
                || '</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">' || n.montant
                || '</InstdAmt></Amt><Cdtr>'
                || CASE n.nom WHEN '' THEN '<Nm />' ELSE '<Nm>' || n.nom || '</Nm>' END
                || '</Cdtr><CdtrAcct><Id><IBAN>' || n.iban
                || '</IBAN></Id></CdtrAcct><RmtInf><Ustrd>APA ' || n.first
                || CASE WHEN n.first = n.last THEN '' ELSE '-' || n.last END
                || CASE WHEN n.monthly THEN ' MENSUEL' ELSE '' END
                || CASE WHEN n.monthly AND n.invoiced THEN ' ET' ELSE '' END
                || CASE WHEN n.invoiced THEN ' FACTURES' ELSE '' END
                || CASE WHEN n.slip THEN ' BORDEREAU ' || upper(left(v_run, 8)) ELSE '' END
                || '</Ustrd></RmtInf></CdtTrfTxInf>', ''
                ORDER BY n.titulaire COLLATE "C", n.iban COLLATE "C") FROM named n), '')
            || '</PmtInf></CstmrCdtTrfInitn></Document>', 'UTF8')
        FROM sums) THEN
        RAISE EXCEPTION 'apa_ash: the transfers of a run are those of the lines that it pays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fichier_paiement_tells_its_lines';
    END IF;
    IF NEW.forme = 'sepa' AND NOT coalesce(v_execution >= v_day
            AND v_day BETWEEN (access.today() - 1)::text AND access.today()::text, false) THEN
        RAISE EXCEPTION 'apa_ash: transfers are of the day, and none is made before'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fichier_paiement_of_its_day';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER of_a_validated_run BEFORE INSERT
    ON public.apa_ash_fichierpaiement FOR EACH ROW EXECUTE FUNCTION apa_ash.keep_file();
