"""The feuilles de calcul of one revalued right, from what the right itself froze."""

from datetime import date

from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.systems.apa_ash.models import LigneCampagne
from egide.systems.apa_ash.revalorisation import age_on


def read_feuilles(ligne: LigneCampagne) -> tuple[FeuilleDeCalcul, FeuilleDeCalcul]:
    """Compute the steps on the first day of the right and on the day of effect."""
    droit, naissance_on = ligne.droit, ligne.dossier.identite.naissance_on

    def on(day: date) -> FeuilleDeCalcul:
        return compute_apa_domicile(
            on=day,
            age=age_on(naissance_on, on=day),
            gir=droit.gir,
            couple=droit.couple,
            ressources_mensuelles=droit.ressources_mensuelles,
            plan_mensuel=droit.plan_mensuel,
        )

    return on(droit.periode.lower), on(ligne.campagne.effet_on)
