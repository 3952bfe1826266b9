"""Each way to forge the trail, done as the owner of the database, is found and told."""

import json
from datetime import timedelta

import pytest

from egide.kernel.audit import keys, records, seals, verify
from egide.kernel.audit.chain import sign
from egide.site import cli


@pytest.fixture
def sealed(trail):
    """Give a trail of two months under three seals, with its guards put to sleep."""
    before, now = trail.months
    trail.write(xid=10, at=before, count=4)
    trail.write(xid=11, at=now, count=3)
    trail.seal()
    trail.write(xid=100, at=trail.now, count=3)
    trail.write(xid=100, at=trail.now, kind="change", count=2)
    trail.horizon = 200
    trail.seal()
    trail.write(xid=200, at=trail.now, count=3)
    trail.horizon = 300
    trail.seal()
    assert trail.verify().seals == 3
    assert trail.defects() == []
    trail.unguard()
    return trail


ONE = "xid = 11 AND motif = 'n° 1'"
EDITS = {
    "at": "at + interval '1 microsecond'",
    "agent_id": "gen_random_uuid()",
    "session": "''",
    "habilitations": "ARRAY[gen_random_uuid()]",
    "services": "ARRAY[gen_random_uuid()]",
    "purpose": "purpose || ' '",
    "passage_id": "gen_random_uuid()",
    "verb": "'modifier'",
    "outcome": "'refus'",
    "subjects": "ARRAY[gen_random_uuid()]",
    "targets": "ARRAY['']",
    "motif": "''",
    "salt": "salt || '\\x00'",
    "id": "gen_random_uuid()",
}


@pytest.mark.parametrize("column", EDITS)
def test_an_edited_row_is_found(sealed, column):
    sealed.sql(f"UPDATE audit.trail SET {column} = {EDITS[column]} WHERE {ONE}")
    (defect,) = sealed.defects()
    assert defect == f"Sceau 1, {sealed.place(sealed.months[1])} : lignes modifiées."


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("differences", """'{"a": [1, 2]}'"""),
        ("fields", "'{a}'"),
        ("row_ids", "ARRAY[gen_random_uuid()]"),
        ("operation", "'DELETE'"),
        ("model", "'apa_ash.Dossier'"),
    ],
)
def test_an_edited_change_is_found(sealed, column, value):
    sealed.sql(f"UPDATE audit.change SET {column} = {value}")
    (defect,) = sealed.defects()
    assert "Sceau 2, change apa_ash" in defect
    assert "modifiées" in defect


def test_a_removed_row_is_found(sealed):
    sealed.sql(f"DELETE FROM audit.trail WHERE {ONE}")
    (defect,) = sealed.defects()
    assert defect.endswith("lignes retirées : 1.")


def test_a_whole_segment_removed_is_found(sealed):
    sealed.sql("DELETE FROM audit.change")
    (defect,) = sealed.defects()
    assert defect.startswith("Sceau 2, change apa_ash")
    assert defect.endswith("lignes retirées : 2.")


def test_a_month_dropped_without_a_purge_is_found(sealed):
    records.drop(sealed.place(sealed.months[0]))
    (defect,) = sealed.defects()
    assert defect.endswith("lignes retirées : 4.")


def test_a_row_swapped_for_another_is_found(sealed):
    sealed.sql(f"DELETE FROM audit.trail WHERE {ONE}")
    sealed.write(xid=11, at=sealed.months[1] - timedelta(seconds=1))
    (defect,) = sealed.defects()
    assert defect.endswith("lignes modifiées.")


@pytest.mark.parametrize("xid", [0, 11, 12, 199])
def test_a_row_inserted_among_sealed_ones_is_found(sealed, xid):
    sealed.write(xid=xid)
    assert any("lignes insérées : 1." in defect for defect in sealed.defects())


def test_a_back_dated_row_is_found_before_and_after_its_sealing(sealed):
    sealed.write(xid=300, at=sealed.now - timedelta(minutes=5), count=2)
    sealed.write(xid=300, at=sealed.now)
    found = [f"{sealed.place(sealed.now)} : lignes antidatées : 2."]
    assert sealed.defects() == found
    sealed.horizon = 400
    sealed.seal()
    assert sealed.defects() == found


def test_a_row_of_the_future_is_found_once_sealed(sealed):
    sealed.write(xid=300, at=sealed.now + timedelta(minutes=5))
    sealed.horizon = 400
    sealed.seal()
    assert any("lignes postdatées : 1." in defect for defect in sealed.defects())


