"""What a screen says of a stay or a suspension: what goes on, and what a stay would entail."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from egide.kernel import notation
from egide.rules.apa.arrets import Arret, list_arrets
from egide.rules.apa.delais import echeance
from egide.rules.apa.depots import Depot
from egide.rules.apa.dus import Dus
from egide.rules.apa.versement import Nature, month_of, next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import FINIS
from egide.systems.apa_ash.queries.interruptions import read_interruptions
from egide.systems.apa_ash.services.motifs_suspension import MOTIFS

SEJOUR_COLUMNS = [
    ("Mois", False),
    ("Resterait dû", True),
    ("Déjà versé", True),
    ("Versé au-delà", True),
]
ONE_DAY = timedelta(days=1)
ZERO = Decimal("0.00")


def arrets_of(dossier: m.Dossier, rows: Iterable[m.Interruption], *, on: date) -> list[Arret]:
    """Give what interrupts a file on a day; nothing is paid any more on one that is over."""
    return [] if dossier.etat in FINIS else list_arrets(read_interruptions(rows), on=on)


def tell_arret(arret: Arret, *, on: date) -> str:
    """Say since when a stay or a suspension lasts, and from which day nothing is paid."""
    depuis = notation.jour_long(arret.depuis)
    if arret.non_verse_des is None:
        said = f"Hospitalisation à domicile depuis le {depuis} : le versement continue."
    elif arret.nature == Nature.SUSPENSION:
        when = "depuis le" if arret.stops(on) else "à compter du"
        said = f"Versement suspendu {when} {depuis}."
    elif arret.stops(on):
        said = (
            f"Hospitalisation depuis le {depuis} : versement interrompu depuis le "
            f"{notation.jour_long(arret.non_verse_des)}."
        )
    else:
        said = (
            f"Hospitalisation depuis le {depuis} : si elle dure, versement interrompu à compter "
            f"du {notation.jour_long(arret.non_verse_des)}."
        )
    return notation.insecable(said)


def sejour_consequences(
    arret: Arret, *, dus: Dus, verses: Mapping[date, Decimal], on: date
) -> dict[str, Any]:
    """Say what stays due once a stay is recorded, and what was already paid beyond it."""
    if arret.non_verse_des is None:
        said = ["Le versement continue : une hospitalisation à domicile n’y change rien."]
        return {"consequences": _written(said), "month_rows": [], "month_columns": []}
    rows, excess = _months(arret.non_verse_des, dus=dus, verses=verses, on=on)
    last = arret.non_verse_des - ONE_DAY
    said = [
        f"Trente jours restent dus, jusqu’au {notation.jour_long(last)} inclus (CASF R. 232-32).",
        f"Si elle n’est pas sortie, rien n’est dû dès le {notation.jour_long(last + ONE_DAY)}.",
        "Le versement reprend au 1er jour du mois de la sortie, sans nouvelle demande.",
    ]
    if excess:
        said.append(
            f"{notation.euros(excess)} déjà versés au-delà sont signalés au contrôle, chaque mois "
            "une fois terminé : une sortie avant sa fin le rendrait dû (CASF L. 232-25)."
        )
    return {
        "consequences": _written(said),
        "month_columns": SEJOUR_COLUMNS,
        "month_rows": rows,
    }


def _months(
    since: date, *, dus: Dus, verses: Mapping[date, Decimal], on: date
) -> tuple[list[tuple[str, ...]], Decimal]:
    """Compare month after month, from the first that the stay interrupts to the last one paid."""
    rows, total = [], ZERO
    mois = month_of(since).debut
    while mois <= max([month_of(on).debut, *verses]):
        due, paid = dus.of_month(mois).montant, verses.get(mois, ZERO)
        excess = max(paid - due, ZERO)
        total += excess
        amounts = (notation.euros(amount) for amount in (due, paid, excess))
        rows.append((notation.mois_court(mois), *amounts))
        mois = next_month(mois)
    return rows, total


def _written(lines: Iterable[str]) -> list[str]:
    return [notation.insecable(line) for line in lines]


def tell_notice(*, cree_on: date, depot: Depot | None, motif: str) -> dict[str, Any]:
    """Tell the formal notice that runs: its ground, and until when it leaves time once posted."""
    return {
        "ecrite_on": cree_on,
        "postee_on": depot and depot.poste_on,
        "libelle": MOTIFS[motif].libelle,
        "terme_on": depot and echeance("mise_en_demeure", depot.opposable_on),
    }
