"""The volets of a person: who, where, with whom, under which protection, paid where."""

from dataclasses import dataclass
from datetime import date

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.names import (
    COMMUNES,
    LIENS,
    NOMS,
    ORGANISMES_TUTELAIRES,
    PRENOMS_F,
    PRENOMS_M,
    VOIES,
)
from egide.systems.apa_ash.demo.rows import Rows
from egide.systems.apa_ash.models.personne import Mesure, Sexe, SourceNir, StatutNir
from egide.systems.apa_ash.normalisation import normalise_birth, normalise_name

NIR_STATUTS = (
    (StatutNir.CERTIFIE, 70),
    (StatutNir.COHERENT, 14),
    (StatutNir.DECLARE, 8),
    (StatutNir.ABSENT, 4),
    (StatutNir.ATTENTE, 2),
    (StatutNir.REJETE, 2),
)


@dataclass(frozen=True, slots=True)
class Bound:
    """What every volet of a file carries."""

    dossier: m.Dossier

    def keys(self) -> dict[str, object]:
        """Give the columns that tie a row to its file."""
        return {"service_id": self.dossier.service_id, "dossier_id": self.dossier.pk}


@dataclass(frozen=True, slots=True)
class Person:
    """A person, where she lives, and who acts for her."""

    identite: m.Identite
    coordonnees: m.Coordonnees
    protection: m.Protection | None
    aidants: tuple[m.Aidant, ...]


def add_person(rows: Rows, chance: Chance, *, dossier: m.Dossier, age: int) -> Person:
    """Draw a person of an age on the day the file was opened, and those around them."""
    keys = Bound(dossier).keys()
    identite = _identite(chance, keys, born=_birth(chance, opened=dossier.ouvert_on, age=age))
    coordonnees = _coordonnees(chance, keys)
    rows.add(identite, _nir(chance, keys, identite, on=dossier.ouvert_on), coordonnees)
    carers = range(chance.weighted((0, 1, 2), weights=(45, 40, 15)))
    aidants = tuple(_aidant(chance, keys, nom=identite.nom) for _ in carers)
    rows.extend(aidants)
    protection = _protection(chance, keys, nom=identite.nom) if chance.one_in(11) else None
    if protection:
        rows.add(protection)
    return Person(identite, coordonnees, protection, aidants)


def add_compte(rows: Rows, chance: Chance, *, identite: m.Identite) -> None:
    """Give a person the account of their RIB."""
    rows.add(
        m.CompteBancaire(
            id=chance.uuid(),
            service_id=identite.service_id,
            dossier_id=identite.dossier_id,
            titulaire=identite.nom_complet,
            iban=chance.iban(),
        )
    )


def _birth(chance: Chance, *, opened: date, age: int) -> date:
    year = opened.year - age
    born = date(year, chance.whole(1, 12), chance.whole(1, 28))
    # Born a year before when the birthday is still to come, so that the age is exact.
    passed = (born.month, born.day) <= (opened.month, opened.day)
    return born if passed else born.replace(year=year - 1)


def _identite(chance: Chance, keys: dict[str, object], *, born: date) -> m.Identite:
    female = chance.whole(1, 100) <= 73  # noqa: PLR2004 -- about three quarters are women
    nom = chance.pick(NOMS)
    usage = chance.pick(NOMS) if female and not chance.one_in(3) else ""
    if chance.one_in(14):
        usage = f"{nom}-{chance.pick(NOMS)}"
    drawn = [chance.pick(PRENOMS_F if female else PRENOMS_M) for _ in range(2)]
    prenoms = " ".join(dict.fromkeys(drawn))
    return m.Identite(
        id=chance.uuid(),
        **keys,
        nom_naissance=nom,
        nom_usage=usage,
        prenoms=prenoms,
        sexe=Sexe.FEMININ if female else Sexe.MASCULIN,
        naissance_on=born,
        naissance_lieu=chance.pick(COMMUNES)[1],
        nom_normalise=normalise_name(usage or nom, prenoms),
        naissance_normalisee=normalise_birth(nom, prenoms),
    )


def _nir(chance: Chance, keys: dict[str, object], identite: m.Identite, *, on: date) -> m.Nir:
    statut = chance.weighted(
        [statut for statut, _ in NIR_STATUTS], weights=[weight for _, weight in NIR_STATUTS]
    )
    number = chance.nir(
        female=identite.sexe == Sexe.FEMININ,
        born=identite.naissance_on,
        temporary=statut == StatutNir.ATTENTE,
    )
    certified = statut == StatutNir.CERTIFIE
    return m.Nir(
        id=chance.uuid(),
        **keys,
        nir={StatutNir.ABSENT: "", StatutNir.DECLARE: number[:13]}.get(statut, number),
        statut=statut,
        verifie_on=on if certified else None,
        verifie_aupres=SourceNir.SNGI if certified else SourceNir.AUCUNE,
    )


def _coordonnees(chance: Chance, keys: dict[str, object]) -> m.Coordonnees:
    code_postal, commune = chance.pick(COMMUNES)
    return m.Coordonnees(
        id=chance.uuid(),
        **keys,
        adresse=f"{chance.whole(1, 140)} {chance.pick(VOIES)}",
        code_postal=code_postal,
        commune=commune,
        telephone=chance.phone(),
        courriel="" if chance.one_in(2) else f"personne.{chance.whole(1, 99999)}@courriel.example",
    )


def _aidant(chance: Chance, keys: dict[str, object], *, nom: str) -> m.Aidant:
    lien = chance.pick(LIENS)
    female = lien in {"fille", "conjointe", "nièce", "voisine", "sœur"}
    prenom = chance.pick(PRENOMS_F if female else PRENOMS_M)
    family = lien in {"fille", "fils", "conjoint", "conjointe"}
    return m.Aidant(
        id=chance.uuid(),
        **keys,
        nom=f"{prenom} {nom if family else chance.pick(NOMS)}",
        lien=lien,
        telephone=chance.phone(mobile=True),
    )


def _protection(chance: Chance, keys: dict[str, object], *, nom: str) -> m.Protection:
    mesure = chance.pick(tuple(Mesure))
    relative = mesure in {Mesure.HABILITATION_FAMILIALE, Mesure.MANDAT}
    who = f"{chance.pick(PRENOMS_F)} {nom}" if relative else chance.pick(ORGANISMES_TUTELAIRES)
    code_postal, commune = chance.pick(COMMUNES)
    return m.Protection(
        id=chance.uuid(),
        **keys,
        mesure=mesure,
        nom=who,
        adresse=f"{chance.whole(1, 140)} {chance.pick(VOIES)}\n{code_postal} {commune}",
        telephone=chance.phone(),
    )
