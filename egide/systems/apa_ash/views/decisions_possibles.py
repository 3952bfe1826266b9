"""The acts of the Décision tab as their pages show them: title, explanation, form, service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from egide.systems.apa_ash.forms import decision as forms
from egide.systems.apa_ash.forms.desistements import DesistementForm
from egide.systems.apa_ash.services import (
    arrets,
    desistements,
    forfaits,
    mises_en_demeure,
    projets,
    regularisations,
    revisions,
    suspensions,
)

FORFAIT, TARDIF, FIN = "forfait", "forfait-tardif", "fin"


@dataclass(frozen=True, slots=True)
class Acte:
    """An act as its page shows it: title, what it does, form, service, and what was done."""

    titre: str
    explication: str
    form: type[forms.ActeForm]
    run: Callable[..., Any]
    fait: str


ACTES = {
    "accord": Acte(
        "Proposer un accord",
        "Quelqu’un d’autre signe : la décision est prise et notifiée ce jour-là, et le droit "
        "s’ouvre alors, ou à la date d’effet qui est proposée. Le droit en cours et le "
        "forfait s’achèvent la veille. Le courrier est produit à la signature.",
        forms.AccordForm,
        projets.propose_accord,
        "Accord proposé à la signature.",
    ),
    "rejet": Acte(
        "Proposer un rejet",
        "Seuls les motifs que le dossier établit sont proposés. Quelqu’un d’autre signe, et le "
        "courrier est alors produit. Un droit déjà ouvert continue.",
        forms.RejetForm,
        projets.propose_rejet,
        "Rejet proposé à la signature.",
    ),
    "desistement": Acte(
        "Enregistrer un désistement",
        "La personne retire sa demande avant la décision : l’étude s’arrête, le délai de deux mois "
        "aussi (CASF L. 232-14), et un courrier en prend acte. Un droit déjà ouvert continue. La "
        "personne peut redemander à tout moment, dans ce dossier.",
        DesistementForm,
        desistements.record_desistement,
        "Désistement enregistré. Le courrier qui en prend acte est prêt.",
    ),
    FORFAIT: Acte(
        "Constater le forfait tacite",
        "Deux mois se sont écoulés depuis le dossier complet sans décision : la moitié du plafond "
        "du GIR 1 est due jusqu’à la décision expresse (CASF L. 232-14 et R. 232-29).",
        forms.ActeForm,
        forfaits.grant_forfait_tacite,
        "Forfait tacite ouvert. Le courrier est prêt.",
    ),
    TARDIF: Acte(
        "Proposer le forfait tacite",
        "La demande a été enregistrée ou accusée tardivement, ou le forfait remonte à un mois "
        "passé : quelqu’un d’autre signe. Le forfait reste dû depuis le lendemain des deux mois "
        "(CASF L. 232-14 et R. 232-29).",
        forms.ActeForm,
        projets.propose_forfait_tacite,
        "Forfait tacite proposé à la signature.",
    ),
    "urgence": Acte(
        "Proposer l’urgence",
        "L’urgence est attestée : le forfait est dû depuis la demande, quel que soit le jour de la "
        "signature (CASF L. 232-12 et R. 232-29). La proposition passe en tête des décisions à "
        "signer.",
        forms.ActeForm,
        projets.propose_urgence,
        "Attribution en urgence proposée à la signature.",
    ),
    "revision": Acte(
        "Ouvrir une révision",
        "Des éléments nouveaux changent la situation : l’instruction reprend, le droit en cours "
        "continue jusqu’à la nouvelle décision (CASF R. 232-28).",
        forms.RevisionForm,
        revisions.request_revision,
        "Révision ouverte. Le droit en cours continue.",
    ),
    "mise-en-demeure": Acte(
        "Mettre en demeure",
        "Par lettre recommandée avec avis de réception : la personne a un mois pour régulariser "
        "(CASF R. 232-16).",
        forms.MiseEnDemeureForm,
        mises_en_demeure.send_notice,
        "Mise en demeure prête : postez-la en recommandé avec avis de réception, puis notez-la "
        "postée.",
    ),
    "regularisation": Acte(
        "Constater la régularisation",
        "La personne a répondu : la mise en demeure prend fin, sans suspension. Une suspension qui "
        "attend sa signature n’est plus possible (CASF R. 232-16).",
        forms.RegularisationForm,
        regularisations.record_regularisation,
        "Régularisation constatée : la mise en demeure a pris fin.",
    ),
    "suspension": Acte(
        "Proposer la suspension",
        "Un mois après la réception de la mise en demeure, par décision motivée. Quelqu’un d’autre "
        "signe : le versement s’arrête au 1er du mois qui suit cette signature, qui notifie (CASF "
        "R. 232-16).",
        forms.SuspensionForm,
        arrets.propose_suspension,
        "Suspension proposée à la signature : le versement continue jusque-là.",
    ),
    "reprise": Acte(
        "Rétablir le versement",
        "Le versement reprend au 1er du mois de la régularisation (CASF R. 232-16).",
        forms.RepriseForm,
        suspensions.resume_droit,
        "Versement rétabli.",
    ),
    FIN: Acte(
        "Proposer la fin du droit",
        "Renonciation, départ vers un autre département, entrée en établissement, autre prestation "
        "non cumulable, résidence perdue, ou GIR 5 ou 6 après révision. Quelqu’un d’autre signe, "
        "et le courrier est alors produit. En cas de désaccord sur le domicile de secours, ouvrez "
        "sa page depuis la situation du dossier (CASF L. 122-4).",
        forms.FinForm,
        arrets.propose_fin,
        "Fin du droit proposée à la signature : le droit continue jusque-là.",
    ),
    "maintien": Acte(
        "Proposer le maintien du droit",
        "Ce qui mettait fin au droit n’a pas lieu, ou plus : la personne revient sur sa "
        "renonciation, ne part pas, reste chez elle, a perdu en autonomie. La fin signée est "
        "abrogée avant son dernier jour, et le droit continue sans interruption (CRPA L. 243-1). "
        "Quelqu’un d’autre signe, au plus tard ce dernier jour.",
        forms.ActeForm,
        arrets.propose_maintien,
        "Maintien du droit proposé à la signature : sans elle, la fin reste ce qu’elle est.",
    ),
}
