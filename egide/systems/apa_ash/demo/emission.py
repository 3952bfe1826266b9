"""The accounts and the files of past runs, as they were issued."""

import hashlib

from django.db import connection

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.team import Team
from egide.systems.apa_ash.fichiers.virements import Virement, write_csv
from egide.systems.apa_ash.models.paiement import EtatLot, FormatFichier

ACCOUNTS = """
UPDATE apa_ash_paiement p SET titulaire = coalesce(s.nom, c.titulaire, ''),
    iban = coalesce(s.iban, c.iban, '')
FROM apa_ash_paiement q
LEFT JOIN apa_ash_prestataire s ON s.id = q.prestataire_id
LEFT JOIN apa_ash_comptebancaire c ON c.dossier_id = q.dossier_id AND q.prestataire_id IS NULL
WHERE q.id = p.id
"""
ASIDE = """
UPDATE apa_ash_paiement SET ecarte = true, anomalie = CASE WHEN prestataire_id IS NULL
    THEN 'compte_absent' ELSE 'service_sans_compte' END,
    examen = 'Compte demandé', examine_par_id = %s, verse_on = NULL
WHERE iban = ''
"""

COLUMNS = (
    *("mois_du", "dossier__numero", "titulaire", "prestataire__siret", "iban"),
    *("montant_brut", "retenue"),
)


def issue_past_runs(team: Team) -> None:
    """Write the account of each line; set aside what has none; keep the file of each run."""
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNTS)
        cursor.execute(ASIDE, [team.agents["paul"].pk])
    for lot in m.LotPaiement.objects.filter(etat=EtatLot.EMIS).order_by("mois", "pk"):
        lines = (
            m.Paiement.objects.filter(lot=lot, ecarte=False)
            .order_by("dossier__numero", "mois_du", "prestataire_id")
            .values_list(*COLUMNS)
        )
        contenu = write_csv(
            [
                Virement(
                    mois_du=mois_du,
                    dossier=numero,
                    beneficiaire=titulaire,
                    siret=siret or "",
                    iban=iban,
                    montant_brut=montant_brut,
                    retenue=retenue,
                )
                for mois_du, numero, titulaire, siret, iban, montant_brut, retenue in lines
            ],
            lot_id=lot.pk,
        )
        m.FichierPaiement.objects.create(
            service_id=lot.service_id,
            lot=lot,
            forme=FormatFichier.CSV,
            nom=f"apa-{lot.mois:%Y-%m}-{str(lot.pk)[:8]}.csv",
            empreinte=hashlib.sha256(contenu).hexdigest(),
            contenu=contenu,
        )
