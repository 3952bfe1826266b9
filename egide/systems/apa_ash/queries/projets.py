"""Proposals of decisions: those to sign, those sent back, those of one file."""

from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import JSONObject

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.people import NameOf
from egide.kernel.access.policy import Action
from egide.kernel.access.rows import Traced
from egide.rules.apa.delais import add_months
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.models import Dossier, ProjetDecision
from egide.systems.apa_ash.models.dossier import Echeance
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.signature import NATURES, ORDRES, EtatProjet, Ordre
from egide.systems.apa_ash.policy import (
    AIDANTS,
    DOSSIERS,
    IDENTITES,
    PRESTATAIRES,
    PROJETS,
    RELAIS,
    SIGNATAIRES,
)
from egide.systems.apa_ash.queries.courriers import open_notices
from egide.systems.apa_ash.queries.justificatifs import overdue
from egide.systems.apa_ash.queries.verses import paid_beside

PAGE = 50
ONE_DAY = timedelta(days=1)
A_FILE_SHOWS = 10
TOLD = (
    *("id", "nature", "etat", "propose_on", "effet_on", "traite_on", "renvoi"),
    *("par", "traitee_par"),
)


def past(on: date) -> Q:
    """Say which proposals nobody may sign any more: the last day that they give is past."""
    end = Q(nature=NatureDecision.FIN, effet_on__lt=on)
    # What gives up an end takes effect on its morrow.
    return Q(etat=EtatProjet.PROPOSE) & (end | Q(nature=NatureDecision.MAINTIEN, effet_on__lte=on))


def last_day(nature: str, *, effet_on: date | None) -> date | None:
    """Give the last day on which a proposal may be signed, if its own day bounds it."""
    if effet_on is None or nature not in {NatureDecision.FIN, NatureDecision.MAINTIEN}:
        return None
    return effet_on if nature == NatureDecision.FIN else effet_on - ONE_DAY


def is_past(projet: ProjetDecision, *, on: date) -> bool:
    """Tell of one proposal whether the last day on which it may be signed is past."""
    last = last_day(projet.nature, effet_on=projet.effet_on)
    return projet.etat == EtatProjet.PROPOSE and last is not None and last < on


def signable(passage: Passage) -> Traced[ProjetDecision]:
    """Give what waits for a signature in the services where the agent signs."""
    rows = PROJETS.rows(passage, dossier=DOSSIERS, dossier__identite=IDENTITES)
    waiting = rows.filter(~past(passage.on), etat=EtatProjet.PROPOSE)
    return waiting.filter(service_id__in=passage.services(SIGNATAIRES))


