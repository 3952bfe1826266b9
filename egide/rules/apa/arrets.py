"""What interrupts a payment on a day: since when, and from which day nothing is paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from egide.rules.apa.montants import DOMICILE
from egide.rules.apa.versement import VERSEMENT, Interruption, Nature, Periode, group_stays
from egide.rules.parameters import Bareme


@dataclass(frozen=True, slots=True)
class Arret:
    """An interruption that is not over; without `non_verse_des` it changes no payment."""

    nature: Nature
    depuis: date
    non_verse_des: date | None

    def stops(self, on: date) -> bool:
        """Tell whether nothing is paid for a day."""
        return self.non_verse_des is not None and self.non_verse_des <= on


def list_arrets(interruptions: Iterable[Interruption], *, on: date) -> list[Arret]:
    """Give what is not over on a day; a suspension may still be to come.

    A stay keeps its first thirty days paid, a transfer does not restart them (CASF R. 232-32). A
    stay at home changes nothing, and a suspension pays nothing from its first day (R. 232-16).
    """
    known = list(interruptions)
    stays = [item.periode for item in known if item.nature == Nature.HOSPITALISATION]
    jours_entre = int(Bareme(on, VERSEMENT)["jours_entre_sejours"])
    kept = timedelta(days=int(Bareme(on, DOMICILE)["jours_hospitalisation"]))
    found = [
        Arret(Nature.HOSPITALISATION, stay.debut, stay.debut + kept)
        for stay in group_stays(stays, jours_entre=jours_entre)
        if stay.debut <= on and _lasts(stay, on=on)
    ]
    for item in known:
        debut = item.periode.debut
        if item.nature == Nature.SUSPENSION and _lasts(item.periode, on=on):
            found.append(Arret(item.nature, debut, debut))
        elif item.nature == Nature.HOSPITALISATION_DOMICILE and debut <= on:
            found += [Arret(item.nature, debut, None)] if _lasts(item.periode, on=on) else []
    return found


def _lasts(periode: Periode, *, on: date) -> bool:
    return periode.fin is None or periode.fin > on
