"""Rows for tests, made as the owner and never through the doors that are being tested."""

from datetime import date
from itertools import count
from typing import Any

from egide.kernel.access.models import Agent, Service
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.demande import Canal, NatureDemande
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.personne import Sexe, StatutNir
from egide.systems.apa_ash.normalisation import normalise_birth, normalise_name

_number = count(1)


def finder() -> Agent:
    """Give an agent of the house: who found a debt, where a test does not say it."""
    return Agent.objects.order_by("identifiant")[0]


def dossier(
    service: Service, *, nom: str = "Lefèvre", prenoms: str = "Jeanne", **fields: Any
) -> m.Dossier:
    """Create a file with its person, address, NIR and first request."""
    number = next(_number)
    values = {
        "numero": f"2026-{number:05d}",
        "etat": Etat.RECU,
        "ouvert_on": date(2026, 10, 12),
        "dernier_contact_on": date(2026, 10, 12),
        "departement_secours": "01",
    } | fields
    created = m.Dossier.objects.create(service=service, **values)
    bound = {"service": service, "dossier": created}
    m.Identite.objects.create(
        **bound,
        nom_naissance=nom,
        prenoms=prenoms,
        sexe=Sexe.FEMININ,
        naissance_on=date(1939, 3, 14),
        nom_normalise=normalise_name(nom, prenoms),
        naissance_normalisee=normalise_birth(nom, prenoms),
    )
    m.Nir.objects.create(**bound, nir="239039912345689", statut=StatutNir.DECLARE)
    m.Coordonnees.objects.create(
        **bound, adresse="3 rue des Lilas", code_postal="01000", commune="Bourg-en-Bresse"
    )
    m.Demande.objects.create(
        **bound,
        nature=NatureDemande.PREMIERE,
        canal=Canal.COURRIER,
        recue_on=values["ouvert_on"],
    )
    return created
