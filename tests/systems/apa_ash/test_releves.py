"""Hours and invoices taken in: whole or not at all, once, within one's service, from no trap."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.fichiers import esppadom, releves, xml
from egide.systems.apa_ash.fichiers.defauts import DEFAUTS_MAX, TAILLE_MAX, Defaut, FichierRefuse
from egide.systems.apa_ash.fichiers.releves import Nature
from egide.systems.apa_ash.fichiers.xml import PROFONDEUR_MAX, read_xml
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.services import releves as acts
from egide.systems.apa_ash.services.fichiers import DejaImporte
from tests import factories
from tests.systems.apa_ash.paiement_rows import droit, prestataire

SIRET = "73282932000074"
UNTIL = date(2026, 11, 22)
HEADER = "dossier;siret;mois;heures\n"
INVOICES = "dossier;siret;mois;montant\n"

DELIVERY = """<?xml version="1.0" encoding="UTF-8"?>
<x:DELIVERY xmlns:x="urn:example:edess">
  <x:Header><x:ProviderSIRET>{siret}</x:ProviderSIRET></x:Header>
  <x:Intervention>
    <x:NumeroDossier>{numero}</x:NumeroDossier>
    <x:StartDateTime>2026-10-03T09:00:00</x:StartDateTime>
    <x:EndDateTime>2026-10-03T10:20:00</x:EndDateTime>
    <x:Status>REALISEE</x:Status>
  </x:Intervention>
  <x:Intervention>
    <x:NumeroDossier>{numero}</x:NumeroDossier>
    <x:StartDateTime>2026-10-05T09:00:00</x:StartDateTime>
    <x:EndDateTime>2026-10-05T10:20:00</x:EndDateTime>
  </x:Intervention>
  <x:Intervention>
    <x:NumeroDossier>{numero}</x:NumeroDossier>
    <x:StartDateTime>2026-10-07T09:00:00</x:StartDateTime>
    <x:EndDateTime>2026-10-07T11:00:00</x:EndDateTime>
    <x:Status>PREVUE</x:Status>
  </x:Intervention>
