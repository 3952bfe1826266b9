"""What a decision would make overpaid at its effect: told to who signs, never claimed here."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from egide.kernel.access.passage import Passage
from egide.rules.apa.dus import Dus
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.versement import DroitMensuel, Interruption, Nature, Periode
from egide.systems.apa_ash.queries.decision import Situation, dus_of
from egide.systems.apa_ash.queries.verses import paid_since
from egide.systems.apa_ash.services.effet import previous_droit

ZERO = Decimal("0.00")
Verses = Mapping[date, Decimal]
"""What was paid, by month."""


def paid_from(passage: Passage, situation: Situation) -> Verses:
    """Read what was paid since the month of the day: no decision takes away from before."""
    return paid_since(passage, dossier=situation.dossier, since=passage.on)


def beyond_end(verses: Verses, situation: Situation, *, fin_on: date) -> Decimal:
    """Give what was already paid for the days that follow the last one due."""
    first = fin_on + timedelta(days=1)
    return _beyond(verses, situation, since=first, apres=_until(dus_of(situation), first))


def beyond_suspension(verses: Verses, situation: Situation, *, effet_on: date) -> Decimal:
    """Give what was already paid for the days that a suspension would leave unpaid."""
    known = dus_of(situation)
    stop = Interruption(Nature.SUSPENSION, Periode(effet_on))
    apres = replace(known, interruptions=[*known.interruptions, stop])
    return _beyond(verses, situation, since=effet_on, apres=apres)


def beyond_revision(verses: Verses, situation: Situation, *, feuille: FeuilleDeCalcul) -> Decimal:
    """Give what was already paid beyond a right that a revision lowers.

    An agreement that follows a lump sum lowers nothing: what was advanced is told apart.
    """
    droit = previous_droit(situation, effet_on=feuille.on)
    if droit is None or feuille.apa >= droit.apa:
        return ZERO
    apres = _until(dus_of(situation), feuille.on)
    lower = DroitMensuel(Periode(feuille.on), feuille.apa)
    apres = replace(apres, droits=[*apres.droits, lower])
    return _beyond(verses, situation, since=feuille.on, apres=apres)


def _until(dus: Dus, day: date) -> Dus:
    """Suppose that every right ends on the eve of a day."""
    kept = [
        replace(droit, periode=inside)
        for droit in dus.droits
        if droit.periode.debut < day
        and (inside := droit.periode.within(Periode(droit.periode.debut, day)))
    ]
    return replace(dus, droits=kept)


def _beyond(verses: Verses, situation: Situation, *, since: date, apres: Dus) -> Decimal:
    """Compare what is paid with what would be due; what exceeds already is no decision's doing."""
    paid = {mois: amount for mois, amount in verses.items() if mois >= since.replace(day=1)}
    return max(apres.beyond(paid) - dus_of(situation).beyond(paid), ZERO)
