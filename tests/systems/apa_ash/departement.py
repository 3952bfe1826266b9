"""The demonstration département, seen by near misses: each role in one service, one next door."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection, transaction

from egide.kernel.access.catalogue import SYSTEM as KERNEL
from egide.kernel.access.catalogue import Role as KernelRole
from egide.kernel.access.models import Agent, Organisme, Service
from egide.systems.apa_ash.demo import create_demo
from egide.systems.apa_ash.models import (
    Aidant,
    AidePonctuelle,
    Courrier,
    DemandeJustificatif,
    Dossier,
    Droit,
    Facture,
    Gel,
    Indu,
    PlanAide,
    ProjetDecision,
    Relais,
    Remboursement,
    Remise,
    Succession,
)
from egide.systems.apa_ash.purposes import Role
from tests.personas import grant, organisme, today

PEOPLE = 180


@dataclass
class Departement:
    """Two services of one organisme, another organisme, and an agent for each role in each."""

    nord: Service
    sud: Service
    ailleurs: Service
    agents: dict[tuple[str, str], Agent]


def agent(where: Organisme, name: str) -> Agent:
    created = Agent(organisme=where, identifiant=name, prenom=name, nom="Essai")
    created.set_unusable_password()
    created.save()
    return created


def populate() -> Departement:
    """Load the demonstration, then the agents who look at it."""
    assert create_demo(on=today(), people=PEOPLE)
    nord, sud = Service.objects.order_by("nom")
    voisin = organisme("Département voisin", "220000026", "02")
    ailleurs = Service.objects.create(organisme=voisin, nom="Autonomie")
    found = Departement(nord, sud, ailleurs, {})
    for place, service in (("nord", nord), ("sud", sud), ("ailleurs", ailleurs)):
        by = agent(service.organisme, f"chef-{place}")
        for role in (*Role, *KernelRole):
            one = agent(service.organisme, f"{role}-{place}")
            system = {"system": KERNEL} if isinstance(role, KernelRole) else {}
            grant(one, role, service, by=by, **system)
            found.agents[role, place] = one
    _take_back_a_plan(nord)
    for service in (nord, sud):
        upon_invoices(service, by=found.agents[Role.CONTROLEUR, "nord"])
        repay_a_debt(service, by=found.agents[Role.CONTROLEUR, "nord"])
        Gel.objects.create(
            service=service,
            dossier=Dossier.objects.filter(service=service).order_by("numero")[0],
            motif="Recours devant le tribunal administratif",
            pose_on=today(),
            jusqu_on=today() + timedelta(days=90),
            pose_par=found.agents[Role.RESPONSABLE, "nord"],
        )
    return found


def repay_a_debt(service: Service, *, by: Agent) -> None:
    """Give a file of each service a debt half repaid and one to sign: the demonstration may not."""
    bound = {"service": service, "dossier": Droit.objects.filter(service=service)[0].dossier}
    found = bound | {
        "mois": today().replace(day=1),
        "montant": 100,
        "constate_on": today(),
        "constate_par": by,
        "prescrit_on": today() + timedelta(days=90),
    }
    Indu.objects.create(
        **found, motif="À signer", etat="propose", propose_on=today(), propose_par=by
    )
    indu = Indu.objects.create(**found, motif="Rendu pour moitié", recouvre=50, etat="notifie")
    for nature, fondement in (("remise", ""), ("retrait", "recours")):
        Remise.objects.create(
            **bound,
            indu=indu,
            nature=nature,
            fondement=fondement,
            origine="debiteur",
            demandee_on=today(),
            demandee_par=by,
            motif="Ressources modestes",
            etat="demandee",
        )
    Remboursement.objects.create(**bound, indu=indu, montant=50, recu_on=today(), saisi_par=by)
    pdf = f"%PDF {service.nom}".encode()
    sealed = hashlib.sha256(pdf).hexdigest()
    Courrier.objects.create(**bound, nature="indu", cree_on=today(), empreinte=sealed, pdf=pdf)


def upon_invoices(service: Service, *, by: Agent) -> None:
    """Give a file of each service an aid, a relay and an invoice: the demonstration may not."""
    rights = Droit.objects.filter(service=service, decision__plan__isnull=False)
    for kind in (AidePonctuelle, Relais, DemandeJustificatif, Succession):
        rights = rights.exclude(dossier__in=kind.objects.values("dossier"))
    droit = rights.order_by("pk")[0]
    bound = {"service": service, "dossier": droit.dossier}
    aidant = Aidant.objects.create(**bound, nom="Roy Léa", lien="fille")
    DemandeJustificatif.objects.create(
        **bound,
        depuis=today(),
        jusqu_on=today(),
        demandee_on=today(),
        demandee_par=by,
        attendue_on=today(),
    )
    Succession.objects.create(
        **bound,
        qualite="notaire",
        nom="Maître Roy",
        adresse="1 rue Haute",
        code_postal="01000",
        commune="Bourg",
        depuis_on=today(),
        source="famille",
    )
    ProjetDecision.objects.create(
        **bound,
        nature="accord",
        propose_on=today(),
        propose_par=by,
        etat="retire",
        traite_par=by,
        traite_on=today(),
    )
    aide = AidePonctuelle.objects.create(
        **bound, plan=droit.decision.plan, nature="repit", objet="Accueil", montant=500
    )
    Relais.objects.create(
        **bound, aidant=aidant, entree_on=today(), objet="Accueil", cout=900, etat="demande"
    )
    Facture.objects.create(
        **bound,
        aide=aide,
        droit=droit,
        reference="F1",
        depense_on=today(),
        montant=100,
        retenu=100,
        taux_participation=0,
        a_verser=100,
        saisie_on=today(),
        saisie_par=by,
    )


def _take_back_a_plan(service: Service) -> None:
    """Leave one draft in the service: whether the demonstration draws one there is its chance."""
    plans = PlanAide.objects.filter(service=service)
    if not plans.filter(etat="brouillon").exists():
        sent = plans.filter(etat="propose").order_by("pk")[0]
        plans.filter(pk=sent.pk).update(etat="brouillon", envoye_on=None, definitif=False)


@contextmanager
def populated() -> Iterator[Departement]:
    """Hold the whole département in a transaction that is rolled back."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
        found = populate()
        # Once for all: each test that ends, or alters a table, would check again what waits.
        connection.check_constraints()
        yield found
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def departement(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), populated() as found:
        yield found
