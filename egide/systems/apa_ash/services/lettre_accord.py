"""What the letter of an agreement says, and what a revision changed: compared, never typed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.rules.apa.decision import revision_proposee
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.montants import montant_s, plafond_mensuel
from egide.systems.apa_ash.calculs.chiffrage import retenu_du_droit
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Decision, Droit, LignePlan, PlanAide
from egide.systems.apa_ash.queries.decision import Situation, list_lignes
from egide.systems.apa_ash.queries.ponctuel import aides_of_plan
from egide.systems.apa_ash.services.droits import ZERO
from egide.systems.apa_ash.services.effet import plan_du_droit, previous_droit
from egide.systems.apa_ash.services.lettres_decision import (
    paid_to,
    premier_paiement,
    refus_prestataire,
    verse_a,
    write_plan,
    write_versements,
)

Aide = tuple[object, ...]
"""What makes two lines of two plans the same aid: its nature, its mode, its service, its unit."""


def write_accord(
    passage: Passage,
    *,
    situation: Situation,
    decision: Decision,
    plan: PlanAide,
    feuille: FeuilleDeCalcul,
    deja_verse: bool,
) -> content.DecisionAccord:
    """Write what an agreement grants, or what it changes in the right that went on."""
    on = decision.prise_on
    lignes = list_lignes(passage, plan=plan)
    revision = read_revision(passage, situation, feuille=feuille, lignes=lignes)
    parts = ((paid_to(ligne), ligne.montant_mensuel) for ligne in lignes)
    return content.DecisionAccord(
        decidee_on=on,
        gir=feuille.gir,
        effet_on=feuille.on,
        premier_paiement_on=premier_paiement(on, effet_on=feuille.on),
        revision_on=decision.revision_on or revision_proposee(feuille.on),
        verse_a=verse_a(lignes),
        versements=write_versements(parts, apa=feuille.apa),
        plan=write_plan(lignes, feuille=feuille, ponctuelles=aides_of_plan(passage, plan=plan)),
        motif_effet=decision.motif,
        rappel_mensuel=feuille.apa - revision.avant.apa if revision and feuille.on < on else None,
        refus_prestataire_on=refus_prestataire(plan, lignes=lignes),
        revision=revision,
        fin_on=situation.dossier.fin_droit_on,
        suspendu_on=suspendu_on(situation),
        deja_verse=deja_verse,
    )


def suspendu_on(situation: Situation) -> date | None:
    """Give the day from which a suspension that nothing has ended stops the payment."""
    suspension = situation.suspension
    return suspension.periode.lower if suspension else None


def read_revision(
    passage: Passage, situation: Situation, *, feuille: FeuilleDeCalcul, lignes: Sequence[LignePlan]
) -> content.Revision | None:
    """Compare an agreement with the right that went on before it, if one did."""
    droit = previous_droit(situation, effet_on=feuille.on)
    if droit is None:
        return None
    return write_revision(
        droit, feuille=feuille, avant=_lignes_of(passage, situation, droit=droit), apres=lignes
    )


def _lignes_of(passage: Passage, situation: Situation, *, droit: Droit) -> Sequence[LignePlan]:
    """List the lines of the plan behind a right."""
    plan = plan_du_droit(situation, droit=droit)
    return list_lignes(passage, plan=plan) if plan else []


def write_revision(
    droit: Droit,
    *,
    feuille: FeuilleDeCalcul,
    avant: Iterable[LignePlan],
    apres: Iterable[LignePlan],
) -> content.Revision:
    """Write both sides of a revision, and what differs between them."""
    since = droit.periode.lower
    return content.Revision(
        avant=content.EtatDroit(
            gir=droit.gir,
            ressources=droit.ressources_mensuelles,
            plan=droit.plan_mensuel,
            plafond=plafond_mensuel(since, gir=droit.gir),
            retenu=retenu_du_droit(droit, on=since),
            taux=droit.taux_participation,
            participation=droit.participation,
            apa=droit.apa,
        ),
        apres=content.EtatDroit(
            gir=feuille.gir,
            ressources=feuille.ressources_mensuelles,
            plan=feuille.plan_mensuel,
            plafond=feuille.plafond,
            retenu=feuille.plan_retenu,
            taux=feuille.taux_participation,
            participation=feuille.participation,
            apa=feuille.apa,
        ),
        changements=(*_on_the_person(droit, feuille), *_on_the_plan(droit, feuille, avant, apres)),
        en_baisse=feuille.apa < droit.apa,
    )


def _on_the_person(droit: Droit, feuille: FeuilleDeCalcul) -> Iterator[str]:
    if droit.gir != feuille.gir:
        yield (
            f"Votre groupe iso-ressources passe du GIR\u00a0{droit.gir} au GIR\u00a0{feuille.gir}, "
            "dont dépend le plafond du plan (CASF R. 232-10)."
        )
    before = droit.ressources_mensuelles
    if before != feuille.ressources_mensuelles:
        yield (
            f"Vos ressources retenues passent de {notation.euros(before)} à "
            f"{notation.euros(feuille.ressources_mensuelles)} par mois (CASF R. 232-11)."
        )
    if droit.couple != feuille.couple:
        counted = "sont désormais" if feuille.couple else "ne sont plus"
        yield f"Vos ressources {counted} comptées comme celles d’un couple (CASF R. 232-11)."
    s = montant_s(droit.periode.lower).valeur
    if s != feuille.s:
        yield (
            "Le montant de référence, dont dépendent le plafond et votre participation, passe de "
            f"{notation.euros(s)} à {notation.euros(feuille.s)} (CASF L. 232-3-1)."
        )


def _on_the_plan(
    droit: Droit,
    feuille: FeuilleDeCalcul,
    avant: Iterable[LignePlan],
    apres: Iterable[LignePlan],
) -> Iterator[str]:
    before, after = list(avant), list(apres)
    if _volumes(before) != _volumes(after):
        yield "Les aides prévues par votre plan, ou leur volume, ont changé (CASF R. 232-7)."
    tarifs = _tarifs(before)
    for aide, (label, tarif) in _tarifs(after).items():
        if aide in tarifs and tarifs[aide][1] != tarif:
            yield (
                f"Le tarif de l’aide «\u00a0{label}\u00a0» passe de "
                f"{notation.euros(tarifs[aide][1])} à {notation.euros(tarif)}."
            )
    if droit.plan_mensuel != feuille.plan_mensuel:
        yield (
            f"Le total de votre plan passe de {notation.euros(droit.plan_mensuel)} à "
            f"{notation.euros(feuille.plan_mensuel)} par mois."
        )


def _aide(ligne: LignePlan) -> Aide:
    return (ligne.nature, ligne.mode, ligne.prestataire_id, ligne.unite)


def _volumes(lignes: Iterable[LignePlan]) -> Mapping[Aide, Decimal]:
    volumes: dict[Aide, Decimal] = {}
    for ligne in lignes:
        volumes[_aide(ligne)] = volumes.get(_aide(ligne), ZERO) + ligne.volume_mensuel
    return volumes


def _tarifs(lignes: Iterable[LignePlan]) -> Mapping[Aide, tuple[str, Decimal]]:
    return {_aide(ligne): (ligne.get_nature_display(), ligne.tarif) for ligne in lignes}
