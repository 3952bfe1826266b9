"""What each letter of a file said, from its days, its decisions and its rights."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from egide.rules.apa.decision import revision_proposee
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.forfait import compute_forfait
from egide.rules.apa.montants import plafond_mensuel
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.chiffrage import partager_feuille
from egide.systems.apa_ash.demo.cases import Stage, Story
from egide.systems.apa_ash.demo.decisions import Rights
from egide.systems.apa_ash.demo.history import MISE_EN_DEMEURE
from egide.systems.apa_ash.demo.plans import DrawnPlan, amount
from egide.systems.apa_ash.demo.world import File
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models.demande import CodePiece
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import NatureAide
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.plan import tarif_du_service, without_service
from egide.systems.apa_ash.services import maintiens, motifs_fin
from egide.systems.apa_ash.services.demandes import write_accuse
from egide.systems.apa_ash.services.lettre_accord import write_revision
from egide.systems.apa_ash.services.lettres_decision import (
    paid_to,
    premier_paiement,
    share_plan,
    unite_ecrite,
    verse_a,
    write_feuille,
    write_versements,
)
from egide.systems.apa_ash.services.motifs_suspension import MOTIFS as SUSPENSIONS
from egide.systems.apa_ash.services.rejets import MOTIFS as REJETS

ONE_DAY = timedelta(days=1)
REJET_DE = {Story.SANS_DROIT: "gir", Story.TROP_JEUNE: "age", Story.REFUS: "refus"}
SUSPENSION = SUSPENSIONS["participation"]


class Written(NamedTuple):
    """A letter to write: its day, what it says, the decision or the coded ground that it tells."""

    on: date
    contenu: content.Contenu
    decision: m.Decision | None = None
    motif: str = ""
    role: Role = Role.INSTRUCTEUR


def letters_of(rights: Rights) -> Iterator[Written]:
    """Give the letters of a file, procedure by procedure, then decision by decision."""
    file = rights.file
    if file.before:
        yield from _procedure(file, file.before.days, plan=file.before.plan)
    yield from _procedure(file, file.days, plan=file.plan)
    for decision in rights.decisions:
        if write := WRITERS.get(NatureDecision(decision.nature)):
            yield from write(rights, decision)


def _procedure(file: File, days: dict[Stage, date], *, plan: DrawnPlan | None) -> Iterator[Written]:
    if not file.reached(Stage.COMPLET):
        if file.reached(Stage.RECLAME):
            yield Written(days[Stage.RECLAME], _missing(days))
        return
    complete = days[Stage.COMPLET]
    yield Written(
        complete,
        write_accuse(recue_on=days[Stage.RECU], complete_on=complete, on=complete),
    )
    if plan and file.ressources and file.reached(Stage.PROPOSE):
        yield Written(days[Stage.PROPOSE], _proposal(file, days, plan=plan))


def _missing(days: dict[Stage, date]) -> content.PiecesManquantes:
    piece = content.Piece(
        CodePiece.IMPOSITION.label,
        "Il établit les ressources dont dépend votre participation.",
    )
    return content.PiecesManquantes(recue_on=days[Stage.RECU], pieces=(piece,))


def _proposal(file: File, days: dict[Stage, date], *, plan: DrawnPlan) -> content.PropositionPlan:
    return content.PropositionPlan(
        gir=plan.plan.gir,
        evalue_on=days[Stage.EVALUE],
        effet_on=plan.plan.effet_on,
        plan=_plan(plan, feuille=file.compute(plan=plan, on=days[Stage.PROPOSE])),
        refus_prestataire_on=plan.plan.refus_prestataire_on,
    )


def _plan(plan: DrawnPlan, *, feuille: FeuilleDeCalcul) -> content.Plan:
    lignes = tuple(
        content.LignePlan(
            aide=str(NatureAide(ligne.nature).label),
            intervenant=ligne.prestataire.nom if ligne.prestataire else without_service(ligne.mode),
            volume=ligne.volume_mensuel,
            unite=unite_ecrite(ligne.unite, volume=ligne.volume_mensuel),
            tarif=ligne.tarif,
            montant=amount(ligne),
            tarif_service=tarif_du_service(ligne),
        )
        for ligne in plan.lignes
    )
    return share_plan(lignes, feuille=feuille, partage=partager_feuille(feuille))


def _accord(rights: Rights, decision: m.Decision) -> Iterator[Written]:
    droit = next(d for d in rights.droits if d.decision_id == decision.pk)
    plan, on = rights.plans[droit.pk], decision.prise_on
    yield Written(
        on,
        content.DecisionAccord(
            decidee_on=on,
            gir=droit.gir,
            effet_on=decision.effet_on,
            premier_paiement_on=premier_paiement(on, effet_on=decision.effet_on),
            revision_on=decision.revision_on or revision_proposee(decision.effet_on),
            verse_a=verse_a(plan.lignes),
            versements=write_versements(
                ((paid_to(ligne), amount(ligne)) for ligne in plan.lignes),
                apa=_feuille(decision).apa,
            ),
            plan=_plan(plan, feuille=_feuille(decision)),
            refus_prestataire_on=plan.plan.refus_prestataire_on,
            revision=_revision(rights, decision, droit=droit),
        ),
        decision,
    )


def _revision(rights: Rights, decision: m.Decision, *, droit: m.Droit) -> content.Revision | None:
    """Compare a right with the one that it followed without a gap, if any."""
    before = next(
        (
            d
            for d in rights.droits
            if not d.forfait and d.pk != droit.pk and d.periode.upper == droit.periode.lower
        ),
        None,
    )
    if before is None:
        return None
    return write_revision(
        before,
        feuille=_feuille(decision),
        avant=rights.plans[before.pk].lignes,
        apres=rights.plans[droit.pk].lignes,
    )


def _revalued(rights: Rights, decision: m.Decision) -> Iterator[Written]:
    rank = next(n for n, d in enumerate(rights.droits) if d.pk == decision.pk)
    before, after = rights.droits[rank - 1], rights.droits[rank]
    yield Written(
        decision.prise_on,
        content.Revalorisation(
            decidee_on=decision.prise_on,
            effet_on=decision.effet_on,
            avant=_montants(before),
            apres=_montants(after),
            feuille=write_feuille(_feuille(decision).lines()),
            non_versee=not after.apa,
        ),
        decision,
    )


def _montants(droit: m.Droit) -> content.Montants:
    return content.Montants(
        plan=droit.plan_mensuel,
        plafond=plafond_mensuel(droit.periode.lower, gir=droit.gir),
        taux=droit.taux_participation,
        participation=droit.participation,
        apa=droit.apa,
    )


def _suspended(_rights: Rights, decision: m.Decision) -> Iterator[Written]:
    warned_on = decision.effet_on - MISE_EN_DEMEURE
    motifs = (content.Motif(SUSPENSION.texte, SUSPENSION.source),)
    notice = content.MiseEnDemeure(motifs=motifs, attendu=SUSPENSION.attendu)
    yield Written(warned_on, notice, motif="participation")
    yield Written(
        decision.prise_on,
        content.Suspension(
            decidee_on=decision.prise_on,
            mise_en_demeure_on=warned_on,
            effet_on=decision.effet_on,
            motifs=motifs,
            attendu=SUSPENSION.attendu,
        ),
        decision,
    )


def _resumed(_rights: Rights, decision: m.Decision) -> Iterator[Written]:
    on = decision.prise_on
    yield Written(
        on,
        content.Reprise(decidee_on=on, regularisee_on=on - 2 * ONE_DAY, effet_on=decision.effet_on),
        decision,
    )


def _ended(rights: Rights, decision: m.Decision) -> Iterator[Written]:
    if rights.deces_on:  # nobody writes to the dead
        return
    code = next(code for code, fin in motifs_fin.MOTIFS.items() if fin.texte == decision.motif)
    yield Written(
        decision.prise_on,
        content.FinDroit(
            decidee_on=decision.prise_on,
            fin_on=decision.effet_on,
            motifs=(content.Motif(decision.motif, motifs_fin.MOTIFS[code].source),),
            secours_on=decision.effet_on + ONE_DAY if code == motifs_fin.DEPART else None,
            etablissement=code == motifs_fin.ETABLISSEMENT,
        ),
        decision,
    )


def _maintained(_rights: Rights, decision: m.Decision) -> Iterator[Written]:
    yield Written(
        decision.prise_on,
        content.Maintien(
            decidee_on=decision.prise_on,
            fin_on=decision.effet_on - ONE_DAY,
            motifs=(content.Motif(decision.motif, maintiens.SOURCE),),
        ),
        decision,
    )


def _refused(rights: Rights, decision: m.Decision) -> Iterator[Written]:
    motif = REJETS[REJET_DE[rights.file.case.story]]
    yield Written(
        decision.prise_on,
        content.DecisionRejet(
            decidee_on=decision.prise_on,
            recue_on=rights.file.days[Stage.RECU],
            motifs=(content.Motif(motif.texte, motif.source),),
        ),
        decision,
    )


def _lump_sum(rights: Rights, decision: m.Decision) -> Iterator[Written]:
    droit, on = rights.droits[0], decision.prise_on
    feuille = compute_forfait(decision.effet_on)
    paid_on = premier_paiement(on, effet_on=decision.effet_on)
    lines = write_feuille(feuille.lines())
    contenu: content.Contenu
    if droit.periode.upper is None:
        contenu = content.ForfaitTacite(
            complet_on=rights.file.days[Stage.COMPLET],
            effet_on=decision.effet_on,
            premier_paiement_on=paid_on,
            montant=feuille.montant,
            feuille=lines,
        )
    else:
        contenu = content.ForfaitUrgence(
            decidee_on=on,
            effet_on=decision.effet_on,
            fin_on=droit.periode.upper - ONE_DAY,
            premier_paiement_on=paid_on,
            montant=feuille.montant,
            feuille=lines,
        )
    yield Written(on, contenu, decision)


def _feuille(decision: m.Decision) -> FeuilleDeCalcul:
    return FeuilleDeCalcul.from_json(decision.feuille or {})


WRITERS: Mapping[NatureDecision, Callable[[Rights, m.Decision], Iterator[Written]]] = {
    NatureDecision.ACCORD: _accord,
    NatureDecision.REVALORISATION: _revalued,
    NatureDecision.SUSPENSION: _suspended,
    NatureDecision.REPRISE: _resumed,
    NatureDecision.FIN: _ended,
    NatureDecision.MAINTIEN: _maintained,
    NatureDecision.REJET: _refused,
    NatureDecision.FORFAIT_TACITE: _lump_sum,
    NatureDecision.URGENCE: _lump_sum,
}
