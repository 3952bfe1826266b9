"""Write to whoever was paid in excess: the person, her estate, or the service paid for her."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.effectivite import Prevu, Releve
from egide.rules.apa.indu import retenue_mensuelle
from egide.rules.apa.versement import Periode
from egide.rules.money import CENTIME, round_to_cent
from egide.systems.apa_ash.calculs.droit_du_mois import DroitDuMois
from egide.systems.apa_ash.calculs.effectivite import PartMois
from egide.systems.apa_ash.calculs.hors_droit import Raison
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Dossier, Indu, Prestataire
from egide.systems.apa_ash.models.controle import MOTIF_DECES, MOTIF_HORS_DROIT, EtatIndu
from egide.systems.apa_ash.models.personne import QualiteSuccession
from egide.systems.apa_ash.policy import COORDONNEES, INDUS, PRESTATAIRES, SUCCESSIONS
from egide.systems.apa_ash.queries.retraits import Recalcul
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.motifs_hors_droit import write_causes

SOURCE = "CASF L. 232-4, R. 232-17 et D. 232-31"
SOURCE_DECES = "CASF R. 232-32 et L. 232-25"
SOURCE_HORS_DROIT = "CASF R. 232-30 et L. 232-25"

NOTAIRE = "Maître"
# A stay stops a payment by itself; these are decided.
DECIDEES = frozenset({Raison.FIN, Raison.BAISSE, Raison.PLAN, Raison.SUSPENSION})


class AdresseManquante(ActeRefuse):
    """A service whose address nobody entered receives no letter, and so no delay runs."""


def send_indus(
    passage: Passage, *, dossier: Dossier, found: Sequence[Indu], calcul: Recalcul
) -> None:
    """Send one letter for debts of one payee, and mark them as notified by it."""
    prestataire = find_payee(passage, found[0])
    destinataire = address_of_payee(passage, dossier, prestataire)
    letter = send_letter(
        passage,
        dossier=dossier,
        contenu=replace(
            _letter(passage, dossier, found, calcul),
            notaire=destinataire is not None and destinataire.appel == NOTAIRE,
        ),
        prepare_par=found[0].propose_par_id,
        destinataire=destinataire,
        service=prestataire.nom if prestataire else "",
    )
    for indu in found:
        INDUS.update(passage, indu, etat=EtatIndu.NOTIFIE, notification=letter)


def find_payee(passage: Passage, indu: Indu) -> Prestataire | None:
    """Give the service that owes a debt; none is the person, or her estate."""
    if indu.prestataire_id is None:
        return None
    return PRESTATAIRES.get(passage, pk=indu.prestataire_id)


def address_of_payee(
    passage: Passage, dossier: Dossier, prestataire: Prestataire | None
) -> content.Destinataire | None:
    """Give the payee when it is not the living person: whoever represents her is found later."""
    if prestataire is not None:
        if not prestataire.adresse.strip():
            raise AdresseManquante(
                f"Le courrier ne peut pas partir\u00a0: l’adresse de {prestataire.nom} n’est pas "
                "connue. Saisissez-la dans Contrôle, Prestataires, puis recommencez."
            )
        address = (prestataire.adresse, f"SIRET {prestataire.siret}")
        return content.Destinataire(nom=prestataire.nom, adresse=address)
    if dossier.identite.deces_on is None:
        return None
    # A measure of protection ends with the person: her heirs or their notary answer for her.
    known = SUCCESSIONS.rows(passage).filter(dossier=dossier).order_by("pk").first()
    if known is not None:
        return content.Destinataire(
            nom=known.nom,
            adresse=(
                f"Succession de {dossier.identite.nom_complet}",
                known.adresse,
                f"{known.code_postal} {known.commune}",
            ),
            appel=NOTAIRE if known.qualite == QualiteSuccession.NOTAIRE else "Madame, Monsieur",
        )
    home = COORDONNEES.get(passage, dossier=dossier)
    return content.Destinataire(
        nom=f"Succession de {dossier.identite.nom_complet}",
        adresse=(
            "À l’attention des héritiers ou du notaire",
            home.adresse,
            f"{home.code_postal} {home.commune}",
        ),
    )


def _letter(
    passage: Passage, dossier: Dossier, indus: Sequence[Indu], calcul: Recalcul
) -> content.Indu:
    total = sum((indu.reste for indu in indus), Decimal(0))
    deces_on = dossier.identite.deces_on
    debiteur = "succession" if deces_on else "personne"
    return content.Indu(
        decidee_on=passage.on,
        debiteur="service" if indus[0].prestataire_id else debiteur,
        deces_on=deces_on,
        apres_deces=all(_after_death(indu, part=calcul.parts[indu.mois]) for indu in indus),
        motifs=tuple(
            content.Motif(motif, _source(motif)) for motif in dict.fromkeys(i.motif for i in indus)
        ),
        mois=write_months(indus, calcul=calcul),
        hors_droit=_share_beyond_right(indus),
        decision_du_droit=any(
            cause.raison in DECIDEES for droit in calcul.droits.values() for cause in droit.causes
        ),
        montant=total,
        retenue_mensuelle=retenue_of(indus, calcul=calcul, on=passage.on),
    )


def retenue_of(indus: Iterable[Indu], *, calcul: Recalcul, on: date) -> Decimal | None:
    """Give the most that each payment to come repays; nothing when none is to come."""
    if not calcul.prochain:
        return None
    total = sum((indu.reste for indu in indus), Decimal(0))
    return retenue_mensuelle(calcul.prochain, reste_du=total, on=on)


def _share_beyond_right(indus: Sequence[Indu]) -> str:
    """Tell whether all, part or nothing of a claim was paid beyond the right."""
    beyond = [indu.motif.startswith(MOTIF_HORS_DROIT) for indu in indus]
    if all(beyond):
        return "tout"
    return "partie" if any(beyond) else ""


def _source(motif: str) -> str:
    if motif == MOTIF_DECES:
        return SOURCE_DECES
    return SOURCE_HORS_DROIT if motif.startswith(MOTIF_HORS_DROIT) else SOURCE


def _after_death(indu: Indu, *, part: PartMois | None) -> bool:
    """Tell whether a debt follows a death: by its ground, or since nothing else exceeds."""
    if indu.motif == MOTIF_DECES:
        return True
    return part is not None and part.ecart > 0 and part.ecart == part.apres_deces


def write_months(indus: Sequence[Indu], *, calcul: Recalcul) -> tuple[content.MoisIndu, ...]:
    """Tell month by month how a claim is computed, alike to who signs it and to who owes it."""
    claimed: dict[date, list[Indu]] = {}
    for indu in indus:
        claimed.setdefault(indu.mois, []).append(indu)
    return tuple(
        _month_of_right(mois, of_month, part=part, droit=calcul.droits[mois])
        if (part := calcul.parts[mois]) and _exceeds_right(of_month, part=part)
        else _month_of_hours(mois, of_month, part=part)
        for mois, of_month in sorted(claimed.items())
    )


def _exceeds_right(indus: Sequence[Indu], *, part: PartMois) -> bool:
    """Tell whether the days of a month explain by themselves all that is claimed of it."""
    return _share_beyond_right(indus) == "tout" and part.hors_droit >= _total(indus)


def _total(indus: Iterable[Indu]) -> Decimal:
    return sum((indu.montant for indu in indus), Decimal(0))


def _month_of_right(
    mois: date, indus: Sequence[Indu], *, part: PartMois, droit: DroitDuMois
) -> content.MoisIndu:
    return content.MoisIndu(
        mois=_name(mois),
        verse=part.verse,
        prevu="",
        realise="",
        utilise=None,
        taux=None,
        du=part.verse - part.constate - part.hors_droit,
        ecart=_total(indus),
        droit=content.DroitIndu(
            periodes=tuple(
                content.PeriodeIndu(
                    jours=_days(due.periode),
                    dus=f"{due.jours_dus} sur {notation.nombre_de(due.jours_du_mois, 'jour')}",
                    apa=due.apa,
                    du=due.montant,
                )
                for due in droit.periodes
            ),
            total=droit.montant,
        ),
        precisions=(
            f"{write_causes(droit.causes)}.",
            *_right_by_right(droit),
            *_beside(part, claimed=_total(indus)),
        ),
    )


def _month_of_hours(
    mois: date, indus: Sequence[Indu], *, part: PartMois | None
) -> content.MoisIndu:
    mesure = part.mesure if part else None
    claimed = _total(indus)
    return content.MoisIndu(
        mois=_name(mois),
        verse=part.verse if part else Decimal(0),
        prevu=_planned(mesure.prevu) if mesure else "",
        realise=_reported(mesure.releve) if mesure else "",
        utilise=round_to_cent(mesure.utilise) if mesure else None,
        taux=mesure.taux_participation if mesure else None,
        du=part.du if part else Decimal(0),
        ecart=claimed,
        precisions=tuple(_precisions(part, claimed=claimed)) if part else (),
    )


def _days(periode: Periode) -> str:
    assert periode.fin is not None  # noqa: S101 -- the days of a month have an end
    return notation.du_au(periode.debut, periode.fin - timedelta(days=1))


def _name(mois: date) -> str:
    return f"{notation.MOIS[mois.month - 1].capitalize()} {mois.year}"


def _planned(prevu: Prevu) -> str:
    """Write what the plan asks of a payee: hours with their tariff when they have one, the rest."""
    said = []
    if prevu.heures:
        tarif = round_to_cent(Fraction(prevu.montant_heures) / Fraction(prevu.heures))
        at = f"à {notation.euros(tarif)}"
        if round_to_cent(tarif * prevu.heures) != prevu.montant_heures:
            at = f"pour {notation.euros(prevu.montant_heures)}"
        said.append(f"{notation.heures(prevu.heures)} {at}")
    if prevu.montant_autres:
        said.append(f"autres aides {notation.euros(prevu.montant_autres)}")
    return ", ".join(said)


def _reported(releve: Releve) -> str:
    said = []
    if releve.heures is not None:
        said.append(notation.heures(releve.heures))
    if releve.facture is not None:
        said.append(f"facturé {notation.euros(releve.facture)}")
    return ", ".join(said) or "rien de déclaré"


def _precisions(part: PartMois, *, claimed: Decimal) -> Iterator[str]:
    """Say what the columns do not: what else bounds the due, and what is not claimed here."""
    if part.mesure is None:
        yield "aucun plan d’aide en vigueur ne prévoyait ce versement."
    elif abs(part.mesure.montant - part.du) > CENTIME:
        yield (
            "le dû tient aussi compte du plafond du plan, des jours dus (ouverture, "
            "hospitalisation, suspension, décès) et des autres versements du mois."
        )
    if part.mesure and part.mesure.plans > 1:
        yield (
            "plusieurs plans d’aide ont couru dans ce mois\u00a0: ce qui est prévu et le taux en "
            "sont la moyenne, selon leurs jours."
        )
    yield from _beside(part, claimed=claimed)


def _right_by_right(droit: DroitDuMois) -> Iterator[str]:
    """Say what each of several rights gives the payee: each has a plan of its own."""
    if droit.nomme and len(droit.periodes) > 1:
        given = (f"{notation.euros(due.part)} {_days(due.periode)}" for due in droit.periodes)
        yield f"cette part compte {', '.join(given)}, selon le plan de chaque période."


def _beside(part: PartMois, *, claimed: Decimal) -> Iterator[str]:
    """Say what of a month is not claimed here."""
    if part.constate:
        yield f"{notation.euros(part.constate)} de trop-versé sont constatés à part."
    if part.ecart > claimed:
        yield (
            f"le calcul donne {notation.euros(part.ecart - claimed)} de trop-versé de plus, que "
            "cette lettre ne réclame pas."
        )
