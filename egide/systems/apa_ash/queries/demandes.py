"""The request of a file, its pieces, and the namesakes that a new one may have."""

from datetime import date

from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When

from egide.kernel.access.passage import Passage, Refused
from egide.systems.apa_ash.models import Demande, Dossier, Piece
from egide.systems.apa_ash.models.demande import CodePiece, NatureDemande
from egide.systems.apa_ash.policy import DEMANDES, DOSSIERS, IDENTITES, PIECES
from egide.systems.apa_ash.queries.dossier import as_of
from egide.systems.apa_ash.queries.dossiers import called
from egide.systems.apa_ash.saisie import EtatCivil

A_NAME_HAS_FEW = 5
FORM_ORDER = Case(
    *(When(code=code, then=Value(rank)) for rank, code in enumerate(CodePiece.values)),
    output_field=IntegerField(),
)


def current_demande(passage: Passage, *, dossier: Dossier) -> Demande:
    """Give the last request of a file."""
    rows = DEMANDES.rows(passage).filter(dossier=dossier)
    demande = rows.order_by("-recue_on", "-pk").first()
    if demande is None:
        raise Refused("lire la demande", targets=[str(dossier.pk)])
    return demande


def followed(passage: Passage, *, day: str) -> Exists:
    """Tell in SQL the rows of a file, dated by `day`, that a later first request left behind.

    A revision goes on from what is there; whoever asks again is visited and assessed again.
    """
    passage.note((), ["Demande.recue_on", "Demande.nature"])
    later = DEMANDES.rows(passage).filter(dossier=OuterRef("dossier"), recue_on__gt=OuterRef(day))
    return Exists(later.exclude(nature=NatureDemande.REVISION))


def completed_on(passage: Passage, *, dossier: Dossier) -> date | None:
    """Give the day when the last request of a file was complete, if it is."""
    rows = DEMANDES.rows(passage).filter(dossier=dossier)
    demande = rows.order_by("-recue_on", "-pk").first()
    return demande.complete_on if demande else None


def received_on(passage: Passage, *, dossier: Dossier) -> list[date]:
    """List the days of the last first request and of its revisions, the last first."""
    rows = DEMANDES.rows(passage).filter(dossier=dossier).exclude(followed(passage, day="recue_on"))
    return [demande.recue_on for demande in rows.order_by("-recue_on", "-pk")]


def list_pieces(passage: Passage, *, demande: Demande) -> list[Piece]:
    """List the pieces expected with a request, in the order of the form."""
    return list(PIECES.rows(passage).filter(demande=demande).order_by(FORM_ORDER))


def list_homonymes(passage: Passage, *, etat_civil: EtatCivil) -> list[Dossier]:
    """List files of one's own services with such a name and this day of birth, as they stand."""
    rows = DOSSIERS.rows(passage, identite=IDENTITES).filter(
        called(etat_civil.searched(), of="identite__"),
        identite__naissance_on=etat_civil.naissance_on,
    )
    return [as_of(dossier, on=passage.on) for dossier in rows.order_by("numero")[:A_NAME_HAS_FEW]]
