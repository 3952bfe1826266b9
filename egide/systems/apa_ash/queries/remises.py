"""Requests for remission or withdrawal: those to decide, those of a debt, what it came from."""

from typing import Any
from uuid import UUID

from django.db.models import CharField, OuterRef, Q, Subquery
from django.db.models.functions import Cast, JSONObject

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.people import NameOf
from egide.kernel.access.rows import Traced
from egide.systems.apa_ash.models import Dossier, Indu, Remise
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.remise import EtatRemise, NatureRemise
from egide.systems.apa_ash.policy import (
    DOSSIERS,
    IDENTITES,
    INDUS,
    PRESTATAIRES,
    REMISES,
    SIGNATAIRES,
)

PAGE = 50
REMISE, RETRAIT = NatureRemise.REMISE, NatureRemise.RETRAIT
# What was notified is withdrawn whatever became of it since: what was repaid is then given back.
RETIRABLES = (EtatIndu.NOTIFIE, EtatIndu.RECOUVRE, EtatIndu.REMIS)
TOLD = ("nature", "etat", "demandee_on", "decidee_on", "motif", "motif_decision")


def decidable(passage: Passage) -> Traced[Remise]:
    """Give what waits for a decision where the agent signs; a debt settled since asks for none."""
    rows = REMISES.rows(
        passage,
        dossier=DOSSIERS,
        dossier__identite=IDENTITES,
        indu=INDUS,
        indu__prestataire=PRESTATAIRES,
    )
    return rows.filter(
        Q(nature=NatureRemise.REMISE, indu__etat=EtatIndu.NOTIFIE)
        | Q(nature=NatureRemise.RETRAIT, indu__etat__in=RETIRABLES),
        etat=EtatRemise.DEMANDEE,
        service_id__in=passage.services(SIGNATAIRES),
    )


def list_demandees(passage: Passage) -> tuple[list[Any], bool]:
    """List what waits for a decision, the first asked first; tell whether others follow."""
    rows = decidable(passage).annotate(par=NameOf("demandee_par"))
    found: list[Any] = [*rows.order_by("demandee_on", "pk")[: PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def find_demandee(passage: Passage, *, pk: UUID, nature: NatureRemise) -> Any:  # noqa: ANN401 -- with who asked, who found
    """Give one request to decide; refused as absent to who does not sign."""
    rows = decidable(passage).annotate(
        par=NameOf("demandee_par"), constate_par=NameOf("indu__constate_par")
    )
    found = rows.filter(pk=pk, nature=nature).order_by("pk").first()
    if found is None:
        raise Refused("lire une demande à décider", targets=[str(pk)])
    return found


def count_demandees(passage: Passage) -> int:
    """Count what waits for this agent's decision: not what the agent found or asked."""
    others = decidable(passage).exclude(demandee_par=passage.agent.pk)
    return others.exclude(indu__constate_par=passage.agent.pk).order_by().count()


def list_remises(passage: Passage, *, indu: Indu, nature: NatureRemise) -> list[Any]:
    """List the requests of a debt, the last first, with who asked and who decided."""
    rows = REMISES.rows(passage).filter(indu=indu, nature=nature)
    named = rows.annotate(par=NameOf("demandee_par"), decidee=NameOf("decidee_par"))
    return list(named.order_by("-demandee_on", "-decidee_on", "pk"))


def list_followed(passage: Passage, *, dossier: Dossier) -> list[Any]:
    """List the debts of a file with the last request of each, in one statement."""
    rows = INDUS.rows(passage, prestataire=PRESTATAIRES).filter(dossier=dossier)
    return list(rows.annotate(remise=_last_of_indu(passage)).order_by("mois", "pk"))


def _last_of_indu(passage: Passage) -> Subquery:
    rows = REMISES.rows(passage).filter(indu=OuterRef("pk"))
    # A sum in JSON would come back as a float.
    sums = {"montant": Cast("montant", CharField())}
    told = rows.annotate(told=JSONObject(**{name: name for name in TOLD}, **sums))
    passage.note((), [f"Remise.{name}" for name in (*TOLD, "montant")])
    return Subquery(told.order_by("-demandee_on", "-decidee_on").values("told")[:1])