def test_a_transaction_open_while_sealing_is_no_back_dating(trail):
    """Its row may be older than the seal; that of a transaction begun since may not."""
    trail.write(xid=10)
    trail.open = 50
    trail.seal()
    trail.write(xid=149, at=trail.now - timedelta(minutes=5))
    assert trail.defects() == []
    trail.write(xid=150, at=trail.now - timedelta(minutes=5))
    (defect,) = trail.defects()
    assert defect.endswith("lignes antidatées : 1.")


def test_swapped_segments_are_found(sealed):
    month = sealed.place(sealed.months[1]).month
    sealed.sql(
        "UPDATE audit.segment s SET count = o.count, root = o.root FROM audit.segment o"
        " WHERE o.number + s.number = 5 AND s.kind = 'trail' AND o.kind = 'trail'"
        " AND s.month = %s AND o.month = s.month",
        month,
    )
    found = sealed.defects()
    for number in (2, 3):
        assert f"Sceau {number} : segments échangés, modifiés ou retirés." in found
        assert any(f"Sceau {number}, trail" in defect for defect in found)


def test_a_segment_moved_to_another_month_is_found(sealed):
    sealed.sql("UPDATE audit.segment SET month = month + 400 WHERE number = 3")
    found = sealed.defects()
    assert "Sceau 3 : segments échangés, modifiés ou retirés." in found


def test_swapped_seals_are_found(sealed):
    sealed.sql("ALTER TABLE audit.segment DROP CONSTRAINT segment_number_fkey")
    sealed.sql("UPDATE audit.segment SET number = number + 8 WHERE number > 1")
    sealed.sql("UPDATE audit.segment SET number = 13 - number WHERE number > 1")
    sealed.sql("UPDATE audit.seal SET number = number + 8 WHERE number > 1")
    sealed.sql("UPDATE audit.seal SET number = 13 - number WHERE number > 1")
    found = sealed.defects()
    assert "Sceau 2 : il ne suit pas le précédent." in found
    assert "Sceau 2 : signature fausse ou clé inconnue." in found
    assert "Sceau 3 : signature fausse ou clé inconnue." in found


def cut(trail, number):
    trail.sql("DELETE FROM audit.segment WHERE number >= %s", number)
    trail.sql("DELETE FROM audit.seal WHERE number >= %s", number)


def test_a_tail_cut_with_its_rows_is_found(sealed):
    cut(sealed, 3)
    sealed.sql("DELETE FROM audit.trail WHERE xid >= 200")
    assert sealed.defects() == ["Sceaux 3 à 3 : queue de la chaîne coupée."]


def test_the_whole_chain_removed_is_found(sealed):
    cut(sealed, 1)
    sealed.sql("TRUNCATE audit.trail, audit.change")
    assert sealed.defects() == ["Sceaux 1 à 3 : queue de la chaîne coupée."]


def test_a_seal_removed_from_the_middle_is_found(sealed):
    sealed.sql("DELETE FROM audit.segment WHERE number = 2")
    sealed.sql("DELETE FROM audit.seal WHERE number = 2")
    assert "Sceau 2 : absent de la chaîne." in sealed.defects()


def test_an_old_head_replayed_is_found(sealed):
    old = keys.head_place(sealed.path).read_text()
    sealed.write(xid=300, at=sealed.now)
    sealed.horizon = 400
    sealed.seal()
    keys.head_place(sealed.path).write_text(old)
    assert sealed.defects() == ["Tête : une ancienne (3) est remise hors de la base."]


def test_a_head_that_is_gone_or_broken_is_told(sealed):
    place = keys.head_place(sealed.path)
    place.write_text(json.dumps([{"number": 3, "digest": "00" * 32}]))
    assert sealed.defects() == ["Sceau 3 : ce n’est pas celui que la tête gardée nomme."]
    place.unlink()
    assert sealed.defects() == ["Tête : le fichier gardé hors de la base est absent."]
    place.write_text("{")
    with pytest.raises(keys.CleRefusee, match="illisible"):
        sealed.defects()


@pytest.mark.parametrize(
    "edit",
    [
        "xid_until = xid_until + 1",
        "observed_at = observed_at - interval '1 second'",
        "observed_xid = observed_xid + 1",
        "act = 'purge'",
        "version = 2",
        "key = repeat('0', 64)",
        "signature = sha256(signature) || sha256(signature)",
        "root = sha256(root)",
    ],
)
def test_an_edited_seal_is_found(sealed, edit):
    sealed.sql(f"UPDATE audit.seal SET {edit} WHERE number = 3")
    assert "Sceau 3 : signature fausse ou clé inconnue." in sealed.defects()


