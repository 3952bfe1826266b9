"""Establish the resources of a household for the year that counts (CASF R. 232-5, R. 232-6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa import ressources as rule
from egide.systems.apa_ash.models import Dossier, LigneRessource, Ressources
from egide.systems.apa_ash.models.ressources import SourceRessources
from egide.systems.apa_ash.policy import CONJOINTS, LIGNES_RESSOURCE, RESSOURCES
from egide.systems.apa_ash.queries.demandes import current_demande
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.personnes import find_conjoint
from egide.systems.apa_ash.queries.ressources import list_etablies, ressources_on

ONE_DAY = timedelta(days=1)
PATRIMOINE = ("valeur_locative_bati", "valeur_locative_non_bati", "capital_non_place")


class SourceFermee(ActeRefuse):
    """The DGFiP answers through a connector under LPF L. 153 A, never through a keyboard."""


class ConjointSansCouple(ActeRefuse):
    """Amounts are given for a spouse, and the person does not live in a couple."""


class CoupleContredit(ActeRefuse):
    """The file names a spouse, and the resources are those of a person alone."""


class FoyerIncoherent(ActeRefuse):
    """What was typed contradicts itself: a couple that has ended, a day out of its year."""


class EvenementSansConjoint(ActeRefuse):
    """An event ends the couple of a person whom the file has always known alone."""

    def __init__(self, evenement: str) -> None:
        """Say what the file holds, then what to correct."""
        super().__init__(
            f"{rule.EVENEMENTS[evenement]}\u00a0: le dossier ne connaît aucun conjoint, et les "
            "ressources déjà établies sont celles d’une personne seule. Établissez d’abord celles "
            "du couple, ou choisissez un autre événement."
        )


@dataclass(frozen=True, slots=True)
class Montant:
    """One yearly amount: what it is, whose, as declared and as counted."""

    nature: str
    conjoint: bool
    declare: Decimal
    retenu: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Neutralisation:
    """An event that makes the resources be assessed anew, and its day (CASF R. 232-6)."""

    evenement: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Foyer:
    """What a household declared: amounts by nature and person, and where they come from."""

    couple: bool
    source: str
    recueillies_on: date
    demandeur: Mapping[str, Decimal]
    conjoint: Mapping[str, Decimal]
    patrimoine: rule.Patrimoine
    neutralisation: Neutralisation | None = None


@dataclass(frozen=True, slots=True)
class Calcul:
    """The resources of a household: each line, the year's total, the month's."""

    annee: int
    lignes: tuple[Montant, ...]
    annuelles: Decimal
    mensuelles: Decimal


def compute_foyer(foyer: Foyer, *, demande_on: date) -> Calcul:
    """Count the resources of a household for a request of a day; writes nothing."""
    if not foyer.couple and any(foyer.conjoint.values()):
        raise ConjointSansCouple("Des ressources du conjoint sont saisies sans vie en couple.")
    people = ((False, foyer.demandeur), (True, foyer.conjoint))
    lines = [
        Montant(nature, conjoint, amount, amount)
        for conjoint, amounts in people
        for nature, amount in amounts.items()
        if amount
    ]
    totals: dict[str, Decimal] = {}
    for line in lines:
        totals[line.nature] = totals.get(line.nature, Decimal(0)) + line.declare
    found = rule.compute_ressources(totals, on=demande_on, patrimoine=foyer.patrimoine)
    return Calcul(
        annee=rule.annee_reference(demande_on),
        lignes=(*lines, *_dormant(foyer.patrimoine, on=demande_on)),
        annuelles=found.annuelles,
        mensuelles=found.mensuelles,
    )


def find_incoherence(
    foyer: Foyer, *, annee: int, former: Ressources | None
) -> tuple[str, str] | None:
    """Give the field that contradicts the others and why, or nothing (CASF R. 232-6)."""
    event = foyer.neutralisation
    if event is None:
        if foyer.recueillies_on.year <= annee:
            return "recueillies_on", f"Les revenus de {annee} se connaissent après le 31 décembre."
        return None
    label = rule.EVENEMENTS[event.evenement]
    effect = rule.effet_neutralisation(event.evenement, on=event.on)
    if foyer.couple and event.evenement in rule.FINS_DE_COUPLE:
        found = (
            "couple",
            (
                f"{label}\u00a0: la personne ne vit plus en couple. Décochez la case, "
                "et ne comptez que ses ressources (CASF R. 232-11)."
            ),
        )
    elif event.on.year < annee:
        found = (
            "evenement_on",
            (
                f"Un événement d’avant {annee} ne change rien aux revenus de {annee}\u00a0: "
                "ils l’ont déjà suivi (CASF R. 232-6)."
            ),
        )
    elif foyer.recueillies_on < event.on:
        found = (
            "recueillies_on",
            ("Des ressources recueillies avant l’événement ne peuvent pas en tenir compte."),
        )
    elif former is None and effect > foyer.recueillies_on:
        found = (
            "evenement",
            (
                f"L’effet est au {notation.jour(effect)}\u00a0: établissez d’abord, sans "
                "événement, les ressources qui comptent jusque-là (CASF R. 232-6)."
            ),
        )
    else:
        return None
    return found


def _dormant(patrimoine: rule.Patrimoine, *, on: date) -> Sequence[Montant]:
    """Give each dormant property with the income that it is deemed to bring (CASF R. 132-1)."""
    return [
        Montant(
            nature,
            conjoint=False,
            declare=value,
            retenu=rule.revenu_patrimoine(rule.Patrimoine(**{nature: value}), on=on),
        )
        for nature in PATRIMOINE
        if (value := getattr(patrimoine, nature))
    ]


@act("établir les ressources")
def record_ressources(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, foyer: Foyer
) -> Ressources:
    """Record the resources that count from now on; the former ones stay in the history."""
    if foyer.source not in {SourceRessources.AVIS, SourceRessources.DECLARATION}:
        raise SourceFermee(
            "La DGFiP n’est une source que par son connecteur (LPF L. 153 A), qui n’est pas activé."
        )
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    replayed = RESSOURCES.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if replayed is not None:
        return replayed
    demande = current_demande(passage, dossier=dossier)
    calcul = compute_foyer(foyer, demande_on=demande.recue_on)
    known = list_etablies(passage, dossier=dossier)
    former = next((row for row in known if row.en_vigueur), None)
    if wrong := find_incoherence(foyer, annee=calcul.annee, former=former):
        raise FoyerIncoherent(wrong[1])
    _settle_couple(passage, dossier=dossier, foyer=foyer, known=known)
    effet_on = _effect(foyer.neutralisation)
    avant = ressources_on(known, day=effet_on - ONE_DAY) if effet_on else None
    if former is not None:
        RESSOURCES.update(passage, former, en_vigueur=False)
    bound = {"service_id": dossier.service_id, "dossier_id": dossier.pk}
    row = RESSOURCES.create(
        passage,
        pk=jeton,
        **bound,
        annee_reference=calcul.annee,
        couple=foyer.couple,
        source=foyer.source,
        recueillies_on=foyer.recueillies_on,
        ressources_mensuelles=calcul.mensuelles,
        neutralisation=_told(foyer.neutralisation),
        effet_on=effet_on,
        avant_id=avant.pk if avant else None,
    )
    LIGNES_RESSOURCE.create_many(
        passage,
        [
            LigneRessource(
                **bound,
                ressources=row,
                nature=line.nature,
                conjoint=line.conjoint,
                montant_annuel=line.declare,
                montant_retenu=line.retenu,
            )
            for line in calcul.lignes
        ],
    )
    return row


def _settle_couple(
    passage: Passage, *, dossier: Dossier, foyer: Foyer, known: Sequence[Ressources]
) -> None:
    """Keep the spouse and the resources of one mind: an event that ends the couple ends both.

    The first resources of a file may tell of a spouse who died before the request.
    """
    if foyer.couple:
        return
    conjoint = find_conjoint(passage, dossier=dossier, action=Action.WRITE)
    event = foyer.neutralisation
    ended = event is not None and event.evenement in rule.FINS_DE_COUPLE
    if conjoint is None:
        if event and ended and known and not any(row.couple for row in known):
            raise EvenementSansConjoint(event.evenement)
        return
    if not ended:
        raise CoupleContredit(
            "Le dossier a un conjoint\u00a0: cochez la vie en couple et comptez ses ressources, ou "
            "dites ci-dessous l’événement qui a mis fin au couple, avec son jour."
        )
    CONJOINTS.delete(passage, conjoint)


def _effect(neutralisation: Neutralisation | None) -> date | None:
    if neutralisation is None:
        return None
    return rule.effet_neutralisation(neutralisation.evenement, on=neutralisation.on)


def _told(neutralisation: Neutralisation | None) -> str:
    if neutralisation is None:
        return ""
    effect = rule.effet_neutralisation(neutralisation.evenement, on=neutralisation.on)
    return (
        f"{rule.EVENEMENTS[neutralisation.evenement]} le {notation.jour_long(neutralisation.on)},"
        f" effet au {notation.jour_long(effect)}"
    )
