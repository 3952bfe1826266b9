"""What the debtors of maintenance may be asked for: exemptions, scale, global amount proposed.

The président du conseil départemental fixes the global amount only (CASF L. 132-6 and R. 132-9);
the shares are a proposal that the debtors may change together, or the judge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from egide.rules.apa.feuille import Ligne
from egide.rules.apa.repartition import split_montant
from egide.rules.ash.montants import HEBERGEMENT
from egide.rules.money import check_montant, format_euros, format_taux, round_to_cent
from egide.rules.parameters import Bareme, Parametres, load_parametres, load_yaml

OBLIGES = load_parametres(Path(__file__).with_name("obliges.yaml"))
EXEMPTIONS: Mapping[str, Any] = load_yaml(
    Path(__file__).with_name("exemptions.yaml"), kind="listes"
)
BAREMES: Mapping[str, Parametres] = {
    path.stem: load_parametres(path)
    for path in sorted(Path(__file__).with_name("baremes").glob("*.yaml"))
}
FONDEMENT = "CASF L. 132-6 et R. 132-9"
ZERO = Decimal("0.00")


class BaremeAbsent(LookupError):
    """Raised where a département has no scale: no national one exists to replace it."""


class ObligeRefuse(ValueError):
    """Raised for a negative number of children or of months, or two debtors of one name."""


class LienOblige(StrEnum):
    """The relations to which a debt of maintenance may attach (code civil 205 to 207)."""

    ENFANT = "enfant"
    PARENT = "parent"
    GENDRE_BELLE_FILLE = "gendre_belle_fille"
    PETIT_ENFANT = "petit_enfant"


@dataclass(frozen=True, slots=True)
class Oblige:
    """A debtor of maintenance: the relation, the monthly means, what may exempt."""

    ref: str
    lien: LienOblige
    ressources_mensuelles: Decimal
    loyer_ou_emprunt: Decimal = ZERO
    pensions_versees: Decimal = ZERO
    couple: bool = False
    enfants: int = 0
    etudiants: int = 0
    mois_de_retrait: int = 0
    maintenu_par_juge: bool = False
    decharge: bool = False
    parent_condamne: bool = False
    descendant: bool = False


@dataclass(frozen=True, slots=True)
class PartOblige:
    """What the scale gives for one debtor, or the reason why nothing is asked."""

    ref: str
    exemption: str
    ressources: Decimal
    deductions: Decimal
    excedent: Decimal
    taux: Decimal
    part: Decimal
    source: str

    def line(self) -> Ligne:
        """Give the row of the feuille: the steps of the scale, or what exempts."""
        steps = (
            f"({format_euros(self.ressources)} − {format_euros(self.deductions)},"
            f" jamais négatif) × {format_taux(self.taux, places=1)}"
        )
        exempt = EXEMPTIONS[self.exemption]["elements"][self.exemption] if self.exemption else ""
        return Ligne(self.ref, exempt or steps, format_euros(self.part), self.source)


@dataclass(frozen=True, slots=True)
class PropositionObliges:
    """The global amount of the debtors, and the shares proposed to them."""

    parts: tuple[PartOblige, ...]
    globale: Decimal
    repartition: Mapping[str, Decimal]
    provisoire: bool
    sources: tuple[str, ...]

    def lines(self) -> tuple[Ligne, ...]:
        """Give the rows of the feuille in French: each debtor, then the global amount."""
        total = Ligne(
            "Somme globale proposée",
            "somme des parts, au plus ce qui reste à financer",
            format_euros(self.globale),
            FONDEMENT,
        )
        return (*(part.line() for part in self.parts), total)


def find_bareme(departement: str) -> Parametres:
    """Give the scale that a département has adopted."""
    if departement not in BAREMES:
        raise BaremeAbsent(f"aucun barème des obligés alimentaires pour {departement}")
    return BAREMES[departement]


def age_de_retrait(on: date) -> int:
    """Give the age before which the months of withdrawal count, for a decision of a day."""
    return int(Bareme(on, OBLIGES)["age_de_retrait"])


def find_exemption(oblige: Oblige, *, on: date) -> str:
    """Give the code of what exempts a debtor, by the law of the day of the decision, or nothing.

    `mois_de_retrait` are those before `age_de_retrait`.
    """
    withdrawn = oblige.mois_de_retrait >= Bareme(on, OBLIGES)["mois_de_retrait"]
    facts = {
        "retrait": withdrawn and not oblige.maintenu_par_juge,
        "decharge": oblige.decharge,
        "parent_condamne": oblige.parent_condamne,
        "petit_enfant": oblige.lien is LienOblige.PETIT_ENFANT,
        "descendant": oblige.descendant,
    }
    in_force = (
        code for code, liste in EXEMPTIONS.items() if date.fromisoformat(liste["depuis"]) <= on
    )
    return next((code for code in in_force if facts[code]), "")


def propose_obliges(
    obliges: Sequence[Oblige], *, on: date, parametres: Parametres, reste_a_financer: Decimal
) -> PropositionObliges:
    """Propose the global amount, never more than what is left to pay, and its shares."""
    if len({oblige.ref for oblige in obliges}) < len(obliges):
        raise ObligeRefuse("deux obligés alimentaires portent la même référence")
    bareme = Bareme(on, parametres)
    parts = tuple(_part(oblige, bareme=bareme) for oblige in obliges)
    total = sum((part.part for part in parts), start=ZERO)
    globale = min(total, _amount(reste_a_financer, nom="reste_a_financer", on=on))
    asked = {part.ref: part.part for part in parts if part.part}
    shares = split_montant(globale, parts=asked) if asked else {}
    return PropositionObliges(
        parts=parts,
        globale=globale,
        repartition={part.ref: shares.get(part.ref, ZERO) for part in parts},
        provisoire=bareme.provisional or Bareme(on, OBLIGES).provisional,
        sources=tuple(dict.fromkeys([FONDEMENT, *bareme.sources])),
    )


def _part(oblige: Oblige, *, bareme: Bareme) -> PartOblige:
    if min(oblige.enfants, oblige.etudiants, oblige.mois_de_retrait) < 0:
        raise ObligeRefuse(f"{oblige.ref} : nombre négatif")
    means, loyer, pensions = (
        _amount(getattr(oblige, nom), nom=nom, on=bareme.day)
        for nom in ("ressources_mensuelles", "loyer_ou_emprunt", "pensions_versees")
    )
    deductions = loyer + pensions + _abattements(oblige, bareme=bareme)
    excedent = max(means - deductions, ZERO)
    nom = f"part_{oblige.lien.value}"
    exemption = find_exemption(oblige, on=bareme.day)
    return PartOblige(
        ref=oblige.ref,
        exemption=exemption,
        ressources=means,
        deductions=round_to_cent(deductions),
        excedent=round_to_cent(excedent),
        taux=bareme[nom],
        part=ZERO if exemption else round_to_cent(bareme[nom] * excedent),
        source=EXEMPTIONS[exemption]["source"] if exemption else bareme.source(nom),
    )


def _abattements(oblige: Oblige, *, bareme: Bareme) -> Decimal:
    """Count in units of the scale what it leaves to a household; exact, without rounding."""
    units = bareme["seuil_couple" if oblige.couple else "seuil_seul"]
    units += oblige.enfants * bareme["abattement_enfant"]
    units += oblige.etudiants * bareme["abattement_etudiant"]
    return units * bareme["unite"]


def _amount(value: Decimal, *, nom: str, on: date) -> Decimal:
    return check_montant(value, nom=nom, maximum=Bareme(on, HEBERGEMENT)["montant_maximal_saisi"])
