"""Rows of a right that is being paid, made as the owner."""

from datetime import date
from decimal import Decimal
from itertools import count

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import EtatPlan, ModeAide, NatureAide, Unite
from tests import factories

IBAN = "FR1420041010050500013M02606"
_number = count(10_000)
# The bytes of the table that a run `l` pays, as PostgreSQL wants them of a file that is kept: of
# names that a spreadsheet takes as they are.
TABLE_OF = (
    "(SELECT convert_to(E'\\uFEFFlot;mois_du;dossier;type_beneficiaire;beneficiaire;siret;iban;"
    "montant_brut;retenue;montant\\r\\n' || coalesce(string_agg(concat_ws(';', p.lot_id,"
    " to_char(p.mois_du, 'YYYY-MM'), d.numero,"
    " CASE WHEN s.id IS NULL THEN 'personne' ELSE 'service' END, p.titulaire,"
    " coalesce(s.siret, ''), p.iban, p.montant_brut, p.retenue, p.montant_brut - p.retenue)"
    " || E'\\r\\n', '' ORDER BY d.numero, p.mois_du, s.id, p.facture_id), ''), 'UTF8')"
    " FROM apa_ash_paiement p JOIN apa_ash_dossier d ON d.id = p.dossier_id"
    " LEFT JOIN apa_ash_prestataire s ON s.id = p.prestataire_id"
    " WHERE p.lot_id = l.id AND NOT p.ecarte)"
)


def prestataire(organisme, nom="Aide à Domicile 01", iban="FR7630006000011234567890189", **fields):
    return m.Prestataire.objects.create(
        organisme=organisme,
        nom=nom,
        siret=f"{next(_number):014d}",
        tarif_horaire=Decimal("24.58"),
        iban=iban,
        **{"adresse": "4 rue du Moulin, 01000 Bourg-en-Bresse"} | fields,
    )


def plan(dossier, lines, *, effet_on):
    """`lines` holds (mode, service, monthly volume, tariff); an hour each."""
    created = m.PlanAide.objects.create(
        service=dossier.service, dossier=dossier, etat=EtatPlan.ACCEPTE, gir=3, effet_on=effet_on
    )
    for mode, service, volume, tarif in lines:
        m.LignePlan.objects.create(
            service=dossier.service,
            dossier=dossier,
            plan=created,
            nature=NatureAide.TOILETTE,
            mode=mode,
            prestataire=service,
            volume_mensuel=volume,
            unite=Unite.HEURE,
            tarif=tarif,
        )
    return created


def droit(
    dossier,
    *,
    start=date(2026, 9, 1),
    end=None,
    apa="876.13",
    plan_mensuel="1000.00",
    taux="0.12387",
    lines=None,
):
    helped = (
        plan(dossier, lines or [(ModeAide.GRE_A_GRE, None, 40, 25)], effet_on=start)
        if lines != ()
        else None
    )
    decision = m.Decision.objects.create(
        service=dossier.service,
        dossier=dossier,
        plan=helped,
        nature=NatureDecision.ACCORD,
        prise_on=start,
        effet_on=start,
    )
    return m.Droit.objects.create(
        service=dossier.service,
        dossier=dossier,
        decision=decision,
        periode=DateRange(start, end),
        gir=3,
        couple=False,
        ressources_mensuelles=Decimal(1500),
        plan_mensuel=Decimal(plan_mensuel),
        taux_participation=Decimal(taux),
        participation=Decimal(plan_mensuel) - Decimal(apa),
        apa=Decimal(apa),
    )


def compte(dossier, iban=IBAN, titulaire="Jeanne Lefèvre"):
    return m.CompteBancaire.objects.create(
        service=dossier.service, dossier=dossier, titulaire=titulaire, iban=iban
    )


def payable(service, *, nom="Lefèvre", iban=None, **right):
    """A file with a right, a plan and an account of its own."""
    dossier = factories.dossier(service, nom=nom, etat="ouvert")
    droit(dossier, **right)
    compte(dossier, iban=iban or f"FR76{next(_number):023d}")
    return dossier