def test_a_chain_signed_again_with_another_key_is_found(sealed, tmp_path):
    """The owner edits a row and makes every seal anew: the key is the one thing not in the base."""
    sealed.sql(f"UPDATE audit.trail SET motif = '' WHERE {ONE}")
    cut(sealed, 1)
    other = tmp_path / "forged/key.pem"
    seals.seal(other)
    public = keys.trusted([sealed.path.with_suffix(".pub")])
    forged = verify.verify(other, trusted=public)
    assert forged.defects == ["Sceau 1 : signature fausse ou clé inconnue."]
    assert any("queue de la chaîne coupée" in defect for defect in sealed.defects())


def test_a_purge_of_other_rows_than_were_sealed_is_found(sealed):
    before, _ = sealed.months
    with records.as_sealer():
        chain = records.chain()
    purged = seals.purge(sealed.path, sealed.place(before))
    assert sealed.defects() == []
    key = keys.private_key(sealed.path)
    (segment,) = purged.segments
    wrong = seals.Segment(segment.place, segment.count - 1, segment.root)
    claim = seals.replace(purged.claim, root=seals.root_of([wrong]))
    cut(sealed, 4)
    with records.as_sealer():
        seals._add(sealed.path, chain, sign(claim, segments=[wrong], key=key))
    assert sealed.defects() == [f"Sceau 4, {sealed.place(before)} : purge d’autres lignes."]


def test_rows_put_back_in_a_purged_month_are_found(sealed):
    before, _ = sealed.months
    place = sealed.place(before)
    seals.purge(sealed.path, place)
    sealed.sql("SELECT audit.keep_partitions('{apa_ash}')")
    sealed.write(xid=10, at=before, count=4)
    assert any("insérées dans un mois purgé : 4." in defect for defect in sealed.defects())


def test_a_forged_set_of_fields_is_found(sealed):
    sealed.sql("SELECT audit.fieldset_of('{a,b}')")
    assert sealed.defects() == []
    sealed.sql("UPDATE audit.fieldset SET fields = '{a}' WHERE fields = '{a,b}'")
    assert sealed.defects() == ["Ensembles de champs modifiés : 1."]


@pytest.fixture
def egide(monkeypatch, capsys):
    """Run the command in this process, on the database of the test."""
    monkeypatch.setattr(cli, "_django", lambda: None)

    def run(*arguments):
        code = cli.main(["audit", *map(str, arguments)])
        told = capsys.readouterr()
        return code, (told.out + told.err).splitlines()

    return run


def test_the_command_seals_verifies_and_tells_each_defect(trail, egide, tmp_path):
    assert egide("verify")[0] == 0
    trail.write(xid=10, count=3)
    assert egide("seal") == (0, ["Sceaux ajoutés : 1 ; lignes scellées : 3."])
    summary = "Sceaux : 1 ; lignes vérifiées : 3 ; en attente de sceau : 0 ; défauts : 0."
    assert egide("verify") == (0, [summary])
    code, lines = egide("key")
    public = tmp_path / "elsewhere.pem"
    public.write_text("\n".join(lines))
    assert (code, lines[0]) == (0, "-----BEGIN PUBLIC KEY-----")
    assert egide("verify", "--public-key", public) == (0, [summary])
    trail.unguard()
    trail.sql("DELETE FROM audit.trail WHERE motif = 'n° 1'")
    code, lines = egide("verify")
    assert code == 1
    assert lines[0].endswith("lignes retirées : 1.")
    assert lines[-1].endswith("défauts : 1.")


def test_the_command_tells_in_a_line_what_prevents_it(trail, egide, tmp_path):
    trail.path.write_text("broken")
    code, (line,) = egide("seal")
    assert code == 1
    assert "chmod 600" in line
    code, (line,) = egide("verify", "--public-key", tmp_path / "absent.pem")
    assert code == 1
    assert "clé publique" in line


def test_what_retention_drops_leaves_a_trail_that_verifies(trail, egide, capsys):
    """The one command that drops months: those of more than six months, sealed, roots kept."""
    old = trail.now - timedelta(days=31 * 8)
    place = trail.place(old)
    after = trail.place(old.replace(day=1) + timedelta(days=31))
    trail.sql(
        f"CREATE TABLE audit.trail_apa_ash_{old:%Y_%m} PARTITION OF audit.trail_apa_ash"
        f" FOR VALUES FROM ('{place.month} 00:00+00') TO ('{after.month} 00:00+00')"
    )
    trail.write(xid=10, at=old, count=2)
    trail.write(xid=11, at=trail.months[0], count=3)
    trail.seal()
    for options, past in ((["--dry-run"], 1), ([], 1), ([], 0)):
        assert cli.main(["retention", "run", *options]) == 0
        assert f"mois du journal passés : {past}" in capsys.readouterr().out
    code, (summary,) = egide("verify")
    assert (code, summary.partition(" ; lignes")[0]) == (0, "Sceaux : 2")
    assert trail.verify().rows == 3
