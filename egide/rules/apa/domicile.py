"""APA at home: from plan d'aide and resources to the allowance (CASF L. 232-3, L. 232-4)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.bornes import DECIMALES_DU_TAUX, check_age, check_gir
from egide.rules.apa.feuille import CHIFFRES, FeuilleDeCalcul
from egide.rules.apa.montants import (
    DOMICILE,
    is_provisional,
    montant_s,
    plafond_mensuel,
    smic_horaire,
)
from egide.rules.apa.montants import seuil_versement as seuil_versement_on
from egide.rules.apa.participation import Etapes, participation
from egide.rules.money import check_montant, round_half_up, round_to_cent
from egide.rules.parameters import Bareme

AGE_INSUFFISANT = "âge inférieur à 60 ans"
GIR_NON_ELIGIBLE = "GIR 5 ou 6"
MONTANT_NON_VERSE = "montant inférieur ou égal à 3 fois le SMIC horaire"

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class _Case:
    """A case whose values have been checked."""

    on: date
    age: int
    gir: int
    couple: bool
    ressources: Decimal
    plan: Decimal
    bareme: Bareme
    motif: str


def motif_refus(on: date, *, age: int, gir: int) -> str:
    """Say why age or GIR closes the right on a day, or nothing (CASF R. 232-1, R. 232-4)."""
    bareme = Bareme(on, DOMICILE)
    if check_age(age) < bareme["age_minimal"]:
        return AGE_INSUFFISANT
    return "" if opens_right(gir, on=on) else GIR_NON_ELIGIBLE


def opens_right(gir: int, *, on: date) -> bool:
    """Tell whether a GIR opens the right to a plan d'aide on a day (CASF R. 232-4)."""
    return check_gir(gir) <= Bareme(on, DOMICILE)["gir_maximal"]


def compute_apa_domicile(
    *,
    on: date,
    age: int,
    gir: int,
    couple: bool,
    ressources_mensuelles: Decimal,
    plan_mensuel: Decimal,
    s: Decimal | None = None,
) -> FeuilleDeCalcul:
    """Compute the APA at home of one person, with all its steps.

    `s` supposes another amount of reference than the one in force: the result is provisional.
    """
    supposed, s = s is not None, montant_s(on).valeur if s is None else s
    bareme = Bareme(on, DOMICILE)
    maximum = bareme["montant_maximal_saisi"]
    ressources = check_montant(ressources_mensuelles, nom="ressources_mensuelles", maximum=maximum)
    plan = check_montant(plan_mensuel, nom="plan_mensuel", maximum=maximum)
    motif = motif_refus(on, age=age, gir=check_gir(gir))
    case = _Case(on, age, gir, couple, ressources, plan, bareme, motif)
    version = participation.version(on)
    plafond = ZERO if case.motif else plafond_mensuel(on, gir=gir, s=s)
    plan_retenu = min(plan, plafond)
    individuelles = _individual(case)
    etapes = version.apply(
        Fraction(plan_retenu),
        ressources=individuelles,
        s=Fraction(s),
        bareme=bareme.fractions(),
    )
    due = round_to_cent(etapes.participation)
    taux = etapes.participation / Fraction(plan_retenu) if plan_retenu else Fraction(0)
    seuil = seuil_versement_on(on)
    reste = plan_retenu - due
    motif = motif or (MONTANT_NON_VERSE if reste <= seuil else "")
    slices = _slices(etapes)
    return FeuilleDeCalcul(
        on=on,
        age=age,
        gir=gir,
        couple=couple,
        ressources_mensuelles=ressources,
        plan_mensuel=plan,
        chiffres=_chiffres(case),
        version=version.start,
        version_source=version.source,
        s=s,
        plafond=plafond,
        plan_retenu=plan_retenu,
        ressources_individuelles=round_to_cent(individuelles),
        x=round_half_up(etapes.position, places=DECIMALES_DU_TAUX),
        a1=slices[0],
        a2=slices[1],
        a3=slices[-1],
        taux_exact=taux,
        taux_participation=round_half_up(taux, places=DECIMALES_DU_TAUX),
        participation=due,
        seuil_versement=seuil,
        apa=ZERO if motif else reste,
        motif=motif,
        provisoire=supposed or is_provisional(on),
        sources=_sources(case, version_source=version.source),
    )


def _chiffres(case: _Case) -> dict[str, Decimal]:
    """Keep the figures of the law that the feuille tells, as they are on its day."""
    in_force = case.bareme.fractions()
    names = (f"plafond_gir_{case.gir}", *CHIFFRES)
    return {nom: case.bareme[nom] for nom in names if nom in in_force}


def _individual(case: _Case) -> Fraction:
    """Share the resources of a couple living together (CASF R. 232-11)."""
    diviseur = Fraction(case.bareme["diviseur_couple"]) if case.couple else Fraction(1)
    return Fraction(case.ressources) / diviseur


def _slices(etapes: Etapes[Fraction]) -> tuple[Decimal | None, ...]:
    if not etapes.tranches:
        return (None, None, None)
    return tuple(round_to_cent(tranche) for tranche in etapes.tranches)


def _sources(case: _Case, *, version_source: str) -> tuple[str, ...]:
    names = ["age_minimal", "gir_maximal"]
    if not case.motif:
        names += [f"plafond_gir_{case.gir}", "seuil_inferieur", "seuil_superieur", "taux_maximal"]
        names += ["diviseur_couple"] if case.couple else []
        names += ["seuil_versement"]
    texts = [case.bareme.source(name) for name in names]
    amounts = [montant_s(case.on).source, smic_horaire(case.on).source]
    return tuple(dict.fromkeys([version_source, *texts, *amounts]))
