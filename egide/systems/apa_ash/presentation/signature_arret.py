"""What is read before a right is stopped, or goes on: notice, receipt, ground, what ends when."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.rules.apa.versement import effet_suspension
from egide.systems.apa_ash.models import Indu, ProjetDecision
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.signature import NATURES, Ordre
from egide.systems.apa_ash.queries.decision import Situation
from egide.systems.apa_ash.queries.redevenus_dus import claims_since
from egide.systems.apa_ash.queries.verses import read_paid
from egide.systems.apa_ash.services import maintiens, motifs_fin
from egide.systems.apa_ash.services.mises_en_demeure import pending_notice
from egide.systems.apa_ash.services.motifs_suspension import MOTIFS
from egide.systems.apa_ash.services.trop_verses import beyond_end, beyond_suspension

ZERO = Decimal(0)

ONE_DAY = timedelta(days=1)
ARRETE = "Ce que la signature arrête"


def stop_facts(situation: Situation, projet: ProjetDecision, *, on: date) -> list[tuple[str, str]]:
    """Tell the right that a proposal would stop, and the fact that it rests on."""
    droit = situation.droit_en_cours(on)
    if projet.nature not in NATURES[Ordre.DROIT] or droit is None:
        return []
    facts = [("Droit en cours", f"{notation.euros(droit.apa)} par mois, GIR\u00a0{droit.gir}")]
    if projet.nature == NatureDecision.FIN and projet.fait_on:
        facts += [
            ("Nouveau département", projet.departement),
            ("Arrivée dans ce département", notation.jour_long(projet.fait_on)),
        ]
    by_gir = projet.nature == NatureDecision.FIN and projet.code == motifs_fin.GIR
    if by_gir and situation.evaluation:
        evaluated = notation.jour_long(situation.evaluation.faite_on)
        facts.append(("Évaluation", f"GIR\u00a0{situation.evaluation.gir}, le {evaluated}"))
    return facts


def tell_stop(
    passage: Passage,
    situation: Situation,
    projet: Any,  # noqa: ANN401 -- a proposal, with what was paid
) -> dict[str, Any] | None:
    """Tell what a signature of today would stop, and the notice that a suspension rests on."""
    if projet.nature == NatureDecision.FIN and projet.effet_on:
        said = [
            f"Le droit s’achève au {notation.jour_long(projet.effet_on)} inclus.",
            "Jusque-là il reste dû et le dossier reste ouvert ; le lendemain, le dossier est clos.",
        ]
        beyond = ZERO
        if projet.effet_on >= passage.on:
            beyond = beyond_end(read_paid(projet.verses), situation, fin_on=projet.effet_on)
        said += tell_beyond(beyond, of="du dernier jour")
        return _card(ARRETE, source=motifs_fin.MOTIFS[projet.code].source, said=said)
    if projet.nature == NatureDecision.MAINTIEN and projet.effet_on:
        morrow = notation.jour_long(projet.effet_on)
        said = [
            f"La fin signée est abrogée\u00a0: au {morrow}, le droit continue sans interruption.",
            "Le montant, le plan et la révision à venir restent ce qu’ils étaient.",
        ]
        last = projet.effet_on - ONE_DAY
        claims = claims_since(passage, dossier=situation.dossier, since=last)
        said += [told for told in (write_claims(claims),) if told]
        return _card("Ce que la signature rétablit", source=maintiens.SOURCE, said=said)
    if projet.nature != NatureDecision.SUSPENSION or projet.fait_on is None:
        return None
    motif = MOTIFS[projet.code]
    effet_on = effet_suspension(passage.on)
    beyond = beyond_suspension(read_paid(projet.verses), situation, effet_on=effet_on)
    said = [
        f"Signée aujourd’hui, rien n’est plus versé à compter du {notation.jour_long(effet_on)}.",
        "Le versement reprend au 1er du mois de la régularisation (CASF R. 232-16).",
    ]
    notice = pending_notice(passage, situation=situation)
    said += tell_beyond(beyond, of="de la suspension")
    return _card(ARRETE, source=motif.source, said=said) | (
        {}
        if notice is None
        else {
            "notice_url": reverse("apa_ash:courrier", args=[notice.pk]),
            "notice_on": notice.cree_on,
            "recue_on": projet.fait_on,
            "libelle": MOTIFS[notice.motif].libelle,
            "attendu": motif.attendu,
        }
    )


def tell_beyond(amount: Decimal, *, of: str) -> list[str]:
    """Tell what is already paid beyond what a decision leaves due; nothing when nothing is."""
    if not amount:
        return []
    said = f"Déjà versé au-delà {of} : {notation.euros(amount)}, que le contrôle réclamera."
    return [notation.insecable(said)]


def write_claims(indus: Iterable[Indu]) -> str:
    """Tell which debts were claimed of months that a right is given back for; nothing if none."""
    told = [f"{notation.mois_court(i.mois)} ({notation.euros(i.reste)})" for i in indus]
    if not told:
        return ""
    return notation.insecable(
        f"Indus réclamés sur ces mois : {', '.join(told)}, à retirer par le contrôle."
    )


def _card(titre: str, *, source: str, said: list[str]) -> dict[str, Any]:
    return {
        "titre": titre,
        "source": notation.insecable(source),
        "lines": [notation.insecable(line) for line in said],
    }
