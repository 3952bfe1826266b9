"""Rows of rights that a campaign meets, made as the owner."""

from datetime import date
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.rules.apa.domicile import compute_apa_domicile
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.services import campagnes as acts
from tests import factories

VEILLE = date(2025, 6, 1)
EFFET = date(2026, 1, 1)
NEXT = date(2027, 1, 1)  # past the verification of the figures


def droit(dossier, *, start=VEILLE, end=None, gir=2, couple=False, ressources="1500", **fields):
    """A right as a decision of its first day computed it."""
    plan_mensuel = Decimal(fields.pop("plan_mensuel", "1000.00"))
    feuille = compute_apa_domicile(
        on=start,
        age=85,
        gir=gir,
        couple=couple,
        ressources_mensuelles=Decimal(ressources),
        plan_mensuel=plan_mensuel,
    )
    decision = m.Decision.objects.create(
        service=dossier.service,
        dossier=dossier,
        nature=NatureDecision.ACCORD,
        prise_on=start,
        effet_on=start,
    )
    values = {
        "gir": gir,
        "couple": couple,
        "ressources_mensuelles": Decimal(ressources),
        "plan_mensuel": plan_mensuel,
        "taux_participation": feuille.taux_participation,
        "participation": feuille.participation,
        "apa": feuille.apa,
    } | fields
    return m.Droit.objects.create(
        service=dossier.service,
        dossier=dossier,
        decision=decision,
        periode=DateRange(start, end),
        **values,
    )


def beneficiaire(service, *, nom="Lefèvre", etat="ouvert", deces_on=None, **right):
    """A file with one right; give the right."""
    dossier = factories.dossier(service, nom=nom, etat=etat, ouvert_on=date(2025, 5, 2))
    if deces_on:
        m.Identite.objects.filter(dossier=dossier).update(deces_on=deces_on)
    return droit(dossier, **right)


def population(service, *, count):
    """Rights of every GIR, alone or in couple, around thresholds and ceilings."""
    return [
        beneficiaire(
            service,
            nom=f"Personne{number}",
            gir=1 + number % 4,
            couple=number % 3 == 0,
            ressources=str(Decimal(400) + Decimal("137.35") * (number * 7 % 31)),
            plan_mensuel=str(Decimal("36.10") + Decimal("89.07") * (number * 11 % 29)),
        )
        for number in range(count)
    ]


def rights_on(day, *, dossiers=None):
    rows = m.Droit.objects.filter(periode__contains=day).order_by("dossier_id")
    return list(rows if dossiers is None else rows.filter(dossier__in=dossiers))


def launched(simulate, passing, **options):
    return passing(acts.launch_campagne, campagne_id=simulate(**options).pk)
