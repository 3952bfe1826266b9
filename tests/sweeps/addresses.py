"""Every address of the site, with what its view declared and the rows its ids name."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from egide.kernel.access.views import DECLARED, Declared

# Pages that no purpose opens: before sign-in, or that hold nothing of anybody.
PUBLIC = {"connexion": "sign-in", "theme.css": "the colour of an organisme, or the default"}
SIGNED_IN = {
    "": "sends to the day or to the sign-in",
    "deconnexion": "ends one's own session",
    "mot-de-passe": "one's own password",
    "conformite": "the clauses and their proofs: no personal data",
}

# What the first id of an address names, by the word before it.
NAMED = {
    "dossiers": "apa_ash.Dossier",
    "campagnes": "apa_ash.Campagne",
    "droits": "apa_ash.LigneCampagne",
    "comptes": "apa_ash.Dossier",
    "courriers": "apa_ash.Courrier",
    "a-signer": "apa_ash.ProjetDecision",
    "indus": "apa_ash.Indu",
    "remises": "apa_ash.Remise",
    "retraits": "apa_ash.Remise",
    "lots": "apa_ash.LotPaiement",
    "lignes": "apa_ash.Paiement",
    "fichiers": "apa_ash.FichierPaiement",
    "prestataires": "apa_ash.Prestataire",
    "habilitations": "access.Habilitation",
}
# What the last of several ids names, by its own name.
NAMED_LAST = {
    "plan_pk": "apa_ash.PlanAide",
    "ligne": "apa_ash.LignePlan",
    "aidant": "apa_ash.Aidant",
    "indu": "apa_ash.Indu",
    "sejour": "apa_ash.Interruption",
    "prestataire": "apa_ash.Prestataire",
    "projet_pk": "apa_ash.ProjetDecision",
    "facture": "apa_ash.Facture",
    "demande": "apa_ash.DemandeJustificatif",
    "relais_pk": "apa_ash.Relais",
    "aide": "apa_ash.AidePonctuelle",
}


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver."""

    pattern: str
    view: Callable[..., Any]

    @property
    def declared(self) -> Declared | None:
        return DECLARED.get(self.view)

    @property
    def holds_id(self) -> bool:
        return "<uuid:" in self.pattern

    @property
    def model(self) -> Any:
        word = self.pattern.split("/<uuid:")[0].split("/")[-1]
        return apps.get_model(NAMED[word])

    @property
    def deepest(self) -> str | None:
        """Give the model of the last id, where an address names a row of a row."""
        names = re.findall(r"<uuid:(\w+)>", self.pattern)
        return NAMED_LAST[names[-1]] if names[1:] else None

    def path(self, first: UUID | None = None, *more: UUID) -> str:
        """Fill the pattern: these ids first, random ones after, any word for a word."""
        ids = iter([first or uuid4(), *more])
        filled = re.sub(r"<uuid:\w+>", lambda _: str(next(ids, None) or uuid4()), self.pattern)
        return "/" + re.sub(r"<\w+:\w+>", "accord", filled)


def walk(resolver: Any = None, prefix: str = "") -> Iterator[Address]:
    """Walk the whole resolver."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry, pattern)
        elif isinstance(entry, URLPattern):
            yield Address(pattern, entry.callback)


ADDRESSES = list(walk())
DECLARED_ADDRESSES = [a for a in ADDRESSES if a.declared]
