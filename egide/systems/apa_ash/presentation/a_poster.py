"""How a letter that waits to be posted is told: its kind, whom it goes to, by when it is useful."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Courrier
from egide.systems.apa_ash.presentation import mixes_services
from egide.systems.apa_ash.purposes import CONTROLE
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
            "destinataire": addressee(row),
            "service": passage.service_name(row.service_id) if several else "",
            "avant": useful_until(row),
            "ticked": str(row.pk) in ticked,
            "url": reverse(f"apa_ash:{letter}", args=[row.pk]),
            "dossier_url": reverse(f"apa_ash:{file}", args=[row.dossier_id]),
        }
        for row in rows
    ]


def tell_post(courrier: Courrier, *, void: bool = False) -> str | dict[str, str]:
    """Tell whether a letter left, and when; the claim of a death that never was does not leave."""
    left, said = courrier.poste_on, courrier.poste_constate_on
    if left is not None and said is not None:
        noted = f", noté le {notation.jour(said)}" if said != left else ""
        return f"Posté le {notation.jour(left)}{noted}"
    return "Non posté" if void else {"text": "À poster", "state": "wait"}


def addressee(courrier: Courrier) -> str:
    """Name whom a letter goes to: a service, the person, or whoever answers for her once dead."""
    if courrier.destinataire:
        return courrier.destinataire
    person = courrier.dossier.identite
    if person.deces_on is not None:
        return f"Succession de {person.nom_complet}"
    return person.nom_complet


def useful_until(courrier: Any) -> date | None:  # noqa: ANN401 -- with the day of its decision
    """Give the last day on which a letter still warns of what it stops (CASF R. 232-16)."""
    if courrier.effet_on is None:
        return None
    day: date = courrier.effet_on
    return day - ONE_DAY if courrier.nature == "suspension" else day
