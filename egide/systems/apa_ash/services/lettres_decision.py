"""What the letters of decisions say, from the rows of a file and the feuille de calcul."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.rules.apa.delais import echeance, paiement_avant
from egide.rules.apa.feuille import FeuilleDeCalcul, Ligne
from egide.rules.apa.ponctuel import partager_facture
from egide.rules.apa.repartition import split_montant
from egide.rules.money import round_to_cent
from egide.systems.apa_ash.calculs.chiffrage import Partage, partager_feuille
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.letters.elements import LignePonctuelle, Surcout
from egide.systems.apa_ash.models import AidePonctuelle, LignePlan, PlanAide, Prestataire
from egide.systems.apa_ash.models.plan import ModeAide, Unite
from egide.systems.apa_ash.models.ponctuel import NaturePonctuelle
from egide.systems.apa_ash.queries.plan import requires_refus, tarif_du_service, without_service

PLURIEL = 2


def write_feuille(lignes: Iterable[Ligne]) -> tuple[content.LigneCalcul, ...]:
    """Give the lines of a feuille to a letter."""
    return tuple(content.LigneCalcul(*ligne) for ligne in lignes)


def premier_paiement(on: date, *, effet_on: date) -> date:
    """Give the day of the first payment, in the month after the decision (CASF R. 232-30).

    It brings the arrears since the opening. A right that opens later is paid in its first month.
    """
    return paiement_avant(max(echeance("premier_versement", on), effet_on.replace(day=1)))


def write_plan(
    lignes: Sequence[LignePlan],
    *,
    feuille: FeuilleDeCalcul,
    ponctuelles: Sequence[AidePonctuelle] = (),
) -> content.Plan:
    """Give the accepted plan with what each side pays."""
    partage = partager_feuille(feuille)
    return share_plan(
        tuple(_ligne(ligne) for ligne in lignes),
        feuille=feuille,
        partage=partage,
        ponctuelles=ponctuelles,
    )


def share_plan(
    lignes: tuple[content.LignePlan, ...],
    *,
    feuille: FeuilleDeCalcul,
    partage: Partage,
    ponctuelles: Sequence[AidePonctuelle] = (),
) -> content.Plan:
    """Give a plan to a letter: asked, retained under the ceiling, and who pays each part."""
    surcouts = find_surcouts(lignes)
    return content.Plan(
        lignes=lignes,
        total=partage.plan,
        plafond=feuille.plafond,
        ressources=feuille.ressources_mensuelles,
        retenu=partage.retenu,
        taux=feuille.taux_participation,
        participation=partage.participation,
        depassement=partage.depassement,
        reste=partage.reste,
        apa=partage.apa,
        plafonne=partage.plan > partage.retenu,
        feuille=write_feuille(feuille.lines()),
        ponctuelles=tuple(
            _ponctuelle(aide, taux=feuille.taux_participation) for aide in ponctuelles
        ),
        surcouts=surcouts,
        surcout=sum((surcout.montant for surcout in surcouts), Decimal(0)),
    )


def find_surcouts(lignes: Iterable[content.LignePlan]) -> tuple[Surcout, ...]:
    """Give what each service invoices above the tariff of the plan: no allowance pays it.

    A service that asks less leaves what the letter tells an upper bound: nothing is said of it.
    """
    hours: dict[tuple[str, Decimal, Decimal], Decimal] = {}
    for ligne in lignes:
        if ligne.tarif_service is not None and ligne.tarif_service > ligne.tarif:
            key = (ligne.intervenant, ligne.tarif, ligne.tarif_service)
            hours[key] = hours.get(key, Decimal(0)) + ligne.volume
    return tuple(
        Surcout(
            intervenant=intervenant,
            volume=volume,
            tarif=tarif,
            tarif_service=du_service,
            montant=round_to_cent(volume * (du_service - tarif)),
        )
        for (intervenant, tarif, du_service), volume in hours.items()
    )


def refus_prestataire(plan: PlanAide, *, lignes: Sequence[LignePlan]) -> date | None:
    """Give the day of the written refusal that a plan rests on (CASF R. 232-12)."""
    needed = requires_refus(plan, modes=(ligne.mode for ligne in lignes))
    return plan.refus_prestataire_on if needed else None


def unite_ecrite(unite: str, *, volume: Decimal) -> str:
    """Write a unit after its number: « 20,5 h », « 2 jours »."""
    if unite == Unite.HEURE:
        return "h"
    label = str(Unite(unite).label)
    return f"{label}s" if volume >= PLURIEL and not label.endswith("s") else label


def _ligne(ligne: LignePlan) -> content.LignePlan:
    prestataire = ligne.prestataire
    return content.LignePlan(
        aide=ligne.get_nature_display(),
        intervenant=prestataire.nom if prestataire else without_service(ligne.mode),
        volume=Decimal(ligne.volume_mensuel),
        unite=unite_ecrite(ligne.unite, volume=ligne.volume_mensuel),
        tarif=ligne.tarif,
        montant=ligne.montant_mensuel,
        tarif_service=tarif_du_service(ligne),
    )


def _ponctuelle(aide: AidePonctuelle, *, taux: Decimal) -> LignePonctuelle:
    whole = partager_facture(aide.montant, reste=aide.montant, taux=taux)
    return LignePonctuelle(
        aide=f"{aide.get_nature_display()} : {aide.objet}",
        intervenant=aide.prestataire.nom if aide.prestataire else "au choix",
        montant=aide.montant,
        participation=whole.participation,
        rythme="par an" if aide.nature == NaturePonctuelle.REPIT else "une fois",
    )


def verse_a(lignes: Sequence[LignePlan]) -> str:
    """Say who receives the payment: the services where the plan names some (CASF L. 232-15)."""
    named = [ligne for ligne in lignes if ligne.prestataire_id]
    if not named:
        return "vous-même"
    if len(named) == len(lignes):
        return "vos services d’aide à domicile"
    return "vous-même et, pour leur part, à vos services d’aide à domicile"


def paid_to(ligne: LignePlan) -> Prestataire | None:
    """Give the service that a line pays; None is the person, who pays whoever she employs."""
    return ligne.prestataire if ligne.mode == ModeAide.PRESTATAIRE else None


def write_versements(
    parts: Iterable[tuple[Prestataire | None, Decimal]], *, apa: Decimal
) -> tuple[content.Versement, ...]:
    """Share the allowance of a month between those whom a plan pays, to the cent of the payment.

    A part without a service is paid to the person; the order is that of the payments, where the
    last cents fall.
    """
    names: dict[UUID | None, str] = {}
    totals: dict[UUID | None, Decimal] = {}
    for service, montant in parts:
        who = service.pk if service else None
        names[who] = service.nom if service else "Vous-même"
        totals[who] = totals.get(who, Decimal(0)) + montant
    order = sorted(totals, key=lambda who: (who is None, who.int if who else 0))
    shares = split_montant(apa, parts={who: totals[who] for who in order})
    return tuple(
        content.Versement(beneficiaire=names[who], apa=shares[who], reste=totals[who] - shares[who])
        for who in sorted(order, key=lambda who: (who is None, names[who]))
    )
