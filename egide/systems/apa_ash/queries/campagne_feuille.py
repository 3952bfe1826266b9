"""The feuilles de calcul of one revalued right, from what the right itself froze."""

from datetime import date
from decimal import Decimal

from egide.rules.age import age_on
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.systems.apa_ash.models import LigneCampagne


def read_feuilles(ligne: LigneCampagne) -> tuple[FeuilleDeCalcul, FeuilleDeCalcul]:
    """Compute the steps on the first day of the right and on the day of effect."""
    return (
        read_feuille(ligne, on=ligne.droit.periode.lower),
        read_feuille(ligne, on=ligne.campagne.effet_on, s=ligne.campagne.hypothese_s),
    )


def read_feuille(ligne: LigneCampagne, *, on: date, s: Decimal | None = None) -> FeuilleDeCalcul:
    """Compute the steps of the right of a line on one day; `s` supposes its reference."""
    droit = ligne.droit
    return compute_apa_domicile(
        on=on,
        age=age_on(ligne.dossier.identite.naissance_on, on=on),
        gir=droit.gir,
        couple=droit.couple,
        ressources_mensuelles=droit.ressources_mensuelles,
        plan_mensuel=droit.plan_mensuel,
        s=s,
    )
