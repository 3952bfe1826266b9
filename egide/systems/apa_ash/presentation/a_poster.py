"""How a letter that waits to be posted is told: its kind, whom it goes to, by when it is useful."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Courrier, Dossier
from egide.systems.apa_ash.policy import SIGNATAIRES
from egide.systems.apa_ash.presentation import mixes_services
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries.a_poster import list_misaddressed
from egide.systems.apa_ash.queries.courriers import name_of
from egide.systems.apa_ash.services.a_poster import MISE_EN_DEMEURE

# CASF R. 232-16 alone names a way to send: a notice without its receipt gives no month.
RECOMMANDE = "en recommandé avec avis de réception"
ONE_DAY = timedelta(days=1)


def a_poster_rows(
    passage: Passage, rows: Iterable[Any], *, ticked: Collection[str]
) -> list[dict[str, Any]]:
    """Tell the letters of a page, each leading to its PDF and to its file."""
    control = passage.purpose == CONTROLE
    letter, file = ("controle_courrier", "justificatifs") if control else ("courrier", "courriers")
    several = mixes_services(passage)
    return [
        {
            "courrier": row,
            "nature": name_of(row),
            "envoi": RECOMMANDE if row.nature == MISE_EN_DEMEURE else "",
            "destinataire": row.nom_destinataire,
            "service": passage.service_name(row.service_id) if several else "",
            "avant": useful_until(row),
            "abrogee": row.abrogee,
            "ticked": str(row.pk) in ticked,
            "url": reverse(f"apa_ash:{letter}", args=[row.pk]),
            "dossier_url": reverse(f"apa_ash:{file}", args=[row.dossier_id]),
        }
        for row in rows
    ]


def tell_post(courrier: Courrier, *, dossier: Dossier, void: bool) -> str | dict[str, str]:
    """Tell whether a letter left, and when; what is to claim or tell nothing stays."""
    left, said = courrier.poste_on, courrier.poste_constate_on
    if left is not None and said is not None:
        noted = f", noté le {notation.jour(said)}" if said != left else ""
        return f"Posté le {notation.jour(left)}{noted}"
    void = void or is_misaddressed(courrier, dossier=dossier)
    return "Non posté" if void else {"text": "À poster", "state": "wait"}


def not_to_post(passage: Passage) -> dict[str, Any]:
    """Tell the letters that stay, since a death was recorded or undone, each leading to its file.

    A claim among them is taken up again by who signs; the others are told that it is to be.
    """
    file = "justificatifs" if passage.purpose == CONTROLE else "courriers"
    signs = passage.services(SIGNATAIRES)
    found, more = list_misaddressed(passage)
    rows = [
        {
            "courrier": row,
            "nature": name_of(row),
            "dossier_url": reverse(f"apa_ash:{file}", args=[row.dossier_id]),
            "a_reprendre": row.en_attente,
            "signe": row.service_id in signs,
        }
        for row in found
    ]
    waits = any(row["a_reprendre"] for row in rows)
    return {"restes": rows, "restes_suite": more, "reclamation": waits}


def is_misaddressed(courrier: Courrier, *, dossier: Dossier) -> bool:
    """Tell what `MAL_ADRESSES` tells in SQL of a letter of a file opened with its `identite`."""
    alive = dossier.identite.deces_on is None
    return not courrier.destinataire and courrier.succession == alive


def useful_until(courrier: Any) -> date | None:  # noqa: ANN401 -- with the day of its decision
    """Give the last day on which a letter still warns of what it stops (CASF R. 232-16).

    An end that was given up stops nothing.
    """
    if courrier.effet_on is None or courrier.abrogee:
        return None
    day: date = courrier.effet_on
    return day - ONE_DAY if courrier.nature == "suspension" else day
