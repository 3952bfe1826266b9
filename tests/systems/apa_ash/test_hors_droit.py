"""What was paid to the living beyond their right: one list, and the page of each file agrees."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.kernel.notation import euros, jour
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.dus import Dus
from egide.rules.apa.repartition import split_montant
from egide.rules.apa.versement import VERSEMENT, DroitMensuel, Periode, next_month
from egide.rules.parameters import Bareme
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.effectivite import compare
from egide.systems.apa_ash.calculs.hors_droit import Raison
from egide.systems.apa_ash.models.controle import MOTIF_HORS_DROIT, EtatIndu
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.policy import INDUS
from egide.systems.apa_ash.purposes import CONTROLE, PAIEMENT
from egide.systems.apa_ash.queries.controle import compared_months
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.faits import read_all
from egide.systems.apa_ash.queries.hors_droit import find_beyond_right
from egide.systems.apa_ash.queries.redevenus_dus import find_due_again
from egide.systems.apa_ash.queries.retraits import compute_du
from egide.systems.apa_ash.services import lettres_indu, reclamations
from egide.systems.apa_ash.services.indu import NothingUndue
from egide.systems.apa_ash.services.lot import prepare_lot
from egide.systems.apa_ash.services.motifs_hors_droit import write_causes
from egide.systems.apa_ash.services.reclamations import claim_beyond_right
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import signature
from tests.systems.apa_ash.paiement_rows import plan, prestataire
from tests.systems.apa_ash.test_letters import squeeze, text_of

MOIS = previous_month(today())
FIN = next_month(MOIS)
AVANT = previous_month(MOIS, back=3)
DEBUT = previous_month(MOIS, back=6)
JOUR = timedelta(days=1)
APA = Decimal(900)
PAYES = (previous_month(MOIS, back=2), previous_month(MOIS), MOIS)

# Each right: first day, day after the last one (None: it goes on), allowance.
DROITS = {
    "entier": [(DEBUT, None, APA)],
    "fini le dernier jour": [(DEBUT, FIN, APA)],
    "fini la veille du dernier": [(DEBUT, FIN - JOUR, APA)],
    "fini le premier jour": [(DEBUT, MOIS + JOUR, APA)],
    "fini la veille du mois": [(DEBUT, MOIS, APA)],
    "baisse en cours de mois": [
        (DEBUT, MOIS + 9 * JOUR, APA),
        (MOIS + 9 * JOUR, None, Decimal(600)),
    ],
    "baisse au premier": [(DEBUT, MOIS, APA), (MOIS, None, Decimal("899.99"))],
    "hausse en cours de mois": [
        (DEBUT, MOIS + 9 * JOUR, APA),
        (MOIS + 9 * JOUR, None, Decimal(950)),
    ],
    "un jour sans droit": [(DEBUT, MOIS + 9 * JOUR, APA), (MOIS + 10 * JOUR, None, APA)],
    "ouvert en cours de mois": [(MOIS + 9 * JOUR, None, APA)],
    "jamais ouvert": [(None, None, APA)],
}
# What the right was when its months were paid.
PAYE = [(DEBUT, None, APA)]
NES_AINSI = {"ouvert en cours de mois"}
HOPITAL, DOMICILE, SUSPENSION = "hospitalisation", "had", "suspension"
ARRETS = {
    "aucun": [],
    "trente jours": [(HOPITAL, FIN - 30 * JOUR, FIN)],
    "trente et un jours": [(HOPITAL, FIN - 31 * JOUR, FIN)],
    "trente et un jours, sortie le mois suivant": [(HOPITAL, FIN - 31 * JOUR, None)],
    "transfert": [(HOPITAL, AVANT, MOIS + 3 * JOUR), (HOPITAL, MOIS + 3 * JOUR, None)],
    "retour d’un jour": [(HOPITAL, AVANT, MOIS + 3 * JOUR), (HOPITAL, MOIS + 4 * JOUR, None)],
    "à domicile": [(DOMICILE, AVANT, None)],
    "suspendu au premier": [(SUSPENSION, MOIS, None)],
    "suspendu puis repris": [(SUSPENSION, previous_month(MOIS), MOIS)],
    "suspendu le mois suivant": [(SUSPENSION, FIN, None)],
}
# How much of a service for the month, and what became of it.
DETTES = {
    "aucune": [],
    "constatée": [("100.00", EtatIndu.NOTIFIE)],
    "retirée": [("100.00", EtatIndu.RETIRE)],
}


@dataclass
class Monde:
    """Files by the names of their rights, stops and debts."""

    dossiers: dict[tuple[str, ...], m.Dossier]
    aide: m.Prestataire


def shares(mois, *, rights, payees):
    dus = Dus([DroitMensuel(Periode(start, end), apa) for start, end, apa in rights])
    return split_montant(dus.of_month(mois).montant, parts=dict.fromkeys(payees, Decimal(500)))


@pytest.fixture
def add_file(team):
    """Write files of two payees with half a plan each, paid three months as the right then was."""
    runs = {}

    def make(aide, *, rights, stops=(), debts=(), paid=PAYE, service=team.nord, nom="Lefèvre"):
        dossier = factories.dossier(service, nom=nom, etat="ouvert")
        common = {"service": service, "dossier": dossier}
        lines = [(ModeAide.PRESTATAIRE, aide, 20, 25), (ModeAide.GRE_A_GRE, None, 20, 25)]
        helped = plan(dossier, lines, effet_on=DEBUT)
        for start, end, apa in rights:
            opened = start or DEBUT
            right = m.Droit.objects.create(
                **common,
                decision=m.Decision.objects.create(
                    **common, plan=helped, nature="accord", prise_on=opened, effet_on=opened
                ),
                gir=3,
                couple=False,
                periode=DateRange(start, end) if start else DateRange(empty=True),
                ressources_mensuelles=1500,
                plan_mensuel=1000,
                taux_participation="0.1",
                participation=100,
                apa=apa,
            )
        m.Interruption.objects.bulk_create(
            m.Interruption(**common, nature=nature, periode=DateRange(start, end))
            for nature, start, end in stops
        )
        if service not in runs:
            hands = {"prepare_par": team.paul, "valide_par": team.remi}
            runs[service] = [
                m.LotPaiement.objects.create(
                    service=service,
                    mois=mois,
                    etat="emis",
                    prepare_on=mois,
                    valide_on=mois,
                    **hands,
                )
                for mois in PAYES
            ]
        m.Paiement.objects.bulk_create(
            m.Paiement(
                **common,
                lot=lot,
                droit=right,
                prestataire=who,
                mois_du=lot.mois,
                montant_brut=amount,
                verse_on=lot.mois + 9 * JOUR,
            )
            for lot in runs[service]
            for who, amount in shares(lot.mois, rights=paid, payees=(aide, None)).items()
        )
        m.Indu.objects.bulk_create(
            m.Indu(
                **common,
                prestataire=aide,
                mois=MOIS,
                motif="Heures",
                montant=montant,
                constate_on=MOIS,
                constate_par=factories.finder(),
                prescrit_on=date(2099, 1, 1),
                etat=etat,
            )
            for montant, etat in debts
        )
        return dossier

    return make


@pytest.fixture
def monde(team, add_file):
    aide = prestataire(team.departement)
    return Monde(
        {
            (droit, arret, dette): add_file(
                aide,
                rights=DROITS[droit],
                stops=ARRETS[arret],
                debts=DETTES[dette],
                paid=DROITS[droit] if droit in NES_AINSI else PAYE,
            )
            for droit, arret, dette in product(DROITS, ARRETS, DETTES)
            if dette == "aucune" or arret == "aucun"
        },
        aide,
    )


def listed(lines):
    found = {}
    for line in lines:
        found.setdefault(line.dossier.pk, {})[line.mois, line.prestataire_id] = line.reste
    return found


def compared(passage, dossiers):
    """Compare every month of every file, as its page does, without choosing any beforehand."""
    months = compared_months(today().replace(day=1))
    pks = [dossier.pk for dossier in dossiers]
    read = read_all(
        passage,
        deaths=dict.fromkeys(pks),
        indus=INDUS.rows(passage).filter(dossier_id__in=pks),
        window=Periode(months[0], next_month(months[-1])),
    )
    found = {}
    for pk in pks:
        parts = {
            (mois, part.beneficiaire): part.hors_droit
            for mois in months
            for part in compare(read.faits[pk], mois=mois).parts
            if part.hors_droit
        }
        found |= {pk: parts} if parts else {}
    return found


CUT = {
    "fini la veille du dernier",
    "fini le premier jour",
    "fini la veille du mois",
    "baisse en cours de mois",
    "baisse au premier",
    "un jour sans droit",
    "jamais ouvert",
}
STOPPED = {
    "trente et un jours",
    "trente et un jours, sortie le mois suivant",
    "transfert",
    "retour d’un jour",
    "suspendu au premier",
    "suspendu puis repris",
}
DAYS = (FIN - MOIS).days
JOURS_DUS = {
    "fini la veille du dernier": DAYS - 1,
    "fini le premier jour": 1,
    "fini la veille du mois": 0,
    "un jour sans droit": DAYS - 1,
}


@pytest.mark.clause("APA-06")
def test_the_list_holds_what_the_pages_of_the_files_hold_and_says_why(team, entering, monde):
    with entering(team.carole, CONTROLE) as passage:
        lines = find_beyond_right(passage)
        expected = compared(passage, monde.dossiers.values())
    shown = listed(lines)
    the_same_files_and_amounts(monde, lines, shown, expected)
    a_debt_counts_for_its_payee_alone(monde, shown)
    each_month_says_why(monde, lines)


def the_same_files_and_amounts(monde, lines, shown, expected):
    names = {dossier.pk: name for name, dossier in monde.dossiers.items()}
    assert {names[pk] for pk in shown} == {names[pk] for pk in expected}
    assert shown == expected
    told = {names[pk] for pk in shown}
    assert {right for right, stop, debt in told if (stop, debt) == ("aucun", "aucune")} == CUT
    assert {stop for right, stop, debt in told if right == "entier"} == STOPPED
    # The oldest payment first, and what is left of each month is what its days do not give.
    assert [line.verse_on for line in lines] == sorted(line.verse_on for line in lines)
    for right, days in JOURS_DUS.items():
        left = shown[monde.dossiers[right, "aucun", "aucune"].pk]
        owed = sum(amount for (mois, _), amount in left.items() if mois == MOIS)
        assert owed == APA - (APA * days / DAYS).quantize(Decimal("0.01"), ROUND_HALF_UP), right


def a_debt_counts_for_its_payee_alone(monde, shown):
    """Subtract what stands, from its payee; not what was withdrawn."""

    def owed(right, debt):
        of_file = shown.get(monde.dossiers[right, "aucun", debt].pk, {})
        return [of_file.get((MOIS, who), 0) for who in (monde.aide.pk, None)]

    cent = Decimal("0.01")  # whose it is follows the order of the plan
    for right in (name for name in CUT if len(DROITS[name]) == 1 and name != "jamais ouvert"):
        service, person = owed(right, "aucune")
        withdrawn, standing = owed(right, "retirée"), owed(right, "constatée")
        assert sum(withdrawn) == service + person
        assert abs(withdrawn[0] - service) <= cent
        assert abs(standing[0] - max(service - 100, 0)) <= cent
        assert abs(standing[1] - person) <= cent


CAUSES = {
    ("fini la veille du dernier", "aucun"): f"droit achevé le {jour(FIN - 2 * JOUR)}",
    ("fini la veille du mois", "aucun"): f"droit achevé le {jour(MOIS - JOUR)}",
    ("un jour sans droit", "aucun"): f"droit achevé le {jour(MOIS + 8 * JOUR)}",
    ("jamais ouvert", "aucun"): "aucun droit ne couvre ce mois",
    ("baisse au premier", "aucun"): (
        f"APA passée de 900,00\u00a0€ à 899,99\u00a0€ le {jour(MOIS)}"
    ),
    ("entier", "suspendu au premier"): f"versement suspendu à compter du {jour(MOIS)}",
    ("entier", "trente et un jours"): (
        f"hospitalisation, non versée à compter du {jour(FIN - JOUR)}"
    ),
    ("fini le premier jour", "suspendu au premier"): (
        f"droit achevé le {jour(MOIS)}, versement suspendu à compter du {jour(MOIS)}"
    ),
}


def each_month_says_why(monde, lines):
    told = {(x.dossier.pk, x.mois): write_causes(x.causes) for x in lines}
    for (right, stop), why in CAUSES.items():
        assert told[monde.dossiers[right, stop, "aucune"].pk, MOIS] == why


def test_the_days_that_narrow_the_list_are_those_that_the_rule_counts():
    """Were a month counted in thirtieths, the list would have to be narrowed otherwise."""
    assert Bareme(today(), VERSEMENT)["prorata_au_jour"] == 1


@pytest.fixture
def ended(team, add_file):
    """A file whose right ended in the last month paid, on its first day unless told."""

    def make(fin=MOIS + JOUR, **where):
        aide = prestataire(team.departement)
        return add_file(aide, rights=[(DEBUT, fin, APA)], **where), aide

    return make


def test_one_act_records_and_another_hand_signs(team, client, entering, ended):
    dossier, aide = ended()
    client.force_login(team.carole)
    address = reverse("apa_ash:hors_droit")
    page = client.get(address).content.decode()
    assert f"droit achevé le {jour(MOIS)}" in page
    file = reverse("apa_ash:controle_dossier", args=[dossier.pk])
    assert client.get(file).content.decode().count("au-delà du droit") == 2
    claim = reverse("apa_ash:hors_droit_reclamation", args=[dossier.pk])
    assert "2\u00a0indus proposés" in client.post(claim, follow=True).content.decode()
    indus = m.Indu.objects.filter(dossier=dossier)
    assert {(i.prestataire, i.etat) for i in indus} == {(aide, "propose"), (None, "propose")}
    assert {i.motif for i in indus} == {f"{MOTIF_HORS_DROIT} : droit achevé le {jour(MOIS)}"}
    assert "Rien à réclamer" in client.get(address).content.decode()
    assert client.get(file).context["undue"] == []
    assert NothingUndue.message in client.post(claim, follow=True).content.decode()
    assert not m.Courrier.objects.filter(dossier=dossier).exists()
    with entering(team.carole, CONTROLE) as passage:
        signature.sign_proposed(passage, dossier.pk)
    texts = [text_of(bytes(letter.pdf)) for letter in m.Courrier.objects.filter(dossier=dossier)]
    assert len(texts) == 2
    for text in texts:
        assert squeeze(f"droit achevé le {jour(MOIS)}") in text
        assert squeeze("CASF R. 232-30 et L. 232-25") in text


def test_the_letter_of_a_decrease_is_followed_by_hand_and_tells_what_the_next_run_withholds(
    team, client, entering, add_file
):
    aide, lowered = prestataire(team.departement), MOIS + 9 * JOUR
    rights = [(PAYES[0], lowered, Decimal("900.00")), (lowered, None, Decimal("342.98"))]
    paid = [(PAYES[0], None, Decimal("900.00"))]
    dossier = add_file(aide, rights=rights, paid=paid)
    with entering(team.carole, CONTROLE) as passage:
        indu, _ = claim_beyond_right(passage, dossier_id=dossier.pk)
    client.force_login(team.remi)
    page = squeeze(client.get(reverse("apa_ash:indus_a_signer", args=[indu.pk])).content.decode())
    with entering(team.carole, CONTROLE) as passage:
        signature.sign_proposed(passage, dossier.pk)
    cent = Decimal("0.01")
    before = (Decimal("900.00") * 9 / DAYS).quantize(cent, ROUND_HALF_UP)
    after = (Decimal("342.98") * (DAYS - 9) / DAYS).quantize(cent, ROUND_HALF_UP)
    total = sum(shares(MOIS, rights=rights, payees=(aide, None)).values())
    # A fifth of half of the lower right, not of what was paid last.
    figures = (before, after, total, Decimal("34.29"))
    texts = [text_of(bytes(letter.pdf)) for letter in m.Courrier.objects.filter(dossier=dossier)]
    assert len(texts) == 2
    for text in (page, *texts):
        for told in (
            f"9 sur {DAYS} jours",
            f"{DAYS - 9} sur {DAYS} jours",
            f"APA passée de 900,00 € à 342,98 € le {jour(lowered)}",
            *(euros(figure) for figure in figures),
        ):
            assert squeeze(told) in text, told
        assert squeeze("Part utilisée") not in text
    with entering(team.paul, PAIEMENT) as passage:
        run = prepare_lot(passage, lot_id=uuid4(), service_id=team.nord.pk, mois=FIN)
    withheld = m.Paiement.objects.filter(lot=run).values_list("prestataire", "retenue")
    assert set(withheld) == {(aide.pk, figures[-1]), (None, figures[-1])}


RENDUS = {
    "rendu en entier": ("fini le premier jour", "entier"),
    "rendu en partie": ("fini le premier jour", "fini la veille du dernier"),
    "baisse effacée": ("baisse en cours de mois", "entier"),
    "inchangé": ("fini le premier jour", "fini le premier jour"),
    "moins encore": ("fini la veille du dernier", "fini le premier jour"),
}


@pytest.fixture
def claimed(team, entering, add_file):
    """Files claimed beyond their right, whose right or stay was changed since."""
    aide, files = prestataire(team.departement), {}
    for name, (before, _) in RENDUS.items():
        files[name] = add_file(aide, rights=DROITS[before])
    for name in ("sortie dite tard", "toujours hospitalisée"):
        stay = ARRETS["trente et un jours, sortie le mois suivant"]
        files[name] = add_file(aide, rights=PAYE, stops=stay)
    with entering(team.carole, CONTROLE) as passage:
        for dossier in files.values():
            claim_beyond_right(passage, dossier_id=dossier.pk)
    for name, (_, after) in RENDUS.items():
        if name != "inchangé":
            ((start, end, _),) = DROITS[after]
            rights = m.Droit.objects.filter(dossier=files[name])
            first = rights.order_by("periode").first()
            rights.exclude(pk=first.pk).update(periode=DateRange(empty=True))
            rights.filter(pk=first.pk).update(periode=DateRange(start, end))
    stays = m.Interruption.objects.filter(dossier=files["sortie dite tard"])
    stays.update(periode=DateRange(FIN - 31 * JOUR, FIN - JOUR))
    # Below the threshold nothing was claimed: it is claimed all the same here.
    m.Indu.objects.filter(etat=EtatIndu.NON_RECOUVRE).update(etat=EtatIndu.NOTIFIE)
    return files


def test_a_claim_whose_right_is_given_back_is_listed_until_it_is_withdrawn(
    team, client, entering, claimed
):
    named = {dossier.pk: name for name, dossier in claimed.items()}
    with entering(team.carole, CONTROLE) as passage:
        lines = find_due_again(passage)
        listed = {line.indu.pk: line.reste_du for line in lines}
        again = {}
        for indu in list(INDUS.rows(passage).order_by("pk")):
            dossier = open_dossier(passage, indu.dossier_id)
            du = compute_du(passage, dossier=dossier, indu=indu).du
            again |= {indu.pk: du} if du < indu.du else {}
    assert listed == again
    found = {named[line.indu.dossier_id]: line.reste_du for line in lines}
    assert set(found) == {
        "rendu en entier",
        "rendu en partie",
        "baisse effacée",
        "sortie dite tard",
    }
    assert {name for name, left in found.items() if left} == {"rendu en partie"}
    first = claimed["rendu en entier"]
    indu = m.Indu.objects.filter(dossier=first).first()
    m.Indu.objects.filter(pk=indu.pk).update(etat=EtatIndu.NOTIFIE)
    client.force_login(team.carole)
    html = client.get(reverse("apa_ash:redevenus_dus")).content.decode()
    assert reverse("apa_ash:retrait", args=[first.pk, indu.pk]) in html
    assert html.count("L’abandonner") + html.count("Demander son retrait") == len(lines)
    control = client.get(reverse("apa_ash:controle")).content.decode()
    assert "peut-être redevenus dus" in control
    # What is withdrawn, or barred by time, waits for nobody.
    m.Indu.objects.filter(dossier=first).update(etat=EtatIndu.RETIRE, retire=F("montant"))
    m.Indu.objects.exclude(dossier=first).update(prescrit_on=today())
    assert "Rien à regarder" in client.get(reverse("apa_ash:redevenus_dus")).content.decode()
    assert "redevenu" not in client.get(reverse("apa_ash:controle")).content.decode()


def test_below_the_threshold_it_is_closed_without_a_letter(team, entering, ended):
    dossier, _ = ended(fin=FIN - JOUR)
    with entering(team.carole, CONTROLE) as passage:
        claim_beyond_right(passage, dossier_id=dossier.pk)
    assert {i.etat for i in m.Indu.objects.filter(dossier=dossier)} == {EtatIndu.NON_RECOUVRE}


def test_the_month_of_a_stay_that_goes_on_is_claimed_once_it_is_over(team, on_day, add_file):
    """A discharge by its last day would make it due whole (CASF R. 232-32)."""
    since = PAYES[-2] - 40 * JOUR
    dossier = add_file(prestataire(team.departement), rights=PAYE, stops=[(HOPITAL, since, None)])

    def listed(on):
        with on_day(team.carole, on, purpose=CONTROLE) as passage:
            return {line.mois for line in find_beyond_right(passage)}

    before = listed(FIN - JOUR)
    assert PAYES[-2] in before
    assert listed(FIN) - before == {MOIS}
    m.Interruption.objects.filter(dossier=dossier).update(periode=DateRange(since, FIN - 5 * JOUR))
    assert MOIS not in listed(FIN)
    # A right that ended takes the month whatever becomes of the stay.
    m.Interruption.objects.filter(dossier=dossier).update(periode=DateRange(FIN - JOUR, None))
    m.Droit.objects.filter(dossier=dossier).update(periode=DateRange(DEBUT, MOIS + 3 * JOUR))
    assert MOIS in listed(FIN - JOUR)


def test_a_gap_that_was_over_before_the_month_is_no_cause_of_it(team, entering, add_file):
    rights = [(DEBUT, PAYES[0], APA), (PAYES[1], None, APA)]
    add_file(prestataire(team.departement), rights=rights, stops=[(SUSPENSION, MOIS, None)])
    with entering(team.carole, CONTROLE) as passage:
        told = {x.mois: [cause.raison for cause in x.causes] for x in find_beyond_right(passage)}
    assert told == {PAYES[0]: [Raison.FIN], MOIS: [Raison.SUSPENSION]}


@pytest.mark.parametrize("first", [0, 1])
def test_a_claim_of_hours_and_of_days_is_told_in_part(first):
    motifs = [f"{MOTIF_HORS_DROIT} : droit achevé", "Heures non réalisées"]
    indus = [m.Indu(motif=motifs[first]), m.Indu(motif=motifs[1 - first])]
    assert lettres_indu._share_beyond_right(indus) == "partie"
    assert lettres_indu._share_beyond_right(indus[:1]) == ("" if first else "tout")


def test_a_claim_that_time_bars_is_not_due_again_beside_one_that_is(team, entering, claimed):
    dossier = claimed["rendu en partie"]
    with entering(team.carole, CONTROLE) as passage:
        lines = [x for x in find_due_again(passage) if x.indu.dossier_id == dossier.pk]
    assert len(lines) == 2
    m.Indu.objects.filter(pk=lines[0].indu.pk).update(prescrit_on=today())
    with entering(team.carole, CONTROLE) as passage:
        left = [x.indu.pk for x in find_due_again(passage) if x.indu.dossier_id == dossier.pk]
    assert left == [lines[1].indu.pk]


def test_what_waits_of_a_payee_weighs_with_what_is_found(team, entering, ended):
    """Two sums under the threshold are above it together (CASF D. 232-31): neither is closed."""
    dossier, aide = ended(fin=FIN - JOUR)
    m.Indu.objects.create(
        service=team.nord,
        dossier=dossier,
        prestataire=aide,
        mois=PAYES[0],
        motif="Heures non réalisées",
        montant=30,
        constate_on=today() - 9 * JOUR,
        constate_par=team.carole,
        prescrit_on=today() + 99 * JOUR,
        etat=EtatIndu.CONSTATE,
    )
    with entering(team.carole, CONTROLE) as passage:
        claim_beyond_right(passage, dossier_id=dossier.pk)
    found = m.Indu.objects.filter(dossier=dossier, mois=MOIS)
    assert {i.prestataire: i.etat for i in found} == {
        aide: EtatIndu.PROPOSE,
        None: EtatIndu.NON_RECOUVRE,
    }


def test_a_month_of_many_causes_is_claimed_with_its_list_alone(team, entering, ended, monkeypatch):
    dossier, _ = ended()
    told = f"{MOTIF_HORS_DROIT} : droit achevé le {jour(MOIS)}"
    for room, motif in ((len(told), told), (len(told) - 1, MOTIF_HORS_DROIT)):
        monkeypatch.setattr(reclamations, "MOTIF_LONGUEUR", room)
        with entering(team.carole, CONTROLE) as passage:
            claim_beyond_right(passage, dossier_id=dossier.pk)
        assert {i.motif for i in m.Indu.objects.all()} == {motif}
        m.Indu.objects.all().delete()


def test_hours_not_delivered_are_left_to_the_page_of_the_file(team, client, entering, ended):
    dossier, aide = ended(fin=MOIS + 15 * JOUR)
    m.Prestation.objects.create(
        service=team.nord, dossier=dossier, prestataire=aide, mois=MOIS, heures_realisees=0
    )
    with entering(team.carole, CONTROLE) as passage:
        claimed = claim_beyond_right(passage, dossier_id=dossier.pk)
        assert not find_beyond_right(passage)
    assert len(claimed) == 2
    client.force_login(team.carole)
    page = client.get(reverse("apa_ash:controle_dossier", args=[dossier.pk]))
    ((value, told),) = page.context["undue"]
    assert value == f"{MOIS:%Y-%m}/{aide.pk}"
    assert "au-delà du droit" not in told


@pytest.mark.parametrize("change", ["mort", "prescrit", "non versé"])
def test_what_another_list_or_nobody_claims_is_left_out(team, entering, ended, change):
    dossier, _ = ended()
    paid = m.Paiement.objects.filter(dossier=dossier)
    match change:
        case "mort":
            m.Identite.objects.filter(dossier=dossier).update(deces_on=FIN - JOUR)
        case "prescrit":
            paid.update(verse_on=date(2020, 1, 1))
        case _:
            paid.update(verse_on=None)
    with entering(team.carole, CONTROLE) as passage:
        assert not find_beyond_right(passage)


def test_a_month_overpaid_before_a_death_is_owed_by_the_estate(team, entering, ended):
    """The month of the death has its own list; those before it are in this one."""
    dossier, _ = ended()
    for day, payees in ((FIN, {"La succession"}), (FIN - JOUR, set())):
        m.Identite.objects.filter(dossier=dossier).update(deces_on=day)
        with entering(team.carole, CONTROLE) as passage:
            found = {x.payee for x in find_beyond_right(passage) if x.prestataire_id is None}
        assert found == payees


@pytest.mark.clause("APA-27")
def test_the_list_reads_no_more_than_it_compares(team, entering, ended):
    ended()
    with entering(team.carole, CONTROLE) as passage:
        assert find_beyond_right(passage)
        read = set(passage.fields)
    # What was paid and due: neither health, nor means, nor accounts, nor the hours reported.
    assert {"Paiement.montant_brut", "Droit.apa", "Interruption.periode"} <= read
    closed = {"Droit.gir", "Droit.ressources_mensuelles", "Droit.couple", "Decision.feuille"}
    assert not closed & read
    assert {name.split(".")[0] for name in read}.isdisjoint(
        {"Prestation", "CompteBancaire", "Nir", "Coordonnees", "Evaluation"}
    )
    assert "Paiement.iban" not in read


def test_one_sees_and_claims_in_one_s_own_services(team, client, entering, ended):
    ended()
    other, _ = ended(service=team.sud, nom="Lefebvre")
    client.force_login(team.carole)
    page = client.get(reverse("apa_ash:hors_droit")).content.decode()
    assert "Lefèvre" in page
    assert "Lefebvre" not in page
    with entering(team.carole, CONTROLE) as passage, pytest.raises(Refused):
        claim_beyond_right(passage, dossier_id=other.pk)


@pytest.mark.parametrize("name", ["alice", "paul", "remi", "denis", "nora"])
def test_only_the_control_of_the_service_claims(team, entering, ended, name):
    dossier, _ = ended()
    with entering(team.agents[name], CONTROLE) as passage, pytest.raises(Refused):
        claim_beyond_right(passage, dossier_id=dossier.pk)
    assert not m.Indu.objects.exists()
