"""Ends that are signed ahead in the demonstration, and one in so many that was given up since."""

from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.systems.apa_ash.demo.cases import Stage
from egide.systems.apa_ash.demo.decisions import Rights, take_decision
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.services import fins, maintiens, motifs_fin

ONE_DAY = timedelta(days=1)
# Of the rights that run and wait for their revision, one in so many ends ahead; another was to end.
ONE_IN, ENDS, GIVEN_UP = 50, 1, 2
# Ago: the arrival elsewhere, at the least; the signature; and what gave an end up. Ahead: that end.
ARRIVED, SIGNED, MAINTAINED, RENOUNCED = (timedelta(days=n) for n in (30, 12, 5, 10))
SPREAD = 45


def end_ahead(rights: Rights) -> None:
    """Sign the end of a right that goes on until then, or let it go on after all."""
    file, dossier, on = rights.file, rights.file.dossier, rights.file.world.on
    stands = (dossier.etat, dossier.etat_droit, dossier.echeance)
    calm = stands == (Etat.OUVERT, "", Echeance.REVISION) and not rights.interruptions
    apart = timedelta(days=dossier.pk.int % SPREAD)
    arrived = on - ARRIVED - apart
    # Nothing is decided on figures that nobody verified, nor before the right that it ends.
    if not calm or on > file.world.anchor or arrived <= file.days[Stage.DECIDE]:
        return
    file.world.calm += 1
    if file.world.calm % ONE_IN == ENDS:
        last = fins.dernier_jour(motifs_fin.DEPART, fin_on=arrived)
        decision = take_decision(
            rights,
            NatureDecision.FIN,
            on=on - SIGNED,
            effet_on=last,
            motif=motifs_fin.MOTIFS[motifs_fin.DEPART].texte,
        )
        droit = rights.droits[-1]
        droit.periode = DateRange(droit.periode.lower, last + ONE_DAY)
        dossier.fin_droit_on, dossier.motif_fin = last, decision.motif
        dossier.fin_constatee_on = decision.prise_on
        file.due(Echeance.FIN, last)
    elif file.world.calm % ONE_IN == GIVEN_UP:
        last = on + RENOUNCED + apart
        take_decision(
            rights,
            NatureDecision.FIN,
            on=on - SIGNED,
            effet_on=last,
            motif=motifs_fin.MOTIFS[motifs_fin.RENONCIATION].texte,
        )
        take_decision(
            rights,
            NatureDecision.MAINTIEN,
            on=on - MAINTAINED,
            effet_on=last + ONE_DAY,
            motif=maintiens.RAISONS[motifs_fin.RENONCIATION],
        )