</x:DELIVERY>
"""
INVOICE = """<INVOICE><SIRET>{siret}</SIRET><BillingMonth>2026-10</BillingMonth>
<InvoiceLine><NumeroDossier>{numero}</NumeroDossier><LineAmount>100.10</LineAmount></InvoiceLine>
<InvoiceLine><NumeroDossier>{numero}</NumeroDossier><LineAmount>0.20</LineAmount></InvoiceLine>
</INVOICE>"""
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><DELIVERY>&c;</DELIVERY>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    b"<DELIVERY>&f;</DELIVERY>"
)


@pytest.fixture
def dossier(team):
    row = prestataire(team.departement)
    m.Prestataire.objects.filter(pk=row.pk).update(siret=SIRET)
    return factories.dossier(team.nord)


@pytest.fixture
def take(team, entering):
    def take_in(text, nature=Nature.HEURES, agent=None, service=None):
        contenu = text if isinstance(text, bytes) else text.encode()
        with entering(agent or team.carole, CONTROLE) as passage:
            return acts.import_releves(
                passage,
                service_id=(service or team.nord).pk,
                nature=nature,
                contenu=contenu,
            )

    return take_in


def line(dossier, heures="22,50", mois="2026-10", siret=SIRET):
    return f"{dossier.numero};{siret};{mois};{heures}\n"


def defects(refused):
    return [(d.ligne, d.colonne) for d in refused.value.defauts]


@pytest.mark.clause("APA-06")
def test_hours_then_an_invoice_meet_on_one_row(take, dossier):
    take(HEADER + line(dossier))
    take(f"dossier,siret,mois,montant\n{dossier.numero},{SIRET},2026-10,553.05", Nature.FACTURES)
    row = m.Prestation.objects.get()
    assert (row.heures_realisees, row.montant_facture) == (Decimal("22.50"), Decimal("553.05"))


def test_a_second_import_of_the_same_file_changes_nothing(take, dossier):
    take(HEADER + line(dossier))
    with pytest.raises(DejaImporte):
        take(HEADER + line(dossier))
    assert (m.Import.objects.count(), m.Prestation.objects.count()) == (1, 1)


@pytest.mark.clause("APA-47")
def test_a_correction_replaces_and_the_trail_keeps_the_old_value(take, dossier):
    take(HEADER + line(dossier))
    take(HEADER + line(dossier, "20"))
    second = m.Import.objects.get(
        empreinte=hashlib.sha256((HEADER + line(dossier, "20")).encode()).hexdigest()
    )
    row = m.Prestation.objects.get()
    assert (row.heures_realisees, row.recu_dans) == (20, second)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT differences::text FROM audit.change WHERE model = 'apa_ash.Prestation'"
            " AND operation = 'UPDATE'"
        )
        assert "22.50" in cursor.fetchone()[0]


def test_each_defect_is_told_by_its_place_and_nothing_is_taken(take, dossier):
    bad = (
        HEADER
        + line(dossier)
        + line(dossier, "-3", "2026-09")
        + line(dossier, "745", "2026-13")
        + line(dossier, "5", "2026-08", siret="73282932000075")
        + line(dossier)
    )
    with pytest.raises(FichierRefuse) as refused:
        take(bad)
    assert defects(refused) == [
        (3, "heures"),
        (4, "mois"),
        (4, "heures"),
        (5, "siret"),
        (6, "dossier"),
    ]
    assert not m.Import.objects.exists()
    assert not m.Prestation.objects.exists()


def test_an_unknown_number_and_another_service_s_are_told_alike(take, team, dossier):
    elsewhere = factories.dossier(team.sud)
    told = []
    for numero in (elsewhere.numero, "2026-99999"):
        with pytest.raises(FichierRefuse) as refused:
            take(f"{HEADER}{numero};{SIRET};2026-10;5\n")
        told.append(refused.value.defauts)
    assert told[0] == told[1]


@pytest.mark.parametrize("name", ["alice", "paul", "remi", "denis", "nora"])
def test_only_the_control_of_the_service_imports(take, team, dossier, name):
    with pytest.raises((Refused, FichierRefuse)):
        take(HEADER + line(dossier), agent=team.agents[name])
    assert not m.Prestation.objects.exists()


def test_the_control_of_another_service_imports_nothing_here(take, team, dossier):
    with pytest.raises((Refused, FichierRefuse)):
        take(HEADER + line(dossier), service=team.sud)
    assert not m.Prestation.objects.exists()


@pytest.mark.parametrize(
    "contenu",
    [
        b"",
        b"   \n",
        "dossier;siret;mois;heures\nmé".encode("latin-1"),
        "dossier;siret;mois;heures\n".encode("utf-16"),
        b"dossier;siret;mois\n",
        HEADER.encode(),
        HEADER.encode() + b'"never closed',
        b"x" * (TAILLE_MAX + 1),
        b"<" + b"x" * (TAILLE_MAX + 1),
        b"\0\0\0",
    ],
    ids=[
        "empty",
        "blank",
        "latin-1",
        "utf-16",
        "column missing",
        "header alone",
        "quote",
        "huge table",
        "huge message",
        "binary",
    ],
)
def test_a_file_that_is_no_table_is_refused(contenu):
    with pytest.raises(FichierRefuse):
        acts.read_file(contenu, nature=Nature.HEURES, until=UNTIL)


@pytest.mark.parametrize(
    "contenu",
    [
        LAUGHS,
        OUTSIDE,
        b"<DELIVERY>" + b"<a>" * 200 + b"</a>" * 200 + b"</DELIVERY>",
        b"<DELIVERY>",
        b"<DELIVERY/>",
        b"<INVOICE/>",
        b'<?xml version="1.0" encoding="klingon"?><DELIVERY/>',
        b'<?xml version="1.0" encoding="UTF-8"?><DELIVERY>\xe9</DELIVERY>',
    ],
    ids=[
        "billion laughs",
        "external entity",
        "deep",
        "not closed",
        "nothing",
        "another message",
        "unknown encoding",
        "wrong encoding",
    ],
)
def test_a_hostile_message_is_refused(contenu):
    with pytest.raises(FichierRefuse):
        acts.read_file(contenu, nature=Nature.HEURES, until=UNTIL)


PI_INSIDE = b"<DELIVERY><a>1<?x y?>2</a></DELIVERY>"
PI_OUTSIDE = b'<?xml version="1.0"?>\n<?xml-stylesheet href="x"?><DELIVERY/>'


@pytest.mark.parametrize(("contenu", "line"), [(PI_INSIDE, 1), (PI_OUTSIDE, 2)])
def test_a_processing_instruction_is_refused_with_its_line(contenu, line):
    with pytest.raises(FichierRefuse) as refused:
        read_xml(contenu)
    (defaut,) = refused.value.defauts
    assert defaut.ligne == line
    assert "instruction de traitement" in defaut.message


def test_a_message_has_so_many_elements_at_the_most(monkeypatch):
    assert xml.ELEMENTS_MAX == 200_000
    monkeypatch.setattr(xml, "ELEMENTS_MAX", 20)
    inside = b"<a/>" * 19
    assert len(read_xml(b"<D>" + inside + b"</D>").enfants) == 19
    with pytest.raises(FichierRefuse) as refused:
        read_xml(b"<D>" + inside + b"\n<a/></D>")
    (defaut,) = refused.value.defauts
    assert (defaut.ligne, defaut.message[:25]) == (2, "Plus de 200 000 éléments ")


def test_a_message_is_so_deep_at_the_most():
    def nested(depth):
        return b"<a>" * depth + b"</a>" * depth

    assert len(list(read_xml(nested(PROFONDEUR_MAX)).walk())) == PROFONDEUR_MAX
    with pytest.raises(FichierRefuse) as refused:
        read_xml(nested(PROFONDEUR_MAX + 1))
    assert refused.value.defauts[0].message.startswith("Structure XML démesurée")


def test_a_table_has_so_many_lines_at_the_most(monkeypatch):
    assert releves.LIGNES_MAX == 100_000
    monkeypatch.setattr(releves, "LIGNES_MAX", 2)
    rows = [f"2026-00001;{SIRET};2026-0{month};1,00" for month in (1, 2, 3)]

    def read(count):
        table = (HEADER + "\n".join(rows[:count])).encode()
        return releves.read_csv(table, nature=Nature.HEURES, until=UNTIL)

    assert len(read(2)) == 2
    with pytest.raises(FichierRefuse) as refused:
        read(3)
    (defaut,) = refused.value.defauts
    assert (defaut.ligne, defaut.message) == (4, "Plus de 2 lignes : découpez le fichier par mois.")


@pytest.mark.parametrize("name", ["dossier", "siret", "mois", "heures"])
def test_a_column_that_comes_twice_is_told(name):
    table = f"{name};{HEADER}x;2026-00001;{SIRET};2026-10;1\n".encode()
    with pytest.raises(FichierRefuse) as refused:
        releves.read_csv(table, nature=Nature.HEURES, until=UNTIL)
    (defaut,) = refused.value.defauts
    assert (defaut.colonne, "deux fois" in defaut.message) == (name, True)


def test_a_text_in_parts_is_one_text():
    root = read_xml("<a>  un <b>dé</b>deux<!-- et -->\n&#233;&amp;<b/> trois </a>".encode())
    assert root.texte == "un deux\né& trois"
    assert [child.texte for child in root.enfants] == ["dé", ""]


@pytest.mark.clause("APA-06")
def test_delivered_interventions_are_added_and_planned_ones_left_out(take, dossier):
    take(DELIVERY.format(siret=SIRET, numero=dossier.numero))
    row = m.Prestation.objects.get()
    # Twice 1 h 20: 2.67 hours, rounded once; 1.33 twice would give 2.66.
    assert (row.mois, row.heures_realisees) == (date(2026, 10, 1), Decimal("2.67"))


def test_lines_of_an_invoice_are_added_to_the_cent(take, dossier):
    take(INVOICE.format(siret=SIRET, numero=dossier.numero), Nature.FACTURES)
    assert m.Prestation.objects.get().montant_facture == Decimal("100.30")


def test_a_defect_of_a_message_gives_its_line(dossier):
    text = DELIVERY.format(siret=SIRET, numero=dossier.numero)
    bad = text.replace("2026-10-03T10:20:00", "2026-10-03T08:00:00")
    bad = bad.replace("2026-10-05T09:00:00", "hier")
    with pytest.raises(FichierRefuse) as refused:
        acts.read_file(bad.encode(), nature=Nature.HEURES, until=UNTIL)
    assert defects(refused) == [(4, "fin"), (12, "StartDateTime")]


def test_importing_costs_the_same_for_one_line_and_for_forty(team, take, dossier):
    counts = []
    for size in (1, 40):
        others = [factories.dossier(team.nord) for _ in range(size)]
        with CaptureQueriesContext(connection) as captured:
            take(HEADER + "".join(line(d) for d in others))
        counts.append(len(captured))
    # Habilitations, passage in and out (4), savepoint (2), imprint, files, services, the import,
    # one upsert, what no plan foresees, what exceeds one, one line of trail.
    assert counts == [15, 15]


def test_the_screen_shows_defects_and_takes_a_right_file(client, team, dossier):
    client.force_login(team.carole)
    address = reverse("apa_ash:releves")

    def send(text):
        fichier = SimpleUploadedFile("oct.csv", text.encode())
        return client.post(
            address, {"nature": "heures", "service": team.nord.pk, "fichier": fichier}
        )

    refused = send(HEADER + line(dossier, "beaucoup"))
    assert refused.status_code == 422
    assert "1 défaut dans oct.csv" in refused.content.decode()
    answer = send(HEADER + line(dossier))
    assert answer.status_code == 200
    said = answer.content.decode()
    assert "1\u00a0relevé importé." in said
    assert "1 ligne à vérifier" in said
    assert "<td>siret</td>" in said
    listed = client.get(address).content.decode()
    assert hashlib.sha256((HEADER + line(dossier)).encode()).hexdigest()[:12] in listed
    assert "déjà importé" in client.get(send(HEADER + line(dossier)).url).content.decode()


@pytest.mark.parametrize(("effet_on", "told"), [(date(2026, 10, 20), []), (date(2026, 11, 1), [2])])
def test_a_service_outside_the_plan_is_told_not_refused(take, dossier, effet_on, told):
    """The plan of the beginning or of the end of the month names the service; a later one not."""
    aide = m.Prestataire.objects.get(siret=SIRET)
    droit(dossier, start=effet_on, lines=[(ModeAide.PRESTATAIRE, aide, 20, 25)])
    taken = take(HEADER + line(dossier))
    assert [d.ligne for d in taken.a_verifier] == told
    assert m.Prestation.objects.count() == 1


@pytest.mark.parametrize(
    ("heures", "told"),
    [("49,50", []), ("49,52", ["49\u00a0h\u00a031"]), ("400", ["400\u00a0h"])],
)
def test_hours_far_above_the_plan_are_told_at_their_line(take, team, client, dossier, heures, told):
    """33 hours are planned: half as many again pass, and what exceeds them is kept and told."""
    aide = m.Prestataire.objects.get(siret=SIRET)
    droit(dossier, start=date(2026, 10, 1), lines=[(ModeAide.PRESTATAIRE, aide, 33, 25)])
    taken = take(HEADER + line(dossier, heures))
    assert [(d.ligne, d.colonne) for d in taken.a_verifier] == [(2, "heures")] * len(told)
    for defaut, value in zip(taken.a_verifier, told, strict=True):
        assert f"{value} déclarées pour 33\u00a0h prévues" in defaut.message
    assert m.Prestation.objects.count() == 1
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    page = client.get(reverse("apa_ash:releves_excessifs"))
    assert len(page.context["rows"]) == len(told)


@pytest.mark.parametrize(
    ("montant", "told"),
    [
        ("1237,50", []),
        ("1237,51", ["1\u202f237,51\u00a0€"]),
        ("99999999", ["99\u202f999\u202f999,00\u00a0€"]),
    ],
)
def test_an_invoice_far_above_the_plan_is_told_at_its_line(
    take, team, client, dossier, montant, told
):
    """825 € are planned: half as many again pass, and what exceeds them is kept and told."""
    aide = m.Prestataire.objects.get(siret=SIRET)
    droit(dossier, start=date(2026, 10, 1), lines=[(ModeAide.PRESTATAIRE, aide, 33, 25)])
    taken = take(INVOICES + line(dossier, montant), Nature.FACTURES)
    assert [(d.ligne, d.colonne) for d in taken.a_verifier] == [(2, "montant")] * len(told)
    for defaut, value in zip(taken.a_verifier, told, strict=True):
        assert f"{value} facturés pour 825,00\u00a0€ prévus" in defaut.message
    assert m.Prestation.objects.count() == 1
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    rows = client.get(reverse("apa_ash:releves_excessifs")).context["rows"]
    assert [(row[6], row[8]) for row in rows] == [("825,00\u00a0€", "montant")] * len(told)


def test_hours_are_not_told_for_the_invoice_that_they_join(take, team, client, dossier):
    aide = m.Prestataire.objects.get(siret=SIRET)
    droit(dossier, start=date(2026, 10, 1), lines=[(ModeAide.PRESTATAIRE, aide, 33, 25)])
    assert len(take(INVOICES + line(dossier, "5000"), Nature.FACTURES).a_verifier) == 1
    assert take(HEADER + line(dossier, "33")).a_verifier == ()
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    address = reverse("apa_ash:releves_excessifs")
    assert [row[8] for row in client.get(address).context["rows"]] == ["montant"]
    assert len(take(HEADER + line(dossier, "400")).a_verifier) == 1
    assert [row[8] for row in client.get(address).context["rows"]] == ["heures et montant"]


def test_an_invoice_of_a_service_outside_the_plan_is_told_as_such_only(take, team, client, dossier):
    droit(dossier, start=date(2026, 10, 1))
    (defaut,) = take(INVOICES + line(dossier, "99999999"), Nature.FACTURES).a_verifier
    assert (defaut.colonne, defaut.message) == ("siret", acts.HORS_PLAN)
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    assert not client.get(reverse("apa_ash:releves_excessifs")).context["rows"]


def test_the_larger_plan_of_a_month_is_what_hours_are_compared_with(take, dossier):
    aide = m.Prestataire.objects.get(siret=SIRET)
    droit(dossier, start=date(2026, 9, 1), lines=[(ModeAide.PRESTATAIRE, aide, 10, 25)])
    m.Droit.objects.filter(dossier=dossier).update(
        periode=DateRange(date(2026, 9, 1), date(2026, 10, 20))
    )
    droit(dossier, start=date(2026, 10, 20), lines=[(ModeAide.PRESTATAIRE, aide, 40, 25)])
    assert take(HEADER + line(dossier, "60")).a_verifier == ()
    assert [d.ligne for d in take(HEADER + line(dossier, "61")).a_verifier] == [2]


def test_what_lies_around_the_records_is_read_once_and_not_for_each_field(monkeypatch):
    """Walked again for each field of each record, 36 kB of a hostile message took a minute."""
    compared = []
    named = esppadom._named
    monkeypatch.setattr(esppadom, "_named", lambda *of: (compared.append(1), named(*of))[1])
    contenu = f"<INVOICE>{'<InvoiceLine/>' * 300}{'<z/>' * 300}</INVOICE>".encode()
    with pytest.raises(FichierRefuse) as refused:
        esppadom.read_message(contenu, nature=Nature.FACTURES, until=date(2026, 11, 1))
    assert len(refused.value.defauts) == DEFAUTS_MAX
    assert len(compared) < 10 * 600


def _message(inside: str) -> bytes:
    head = f"<NumeroDossier>2026-00001</NumeroDossier><Siret>{SIRET}</Siret>"
    return f"<INVOICE>{head}{inside}</INVOICE>".encode()


LINE = (
    "<InvoiceLine><MoisFacture>2026-10</MoisFacture><MontantLigne>10</MontantLigne>{}</InvoiceLine>"
)


@pytest.mark.parametrize("around", ["{}", "<a>{}</a>"])
def test_a_record_inside_another_is_refused_and_never_counted_twice(around):
    asked = {"nature": Nature.FACTURES, "until": date(2026, 11, 1)}
    (found,) = esppadom.read_message(_message(LINE.format("") * 2), **asked)
    assert found.valeur == 20
    with pytest.raises(FichierRefuse) as refused:
        esppadom.read_message(_message(LINE.format(around.format(LINE.format("")))), **asked)
    (defaut,) = refused.value.defauts
    assert "dans un autre enregistrement" in defaut.message


def test_what_a_record_holds_is_read_once_and_not_for_each_field(monkeypatch):
    compared = []
    named = esppadom._named
    monkeypatch.setattr(esppadom, "_named", lambda *of: (compared.append(1), named(*of))[1])
    contenu = _message(LINE.format("<z>x</z>" * 2_000))
    esppadom.read_message(contenu, nature=Nature.FACTURES, until=date(2026, 11, 1))
    assert len(compared) < 3 * 2_100


@pytest.mark.parametrize(
    ("fin", "refused"),
    [
        ("2026-10-03T09:00:00", True),
        ("2026-10-03T09:00:01", False),
        ("2026-10-04T09:00:00", False),
        ("2026-10-04T09:00:01", True),
    ],
)
def test_an_intervention_has_a_length_of_a_day_at_the_most(dossier, fin, refused):
    text = DELIVERY.format(siret=SIRET, numero=dossier.numero).replace("2026-10-03T10:20:00", fin)
    try:
        read = acts.read_file(text.encode(), nature=Nature.HEURES, until=UNTIL)
    except FichierRefuse as told:
        assert refused
        assert [(d.ligne, d.colonne) for d in told.defauts] == [(4, "fin")]
    else:
        assert not refused
        assert len(read) == 1


def test_so_many_defects_are_told_then_no_more_is_read():
    told = FichierRefuse(*(Defaut(rank, "", "") for rank in range(DEFAUTS_MAX + 1)))
    assert (len(told.defauts), told.total) == (DEFAUTS_MAX, DEFAUTS_MAX + 1)
    # Four defects a line: the message is left at the fiftieth.
    contenu = f"<INVOICE>{'<InvoiceLine/>' * (DEFAUTS_MAX + 1)}</INVOICE>".encode()
    with pytest.raises(FichierRefuse) as refused:
        esppadom.read_message(contenu, nature=Nature.FACTURES, until=UNTIL)
    assert refused.value.total == DEFAUTS_MAX
