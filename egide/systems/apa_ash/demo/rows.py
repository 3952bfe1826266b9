"""Insert rows by batches, each table in one statement, parents before children."""

from collections.abc import Iterable

from django.db import connection, models

from egide.systems.apa_ash import models as m

# Parents first, so that the references can be checked at the end of each batch.
ORDER: tuple[type[models.Model], ...] = (
    m.Prestataire,
    m.ReglementPrestataire,
    m.Import,
    m.Dossier,
    m.Identite,
    m.Nir,
    m.Coordonnees,
    m.Aidant,
    m.Conjoint,
    m.Protection,
    m.CompteBancaire,
    m.Succession,
    m.Demande,
    m.Piece,
    m.LitigeSecours,
    m.Ressources,
    m.LigneRessource,
    m.Visite,
    m.Evaluation,
    m.GrilleAggir,
    m.EvaluationBesoins,
    m.PlanAide,
    m.LignePlan,
    m.AidePonctuelle,
    m.Decision,
    m.Droit,
    m.Relais,
    m.ProjetDecision,
    m.Facture,
    m.Interruption,
    m.LotPaiement,
    m.Paiement,
    m.Prestation,
    m.Indu,
    m.Remboursement,
    m.Remise,
    m.DemandeJustificatif,
    m.Courrier,
    m.CompteurDossier,
)


class Rows:
    """The rows of one batch, by table."""

    def __init__(self) -> None:
        self._rows: dict[type[models.Model], list[models.Model]] = {kind: [] for kind in ORDER}

    def add(self, *rows: models.Model) -> None:
        """Keep rows for the next insertion."""
        for row in rows:
            self._rows[type(row)].append(row)

    def extend(self, rows: Iterable[models.Model]) -> None:
        """Keep many rows for the next insertion."""
        self.add(*rows)

    def insert(self) -> None:
        """Insert what was kept, check its references at once, and forget it."""
        for kind, rows in self._rows.items():
            if rows:
                kind._default_manager.bulk_create(rows)
                rows.clear()
        with connection.cursor() as cursor:
            # References deferred to the commit would pile up in memory over the batches.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
