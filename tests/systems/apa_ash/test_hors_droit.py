"""What was paid to the living beyond their right: one list, and the page of each file agrees."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.dus import Dus
from egide.rules.apa.repartition import split_montant
from egide.rules.apa.versement import DroitMensuel, Periode, next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.effectivite import compare
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.policy import INDUS
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries.controle import compared_months
from egide.systems.apa_ash.queries.faits import read_all
from egide.systems.apa_ash.queries.hors_droit import find_beyond_right
from tests import factories
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import plan, prestataire

MOIS = previous_month(today())
FIN = next_month(MOIS)
AVANT = previous_month(MOIS, back=3)
DEBUT = previous_month(MOIS, back=6)
JOUR = timedelta(days=1)
APA = Decimal("900.01")
SERVICE, PERSONNE = "service", "personne"

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
# To whom, how much, and what became of it, for the month.
DETTES = {
    "aucune": [],
    "constatée": [(SERVICE, "100.00", EtatIndu.NOTIFIE)],
    "retirée": [(SERVICE, "100.00", EtatIndu.RETIRE)],
}


@dataclass
class Monde:
    """Files by the names of their rights, stops and debts."""

    dossiers: dict[tuple[str, ...], m.Dossier]
    aide: m.Prestataire


def add_file(team, lots, aide, *, rights, stops=(), debts=(), paid=PAYE):
    """Write one file: two payees with half a plan each, paid as the right then was."""
    dossier = factories.dossier(team.nord, etat="ouvert")
    lines = [(ModeAide.PRESTATAIRE, aide, 20, 25), (ModeAide.GRE_A_GRE, None, 20, 25)]
    helped = plan(dossier, lines, effet_on=DEBUT)
    for start, end, apa in rights:
        decided = m.Decision.objects.create(
            service=team.nord,
            dossier=dossier,
            plan=helped,
            nature="accord",
            prise_on=DEBUT,
            effet_on=start or DEBUT,
        )
        right = m.Droit.objects.create(
            service=team.nord,
            dossier=dossier,
            decision=decided,
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
        m.Interruption(
            service=team.nord, dossier=dossier, nature=nature, periode=DateRange(start, end)
        )
        for nature, start, end in stops
    )
    m.Paiement.objects.bulk_create(
        m.Paiement(
            service=team.nord,
            lot=lot,
            dossier=dossier,
            droit=right,
            prestataire=who,
            mois_du=mois,
            montant_brut=amount,
            verse_on=mois + 9 * JOUR,
        )
        for mois, lot in lots.items()
        for who, amount in shares(mois, rights=paid, payees=(aide, None)).items()
    )
    m.Indu.objects.bulk_create(
        m.Indu(
            service=team.nord,
            dossier=dossier,
            prestataire=aide if who == SERVICE else None,
            mois=MOIS,
            motif="Heures",
            montant=montant,
            constate_on=MOIS,
            constate_par=factories.finder(),
            prescrit_on=date(2099, 1, 1),
            etat=etat,
        )
        for who, montant, etat in debts
    )
    return dossier


def shares(mois, *, rights, payees):
    dus = Dus([DroitMensuel(Periode(start, end), apa) for start, end, apa in rights])
    return split_montant(dus.of_month(mois).montant, parts=dict.fromkeys(payees, Decimal(500)))


@pytest.fixture
def lots(team):
    """The runs of the last three months."""
    return {
        mois: m.LotPaiement.objects.create(
            service=team.nord,
            mois=mois,
            etat="emis",
            prepare_par=team.paul,
            prepare_on=mois,
            valide_par=team.remi,
            valide_on=mois,
        )
        for mois in (previous_month(MOIS, back=2), previous_month(MOIS), MOIS)
    }


@pytest.fixture
def monde(team, lots):
    aide = prestataire(team.departement)
    return Monde(
        {
            (droit, arret, dette): add_file(
                team,
                lots,
                aide,
                rights=DROITS[droit],
                stops=ARRETS[arret],
                debts=DETTES[dette],
                paid=DROITS[droit] if droit in NES_AINSI else PAYE,
            )
            for droit, arret, dette in product(DROITS, ARRETS, DETTES)
            if dette == "aucune" or arret in {"aucun", "transfert"}
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
    until = today().replace(day=1)
    months = compared_months(until)
    pks = [dossier.pk for dossier in dossiers]

    read = read_all(
        passage,
        deaths=dict.fromkeys(pks),
        indus=INDUS.rows(passage).filter(dossier_id__in=pks),
        window=Periode(months[0], next_month(until)),
    )
    found = {}
    for pk in pks:
        parts = {
            (mois, part.beneficiaire): part.hors_droit
            for mois in months
            for part in compare(read.faits[pk], mois=mois).parts
            if part.hors_droit
        }
        if parts:
            found[pk] = parts
    return found


def test_the_list_holds_what_the_pages_of_the_files_hold(team, entering, monde):
    with entering(team.carole, CONTROLE) as passage:
        shown = listed(find_beyond_right(passage))
        expected = compared(passage, monde.dossiers.values())
    names = {dossier.pk: name for name, dossier in monde.dossiers.items()}
    assert {names[pk] for pk in shown} ^ {names[pk] for pk in expected} == set()
    assert shown == expected