def list_a_signer(passage: Passage) -> tuple[list[ProjetDecision], bool]:
    """List one page of what waits: lump sums, then by the last day on which a signature serves.

    Signed together with the decision of its file, the lump sum of a silence is signed before it.
    """
    lumps = [NatureDecision.URGENCE, NatureDecision.FORFAIT_TACITE]
    useful = Case(
        # Past the last day, an end is signed no more, nor given up.
        When(nature=NatureDecision.FIN, then="effet_on"),
        When(nature=NatureDecision.MAINTIEN, then="dossier__fin_droit_on"),
        # Signed later, a suspension takes effect a month later (CASF R. 232-16).
        When(nature=NatureDecision.SUSPENSION, then=Value(next_month(passage.on) - ONE_DAY)),
        # The two months of the text: past them a lump sum is due (CASF L. 232-14).
        When(dossier__echeance=Echeance.DECISION, then="dossier__echeance_on"),
        output_field=DateField(),
    )
    lump = Case(When(nature__in=lumps, then=Value(0)), default=Value(1))
    rows = signable(passage).annotate(lump=lump, utile_on=useful)
    days = (F("utile_on").asc(nulls_last=True), F("dossier__echeance_on").asc(nulls_last=True))
    ordered = rows.order_by("lump", *days, "propose_on", "pk")
    found: list[ProjetDecision] = [*ordered[: PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def find_signable(passage: Passage, *, pk: UUID) -> Any:  # noqa: ANN401 -- with who proposed it
    """Give one proposal to read before it is signed; refused as absent to who does not sign.

    With what was paid since the month of the day: nothing that is signed takes away from before.
    """
    rows = PROJETS.rows(
        passage,
        dossier=DOSSIERS,
        relais=RELAIS,
        relais__aidant=AIDANTS,
        relais__prestataire=PRESTATAIRES,
    ).filter(etat=EtatProjet.PROPOSE, service_id__in=passage.services(SIGNATAIRES))
    named = rows.annotate(
        par=NameOf("propose_par"),
        verses=paid_beside(passage, dossier="dossier", since=passage.on),
    )
    found = named.filter(pk=pk).order_by("pk").first()
    if found is None:
        raise Refused("lire une décision à signer", targets=[str(pk)])
    return found


def hold_projet(passage: Passage, *, pk: UUID) -> ProjetDecision:
    """Hold a proposal to close it, with the relay that it is about."""
    return PROJETS.get(
        passage,
        pk=pk,
        action=Action.WRITE,
        lock=True,
        relais=RELAIS,
        relais__aidant=AIDANTS,
        relais__prestataire=PRESTATAIRES,
    )


def count_a_signer(passage: Passage) -> int:
    """Count what waits for this agent's signature: not what the agent prepared."""
    return signable(passage).exclude(propose_par=passage.agent.pk).order_by().count()


# Days are kept, not instants: of one day, what still waits or was signed came after what came back,
# since one proposal is there at a time.
STANDING = Case(
    When(etat__in=[EtatProjet.PROPOSE, EtatProjet.SIGNE], then=Value(0)),
    default=Value(1),
    output_field=IntegerField(),
)
NEWEST = ("-propose_on", STANDING, "-traite_on", "pk")


class Attente(NamedTuple):
    """What a file waits for, each as the columns that its page tells."""

    projets: list[Any]
    preuves: list[Any]
    mises_en_demeure: list[Any]


def read_attente(passage: Passage, *, dossier: Dossier, on: date) -> Attente:
    """Tell the last proposals of a file, its proofs owed and its notice open, in one statement."""
    projets = PROJETS.rows(passage).filter(dossier=OuterRef("pk"), relais__isnull=True)
    named = projets.annotate(par=NameOf("propose_par"), traitee_par=NameOf("traite_par"))
    told = named.annotate(told=JSONObject(**{name: name for name in TOLD}))
    asked = overdue(passage, dossier=OuterRef("pk"), on=on)
    proofs = asked.annotate(told=JSONObject(demandee_on="demandee_on", attendue_on="attendue_on"))
    notices = open_notices(passage).filter(dossier=OuterRef("pk"))
    said = ("cree_on", "poste_on", "poste_constate_on", "motif")
    sent = notices.annotate(told=JSONObject(**{name: name for name in said}))
    passage.note((), [f"ProjetDecision.{name}" for name in TOLD[:-2]])
    passage.note((), [f"Courrier.{name}" for name in said])
    passage.note((), ["DemandeJustificatif.demandee_on", "DemandeJustificatif.attendue_on"])
    rows = DOSSIERS.rows(passage).filter(pk=dossier.pk)
    read = rows.annotate(
        projets_dits=ArraySubquery(told.order_by(*NEWEST).values("told")[:A_FILE_SHOWS]),
        preuves_dues=ArraySubquery(proofs.order_by("attendue_on", "pk").values("told")),
        mises_en_demeure=ArraySubquery(sent.values("told")[:1]),
    ).get()
    return Attente(read.projets_dits, read.preuves_dues, read.mises_en_demeure)


def find_pending(
    passage: Passage, *, dossier: Dossier, nature: NatureDecision, relais_id: UUID | None
) -> ProjetDecision | None:
    """Give the proposal of the same order that waits, of a file or of one relay."""
    rows = PROJETS.rows(passage).filter(dossier=dossier, etat=EtatProjet.PROPOSE)
    alike = rows.filter(nature__in=NATURES[ORDRES[nature]], relais=relais_id)
    return alike.order_by("pk").first()


def rappel(on: date) -> date:
    """Give the first day of what is told of a stop sent back: it may be given up, a request not."""
    return add_months(on, months=-1)


def list_renvoyes(passage: Passage) -> list[ProjetDecision]:
    """List what came back to this agent and that nobody proposed again, file or relay.

    A signatory sent it back, or the last day that it gives passed before anybody signed it.
    """
    rows = PROJETS.rows(passage, dossier=DOSSIERS, dossier__identite=IDENTITES)
    back = Q(etat=EtatProjet.RENVOYE) | past(passage.on)
    mine = rows.filter(back, propose_par=passage.agent.pk)
    later = PROJETS.rows(passage).filter(
        ~Q(pk=OuterRef("pk")),
        etat__in=[EtatProjet.PROPOSE, EtatProjet.SIGNE],
        propose_on__gte=OuterRef("propose_on"),
    )
    of_file = later.filter(dossier=OuterRef("dossier"), relais__isnull=True)
    of_relais = later.filter(relais=OuterRef("relais"))
    left = mine.exclude(Exists(of_relais))
    left = left.exclude(nature__in=NATURES[Ordre.DROIT], traite_on__lt=rappel(passage.on))
    for natures in NATURES.values():
        alike = Q(nature__in=natures)
        left = left.exclude(alike, Exists(of_file.filter(alike)), relais__isnull=True)
    return list(left.order_by(F("traite_on").desc(nulls_first=True), "pk")[:A_FILE_SHOWS])


def last_of_relais(passage: Passage) -> Subquery:
    """Give the last proposal of each relay, to read with the relays in one statement."""
    rows = PROJETS.rows(passage).filter(relais=OuterRef("pk"))
    named = rows.annotate(par=NameOf("propose_par"), traitee_par=NameOf("traite_par"))
    told = named.annotate(told=JSONObject(**{name: name for name in TOLD}))
    passage.note((), [f"ProjetDecision.{name}" for name in TOLD[:-2]])
    return Subquery(told.order_by(*NEWEST).values("told")[:1])
