"""Files brought to the point where a decision is awaited, as the owner makes them for tests."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.controle import MOTIF_HORS_DROIT
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import EtatPlan, ModeAide, NatureAide, Unite
from egide.systems.apa_ash.models.ressources import SourceRessources
from tests import factories

PLAN_HEURES = (Decimal("40.00"), Decimal("25.00"))  # 1 000,00 € a month


def bound(dossier):
    return {"service": dossier.service, "dossier": dossier}


def posted(dossier, *, on, by, **which):
    """Post the letters of a file that nobody posted: a notice gives no month before it left."""
    rows = m.Courrier.objects.filter(dossier=dossier, poste_on__isnull=True, **which)
    return rows.update(poste_on=on, poste_constate_on=on, poste_par=by)


def proposal(dossier, *, on, by):
    """Post the letter of a proposal, on the day that its plan says it was sent."""
    return m.Courrier.objects.create(
        **bound(dossier),
        nature="proposition_plan",
        cree_on=on,
        poste_on=on,
        poste_constate_on=on,
        poste_par=by,
        pdf=b"x",
        empreinte=hashlib.sha256(b"x").hexdigest(),
    )


def complete(dossier, *, on):
    """Make the first request complete on a day."""
    demande = m.Demande.objects.get(dossier=dossier)
    demande.recue_on, demande.complete_on = min(demande.recue_on, on), on
    demande.accuse_on = demande.recue_on
    demande.save()
    return demande


def ressources(dossier, *, montant="1500.00", couple=False, on):
    return m.Ressources.objects.create(
        **bound(dossier),
        annee_reference=on.year - 2,
        couple=couple,
        source=SourceRessources.AVIS,
        recueillies_on=on,
        ressources_mensuelles=Decimal(montant),
    )


def plan(dossier, *, on, gir=2, etat=EtatPlan.ACCEPTE, by):
    m.Evaluation.objects.create(**bound(dossier), faite_on=on, gir=gir, auteur=by)
    heures, tarif = PLAN_HEURES
    created = m.PlanAide.objects.create(
        **bound(dossier),
        etat=etat,
        gir=gir,
        effet_on=on,
        envoye_on=on - timedelta(days=20),
        reponse_on=on - timedelta(days=12) if etat == EtatPlan.ACCEPTE else None,
    )
    m.LignePlan.objects.create(
        **bound(dossier),
        plan=created,
        nature=NatureAide.TOILETTE,
        mode=ModeAide.GRE_A_GRE,
        volume_mensuel=heures,
        unite=Unite.HEURE,
        tarif=tarif,
    )
    return created


def ready(service, *, on, by, **fields):
    """Make a file whose plan is accepted and whose decision is awaited."""
    dossier = factories.dossier(
        service,
        etat=Etat.ACCEPTE,
        echeance=Echeance.DECISION,
        echeance_on=on + timedelta(days=10),
        **fields,
    )
    complete(dossier, on=on - timedelta(days=30))
    plan(dossier, on=on, by=by)
    ressources(dossier, on=on)
    return dossier


def opened(service, *, since, by, apa="848.20", forfait=False, **fields):
    """Make a file with a right that runs since a day."""
    dossier = factories.dossier(
        service,
        **{
            "etat": Etat.OUVERT,
            "echeance": Echeance.REVISION,
            "echeance_on": since + timedelta(days=900),
            "revision_on": since + timedelta(days=900),
            "ouvert_on": since - timedelta(days=60),
        }
        | fields,
    )
    complete(dossier, on=since - timedelta(days=40))
    accepted = plan(dossier, on=since, by=by)
    ressources(dossier, on=since)
    decision = m.Decision.objects.create(
        **bound(dossier),
        plan=accepted,
        nature=NatureDecision.ACCORD,
        prise_on=since,
        notifiee_on=since,
        effet_on=since,
        revision_on=since + timedelta(days=900),
    )
    m.Droit.objects.create(
        **bound(dossier),
        decision=decision,
        periode=DateRange(since, None),
        gir=2,
        couple=False,
        ressources_mensuelles=Decimal("1500.00"),
        plan_mensuel=Decimal("1000.00"),
        taux_participation=Decimal("0.15180"),
        participation=Decimal("1000.00") - Decimal(apa),
        apa=Decimal(apa),
        forfait=forfait,
    )
    return dossier


def unanswered(dossier, *, by, on):
    """Make proofs that a letter asked of the person for a month, and that did not come by a day."""
    asked_on = on - timedelta(days=40)
    m.Courrier.objects.create(
        **bound(dossier),
        nature="demande_justificatifs",
        nom_destinataire="x",
        cree_on=asked_on,
        poste_on=asked_on,
        poste_constate_on=asked_on,
        poste_par=by,
        empreinte=hashlib.sha256(b"x").hexdigest(),
        pdf=b"x",
    )
    return m.DemandeJustificatif.objects.create(
        **bound(dossier),
        depuis=on - timedelta(days=90),
        jusqu_on=on - timedelta(days=60),
        demandee_on=asked_on,
        demandee_par=by,
        attendue_on=on - timedelta(days=1),
    )


def droits(dossier):
    """List the rights of a file in order: first day, day after the last, amount."""
    rows = m.Droit.objects.filter(dossier=dossier).order_by("periode")
    return [(row.periode.lower, row.periode.upper, row.apa) for row in rows]


def day(year, month, number):
    return date(year, month, number)


def beyond_right(dossier, mois, etat="notifie"):
    """Record that the person was claimed a hundred euros beyond the right of a month."""
    return m.Indu.objects.create(
        **bound(dossier),
        mois=mois,
        motif=f"{MOTIF_HORS_DROIT} : droit achevé {etat}",
        montant=100,
        retire=100 if etat == "retire" else 0,
        constate_on=mois,
        constate_par=factories.finder(),
        prescrit_on=date(2099, 1, 1),
        etat=etat,
    )
