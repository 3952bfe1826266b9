"""Plans d'aide as a team builds them: helps by need, hours by quarters, under the ceiling."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.rules.apa.effectivite import Prevu
from egide.rules.apa.montants import plafond_mensuel
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.chance import Chance, euros
from egide.systems.apa_ash.models.plan import EtatPlan, ModeAide, NatureAide, Prestataire, Unite

# What an hour costs when the person employs someone, in cents, contributions included.
EMPLOI_DIRECT = (1_650, 1_980)
MANDATAIRE = (1_950, 2_280)
HEURES = {
    1: (NatureAide.TOILETTE, NatureAide.REPAS, NatureAide.COURSES),
    2: (NatureAide.TOILETTE, NatureAide.REPAS, NatureAide.MENAGE),
    3: (NatureAide.TOILETTE, NatureAide.MENAGE, NatureAide.COURSES),
    4: (NatureAide.MENAGE, NatureAide.COURSES),
}
# Nature, unit, lowest and highest volume, lowest and highest tariff in cents, one plan in…
AUTRES = (
    (NatureAide.TELEASSISTANCE, Unite.FORFAIT, 1, 1, 1_900, 2_900, 2),
    (NatureAide.PORTAGE, Unite.REPAS, 8, 26, 420, 690, 4),
    (NatureAide.PROTECTIONS, Unite.FORFAIT, 1, 1, 3_000, 8_000, 4),
    (NatureAide.ACCUEIL_JOUR, Unite.JOUR, 2, 6, 4_200, 5_900, 9),
)
SMALLEST_PLAN = Decimal(120)


@dataclass(frozen=True, slots=True)
class DrawnPlan:
    """A plan, its lines, and their total."""

    plan: m.PlanAide
    lignes: list[m.LignePlan]
    total: Decimal

    def hours_by_prestataire(self) -> dict[UUID, tuple[Decimal, Decimal]]:
        """Give, for each service, its hours a month and its tariff."""
        found: dict[UUID, tuple[Decimal, Decimal]] = {}
        for ligne in self.lignes:
            paid = ligne.mode == ModeAide.PRESTATAIRE and ligne.prestataire_id
            if paid and ligne.unite == Unite.HEURE:
                hours, _ = found.get(paid, (Decimal(0), Decimal(0)))
                found[paid] = (hours + ligne.volume_mensuel, ligne.tarif)
        return found

    def prevus(self) -> dict[UUID | None, Prevu]:
        """Give what the plan asks of each service, and of the person (None)."""
        found: dict[UUID | None, Prevu] = {}
        for ligne in self.lignes:
            paid = ligne.mode == ModeAide.PRESTATAIRE
            who = ligne.prestataire_id if paid else None
            hours = ligne.volume_mensuel if ligne.unite == Unite.HEURE else None
            found[who] = found.get(who, Prevu()).plus(amount(ligne), heures=hours)
        return found


def amount(ligne: m.LignePlan) -> Decimal:
    """Give what a line costs in a month, as PostgreSQL computes it."""
    return (ligne.volume_mensuel * ligne.tarif).quantize(Decimal("0.01"), "ROUND_HALF_UP")


def draw_plan(
    chance: Chance,
    *,
    dossier: m.Dossier,
    gir: int,
    etat: EtatPlan,
    effet_on: date,
    prestataires: list[Prestataire],
) -> DrawnPlan:
    """Draw a plan between four tenths of the ceiling and the ceiling itself."""
    plafond = plafond_mensuel(effet_on, gir=gir)
    target = max(plafond * chance.whole(40, 100) / 100, SMALLEST_PLAN)
    plan = m.PlanAide(
        id=chance.uuid(),
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        etat=etat,
        gir=gir,
        effet_on=effet_on,
    )
    lignes = [line for spec in AUTRES if (line := _other(chance, plan, spec, room=target / 3))]
    left = target - sum((amount(ligne) for ligne in lignes), Decimal(0))
    lignes += _hours(chance, plan, left=left, prestataire=chance.pick(prestataires))
    return DrawnPlan(plan, lignes, sum((amount(ligne) for ligne in lignes), Decimal(0)))


def _hours(
    chance: Chance, plan: m.PlanAide, *, left: Decimal, prestataire: Prestataire
) -> list[m.LignePlan]:
    mode = chance.weighted(
        (ModeAide.PRESTATAIRE, ModeAide.GRE_A_GRE, ModeAide.MANDATAIRE), weights=(86, 9, 5)
    )
    tarif = prestataire.tarif_horaire
    if mode != ModeAide.PRESTATAIRE:
        low, high = EMPLOI_DIRECT if mode == ModeAide.GRE_A_GRE else MANDATAIRE
        tarif = euros(chance.whole(low, high))
    natures = HEURES[plan.gir]
    quarters = int(left * 4 / tarif)
    shares = [quarters // len(natures)] * len(natures)
    shares[0] += quarters - sum(shares)
    return [
        _line(
            chance,
            plan,
            nature=nature,
            unite=Unite.HEURE,
            volume=Decimal(share) / 4,
            tarif=tarif,
            mode=mode,
            prestataire=None if mode == ModeAide.GRE_A_GRE else prestataire,
        )
        for nature, share in zip(natures, shares, strict=True)
        if share
    ]


def _other(
    chance: Chance,
    plan: m.PlanAide,
    spec: tuple[NatureAide, Unite, int, int, int, int, int],
    *,
    room: Decimal,
) -> m.LignePlan | None:
    nature, unite, low, high, cheap, dear, one_in = spec
    volume, tarif = Decimal(chance.whole(low, high)), euros(chance.whole(cheap, dear))
    if not chance.one_in(one_in) or volume * tarif > room:
        return None
    return _line(
        chance, plan, nature=nature, unite=unite, volume=volume, tarif=tarif, mode=ModeAide.AUTRE
    )


def _line(
    chance: Chance,
    plan: m.PlanAide,
    *,
    nature: NatureAide,
    unite: Unite,
    volume: Decimal,
    tarif: Decimal,
    mode: ModeAide,
    prestataire: Prestataire | None = None,
) -> m.LignePlan:
    return m.LignePlan(
        id=chance.uuid(),
        service_id=plan.service_id,
        dossier_id=plan.dossier_id,
        plan_id=plan.pk,
        nature=nature,
        mode=mode,
        prestataire=prestataire,
        volume_mensuel=volume,
        unite=unite,
        tarif=tarif,
    )
