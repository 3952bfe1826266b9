"""Take in the hours and invoices that services report: all of a file, or nothing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.rules.apa.controle import facteur_releves_excessifs
from egide.systems.apa_ash.fichiers.defauts import Defaut, FichierRefuse
from egide.systems.apa_ash.fichiers.esppadom import read_message
from egide.systems.apa_ash.fichiers.releves import Nature, Releve, read_csv
from egide.systems.apa_ash.models.controle import NatureImport
from egide.systems.apa_ash.policy import DOSSIERS, PRESTATAIRES, PRESTATIONS
from egide.systems.apa_ash.queries.ecritures import upsert_prestations
from egide.systems.apa_ash.queries.hors_plan import excessive_of, unplanned_of
from egide.systems.apa_ash.services.fichiers import check_new, keep_import

HORS_PLAN = "Ce service n’est pas dans le plan d’aide de ce dossier pour ce mois."
COLUMNS = {Nature.HEURES: "heures_realisees", Nature.FACTURES: "montant_facture"}


@dataclass(frozen=True, slots=True)
class Pris:
    """What was taken in: how many figures, and those that a plan does not foresee, or so many."""

    lignes: int
    a_verifier: tuple[Defaut, ...]


def read_file(contenu: bytes, *, nature: Nature, until: date) -> list[Releve]:
    """Read a table or a message: a file that starts with `<` is XML."""
    head = contenu.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:1]
    read = read_message if head == b"<" else read_csv
    return read(contenu, nature=nature, until=until)


@act("importer des heures ou des factures")
def import_releves(passage: Passage, *, service_id: UUID, nature: Nature, contenu: bytes) -> Pris:
    """Record a whole file; a figure already known is replaced, and the trail keeps the old one.

    A service that the plan does not name, or that reports far more than it, is told, not refused:
    the plan may follow.
    """
    empreinte = check_new(passage, service_id=service_id, contenu=contenu)
    releves = read_file(contenu, nature=nature, until=passage.on)
    dossiers, prestataires = _resolve(passage, releves, service_id=service_id)
    taken = keep_import(
        passage,
        service_id=service_id,
        nature=NatureImport(nature),
        empreinte=empreinte,
        lignes=len(releves),
    )
    upsert_prestations(
        taken,
        [(dossiers[r.dossier], prestataires[r.siret], r.mois, r.valeur) for r in releves],
        column=COLUMNS[nature],
    )
    passage.subjects.update(dossiers.values())
    unplanned = unplanned_of(passage, taken)
    excessive = excessive_of(
        passage,
        taken,
        facteur=facteur_releves_excessifs(passage.on),
        column=COLUMNS[nature],
    )
    told = []
    for r in releves:
        key = (dossiers[r.dossier], prestataires[r.siret], r.mois)
        if key in unplanned:
            told.append(Defaut(r.ligne, "siret", HORS_PLAN))
        elif key in excessive:
            told.append(Defaut(r.ligne, nature.mesure, _excess(nature, r, prevu=excessive[key])))
    return Pris(taken.lignes, tuple(told))


def _excess(nature: Nature, releve: Releve, *, prevu: Decimal) -> str:
    told = (
        f"{notation.heures(releve.valeur)} déclarées pour {notation.heures(prevu)} prévues"
        if nature is Nature.HEURES
        else f"{notation.euros(releve.valeur)} facturés pour {notation.euros(prevu)} prévus"
    )
    return f"{told}\u00a0: demandez le détail au service avant de payer."


def _resolve(
    passage: Passage, releves: list[Releve], *, service_id: UUID
) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """Find files in the service and services in the organisme: what is elsewhere is unknown."""
    # PRESTATIONS is asked first, so that nobody learns a number without the right to import.
    if not PRESTATIONS.allowed(passage, Action.WRITE):
        return {}, {}
    dossiers = {
        row["numero"]: row["id"]
        for row in DOSSIERS.rows(passage)
        .filter(service_id=service_id, numero__in={r.dossier for r in releves})
        .values("id", "numero")
    }
    prestataires = {
        row["siret"]: row["id"]
        for row in PRESTATAIRES.rows(passage)
        .filter(siret__in={r.siret for r in releves})
        .values("id", "siret")
    }
    unknown = "Numéro de dossier inconnu dans ce service."
    absent = "Prestataire inconnu : ajoutez-le à la liste des prestataires, puis recommencez."
    defauts = [Defaut(r.ligne, "dossier", unknown) for r in releves if r.dossier not in dossiers]
    defauts += [Defaut(r.ligne, "siret", absent) for r in releves if r.siret not in prestataires]
    if defauts:
        raise FichierRefuse(*defauts)
    return dossiers, prestataires
