"""From the four adverbs (spontanément, totalement, habituellement, correctement) to modalities."""

from collections.abc import Callable, Mapping
from datetime import date

from egide.rules.aggir.algorithme import ALGORITHME, VARIABLES, ModaliteRefusee
from egide.rules.dated import NotInForce

ADVERBES = ("spontanément", "totalement", "habituellement", "correctement")
OUI, NON = "1", "0"

# The entries of the grid in order: `coherence.communication`… and `transferts` where it is not cut.
ENTREES: tuple[str, ...] = tuple(
    f"{nom}.{sous}" if sous else nom
    for nom, variable in ALGORITHME["variables"].items()
    for sous in variable["sous_variables"] or [""]
)


def modalite(adverbes: str) -> str:
    """Turn four digits S T H C (1 = yes) into A, B or C."""
    if len(adverbes) != len(ADVERBES) or set(adverbes) - {OUI, NON}:
        raise ModaliteRefusee(f"trouvé {adverbes or 'rien'}, attendu quatre chiffres 0 ou 1")
    if NON not in adverbes:
        return "A"
    return "B" if OUI in adverbes else "C"


def modalite_douteuse(on: date | None = None) -> str:
    """Give the modality of AC and CA in alimentation, which the programs in use dispute."""
    valeurs = ALGORITHME["doute"]["valeurs"]
    known = [day for day in sorted(valeurs) if on is None or date.fromisoformat(day) <= on]
    if not known:
        raise NotInForce("grille AGGIR : aucune version à cette date")
    return str(valeurs[known[-1]]["valeur"])


def _one_c_is_enough(lettres: str) -> str:
    return "C" if "C" in lettres else _all_the_same(lettres)


def _all_the_same(lettres: str) -> str:
    return lettres[0] if len(set(lettres)) == 1 else "B"


def combine(variable: str, *, lettres: str, on: date | None = None) -> str:
    """Give the modality of a variable from those of its sub-variables (CASF annexe 2-1)."""
    regle = ALGORITHME["variables"][variable]["regle"]
    if regle == "alimentation" and lettres in ALGORITHME["doute"]["combinaisons"]:
        return modalite_douteuse(on)
    return _REGLES[regle](lettres)


_REGLES: Mapping[str, Callable[[str], str]] = {
    "directe": _all_the_same,
    "tous C": _all_the_same,
    "un C suffit": _one_c_is_enough,
    "alimentation": _one_c_is_enough,
}


def from_adverbes(adverbes: Mapping[str, str], *, on: date | None = None) -> dict[str, str]:
    """Turn the adverbs of every entry of the grid into the ten modalities."""
    unknown = sorted(set(adverbes) - set(ENTREES))
    if unknown:
        raise ModaliteRefusee(f"entrée inconnue : {', '.join(unknown)}")
    lettres = dict.fromkeys(VARIABLES, "")
    for entree in ENTREES:
        try:
            lettres[entree.split(".")[0]] += modalite(adverbes.get(entree, ""))
        except ModaliteRefusee as error:
            raise ModaliteRefusee(f"{entree} : {error}") from error
    return {nom: combine(nom, lettres=found, on=on) for nom, found in lettres.items()}
