"""What an agent may try against the triggers of a system, and what each attempt obtains."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import Error, connection, transaction

from egide.kernel.access.names import purpose_role
from egide.kernel.access.passage import sign
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.delais import echeance
from egide.rules.apa.plafonds import plafonds
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.controle import MOTIF_DECES
from egide.systems.apa_ash.models.gel import Gel
from egide.systems.apa_ash.models.plan import EtatPlan, ModeAide
from egide.systems.apa_ash.purposes import (
    CONTROLE,
    EVALUATION,
    INSTRUCTION,
    PAIEMENT,
    PURGE,
    REVALORISATION,
)
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import paiement_rows as rows
from tests.systems.apa_ash.situations import ressources

MOIS = today().replace(day=1)
BEFORE = previous_month(MOIS, back=3)
LOT = (
    "INSERT INTO apa_ash_lotpaiement (id, service_id, mois, etat, prepare_par_id, prepare_on)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s, access.today())"
)
LIGNE = (
    "INSERT INTO apa_ash_paiement (id, service_id, lot_id, dossier_id, droit_id, titulaire, iban,"
    " mois_du, montant_brut, retenue, anomalie, ecarte, examen, saisi_par_id, {more})"
    " SELECT gen_random_uuid(), c.service_id, %s, c.dossier_id, %s, c.titulaire, {iban}, %s, %s, 0,"
    " '', false, {examen}, c.saisi_par_id, {value} FROM apa_ash_comptebancaire c"
    " WHERE c.dossier_id = %s"
)
FORGED: tuple[dict[str, str], ...] = (
    {},
    {"iban": "'FR9'"},
    {"more": "relu_on", "value": "access.today()"},
    {"examen": "'vu'", "more": "examine_par_id", "value": "access.agent()"},
)
VALIDE = (
    "UPDATE apa_ash_lotpaiement SET etat = 'valide', valide_par_id = %s, valide_on = access.today()"
)
EMIS = "UPDATE apa_ash_lotpaiement SET etat = 'emis', emis_on = access.today()"
VU = "UPDATE apa_ash_paiement SET examen = 'vu', examine_par_id = %s"
FICHIER = (
    "INSERT INTO apa_ash_fichierpaiement (id, service_id, lot_id, forme, nom, empreinte, contenu)"
    " SELECT gen_random_uuid(), service, l.id, forme, 'x',"
    " coalesce(seal, encode(sha256(bytes), 'hex')), bytes FROM (SELECT %s::uuid AS service,"
    " %s::uuid AS lot, %s::text AS seal, 'csv' AS forme) given"
    f" JOIN apa_ash_lotpaiement l ON l.id = lot, LATERAL (SELECT {rows.TABLE_OF} AS bytes) b"
)
SEAL = None
COMPTE = (
    "INSERT INTO apa_ash_comptebancaire (id, service_id, dossier_id, titulaire, iban, saisi_on,"
    " saisi_par_id) VALUES (gen_random_uuid(), %s, %s, 'x', 'FR00', '2020-01-01', %s)"
)
COMPTE_READ = "SELECT saisi_on, saisi_par_id FROM apa_ash_comptebancaire WHERE dossier_id = %s"
COMPTE_KNOWN = "UPDATE apa_ash_comptebancaire SET saisi_on = access.today() - 9, saisi_par_id = %s"
PRESTATAIRE_KNOWN = (
    "UPDATE apa_ash_prestataire SET iban_saisi_on = access.today() - 9, iban_saisi_par_id = %s"
)
PRESTATAIRE = (
    "INSERT INTO apa_ash_prestataire (id, organisme_id, nom, siret, finess, adresse, tarif_horaire,"
    " iban, actif, iban_saisi_on, iban_saisi_par_id) VALUES (gen_random_uuid(), %s, 'Neuf',"
    " '73282932000074', '', '', 20, 'FR01', true, '2020-01-01', %s)"
)
PRESTATAIRE_READ = (
    "SELECT iban_saisi_on, iban_saisi_par_id FROM apa_ash_prestataire WHERE nom IN ('Neuf', %s)"
    " ORDER BY nom"
)
PLAN = (
    "INSERT INTO apa_ash_planaide (id, service_id, dossier_id, etat, gir, effet_on, definitif,"
    " observations) VALUES (gen_random_uuid(), %s, %s, %s, 2, access.today(), false, '')"
)
LIGNE_PLAN = (
    "INSERT INTO apa_ash_ligneplan (id, service_id, dossier_id, plan_id, nature, mode,"
    " volume_mensuel, unite, tarif)"
    " VALUES (gen_random_uuid(), %s, %s, %s, 'nuit', 'autre', 1, 'forfait', 100)"
)
PROPOSE = "UPDATE apa_ash_planaide SET etat = 'propose', envoye_on = {} WHERE id = %s"
REFUS = (
    "UPDATE apa_ash_planaide SET refus_prestataire_on = access.today(),"
    " refus_prestataire_par_id = %s WHERE id = %s"
)
REFUSE = "UPDATE apa_ash_planaide SET etat = 'refuse', reponse_on = {} WHERE id = %s"
ACCEPTE = "UPDATE apa_ash_planaide SET etat = 'accepte', reponse_on = access.today() WHERE id = %s"
DECISION = (
    "INSERT INTO apa_ash_decision (id, service_id, dossier_id, nature, prise_on, effet_on, motif,"
    " deja_verse, prise_par_id, plan_id)"
    " VALUES (%s, %s, %s, 'accord', access.today(), access.today(), 'x', 0, %s, %s)"
)
# The two months of a request that is complete since seventy days are over, whatever the month.
COMPLETED = today() - timedelta(days=70)
SILENCE = echeance("decision", COMPLETED) + timedelta(days=1)
LUMP = (
    DECISION.replace("'accord'", "'forfait_tacite'")
    .replace("access.today(), access.today()", f"access.today(), '{SILENCE}'")
    .replace("plan_id)", "plan_id, feuille)")
    .replace("%s, %s)", '%s, %s, \'{"montant": "9000", "plafond": "9000"}\')')
)
PROJET = (
    "INSERT INTO apa_ash_projetdecision (id, service_id, dossier_id, nature, code, motif,"
    " propose_on, propose_par_id, etat, renvoi, effet_on, fait_on, departement, plan_id, relais_id,"
    " apa, participation) VALUES (%s, %s, %s, {nature}, '', 'x', {on}, %s, {etat}, '', {effet},"
    " {fact}, '', {plan}, {relais}, {apa}, {part})"
)
PROPOSE_DAY = {
    "on": "access.today()",
    "etat": "'propose'",
    "nature": "'accord'",
    "effet": "NULL",
    "fact": "NULL",
    "plan": "NULL",
    "relais": "NULL",
    "apa": "400",
    "part": "0",
}
CLOS = (
    "UPDATE apa_ash_projetdecision SET etat = %s, renvoi = 'x', traite_on = access.today(),"
    " traite_par_id = access.agent()"
)
DECISION_NUE = DECISION.replace(", plan_id)", ")").replace("%s, %s)", "%s)")
CAMPAGNE = (
    "INSERT INTO apa_ash_campagne (id, service_id, effet_on, etat, provisoire, total, traites,"
    " notifies, lancee_par_id, lancee_on) VALUES (%s, %s, access.today(), %s, false, 1, 1, 0, %s,"
    " access.today())"
)
LIGNE_CAMPAGNE = (
    "INSERT INTO apa_ash_lignecampagne (id, service_id, campagne_id, dossier_id, droit_id,"
    " apa_avant, plan_apres, taux_apres, participation_apres, apa_apres, applique, notifie)"
    " VALUES (%s, %s, %s, %s, %s, 500, 1000, 0, 0, 500, true, false)"
)
REVALUED = (
    "INSERT INTO apa_ash_droit (id, service_id, dossier_id, decision_id, periode, gir, couple,"
    " ressources_mensuelles, plan_mensuel, taux_participation, participation, apa, forfait)"
    " SELECT gen_random_uuid(), service_id, dossier_id, %s, daterange(access.today(), NULL), gir,"
    " couple, ressources_mensuelles, plan_mensuel, 0, 0, 500, forfait FROM apa_ash_droit"
    " WHERE id = %s"
)
CERTIFIE = (
    "UPDATE apa_ash_nir SET nir = '239039912345689', statut = 'certifie',"
    " verifie_on = access.today(), verifie_aupres = 'sngi' WHERE dossier_id = %s"
)
DROIT = (
    "INSERT INTO apa_ash_droit (id, service_id, dossier_id, decision_id, periode, gir, couple,"
    " ressources_mensuelles, plan_mensuel, taux_participation, participation, apa, forfait)"
    " VALUES (gen_random_uuid(), %s, %s, %s, daterange(access.today(), NULL), 3,"
    " false, 0, %s, 0, 0, %s, %s)"
)
LUMP_RIGHT = DROIT.replace("(access.today(), NULL), 3", f"('{SILENCE}', NULL), 1")
FACTURE = (
    "INSERT INTO apa_ash_facture (id, service_id, dossier_id, {kind}, droit_id, reference,"
    " depense_on, montant, retenu, taux_participation, a_verser, saisie_on, saisie_par_id,"
    " retiree_on, retrait) VALUES (%s, %s, %s, %s, %s, 'F', access.today(), {sum}, {sum}, 0, {sum},"
    " access.today(), %s, {gone})"
)
RETRAIT = "UPDATE apa_ash_facture SET retiree_on = access.today(), retrait = 'x'"
RELAIS = (
    "INSERT INTO apa_ash_relais (id, service_id, dossier_id, aidant_id, entree_on, justificatif,"
    " justifie_on, objet, cout, etat, decision_id, plafond, retenu) VALUES (gen_random_uuid(), %s,"
    " %s, %s, access.today() - 1, 'bulletin', access.today(), 'x', 50, 'accorde', %s, 50, 50)"
)
ACCORDE = (
    "UPDATE apa_ash_relais SET etat = 'accorde', decision_id = %s, plafond = 50, retenu = 50,"
    " justificatif = 'bulletin', justifie_on = access.today()"
)
INDU = (
    "INSERT INTO apa_ash_indu (id, service_id, dossier_id, mois, motif, montant, recouvre,"
    " remis, retire, constate_on, constate_par_id, prescrit_on, etat) VALUES (gen_random_uuid(),"
    " %s, %s, date_trunc('month', access.today())::date, 'x', 100, {recouvre}, {remis}, {retire},"
    " {day}, access.agent(), access.today() + {barred}, '{etat}')"
)
REMISE = (
    "INSERT INTO apa_ash_remise (id, service_id, dossier_id, indu_id, origine, demandee_on,"
    " demandee_par_id, motif, etat, decidee_on, decidee_par_id, motif_decision, nature, fondement)"
    " SELECT gen_random_uuid(), service_id, dossier_id, id, 'debiteur', {day}, {by}, 'x',"
    " {decided}, {nature}"
    " FROM apa_ash_indu"
)
DECIDE = (
    "UPDATE apa_ash_remise SET etat = 'accordee', montant = {sum}, decidee_on = {day},"
    " decidee_par_id = {by}, motif_decision = 'x'"
)
REMITTED = "UPDATE apa_ash_indu SET remis = {}, etat = '{}'"
WITHDRAWN = "UPDATE apa_ash_indu SET retire = {}, etat = '{}'"
REMISSION, WITHDRAWAL = "'remise', ''", "'retrait', 'du'"
REMBOURSE = (
    "INSERT INTO apa_ash_remboursement (id, service_id, dossier_id, indu_id, montant, recu_on,"
    " saisi_par_id) VALUES (gen_random_uuid(), %s, %s, %s, 100, access.today(), %s)"
)
MONTH_AFTER = "(date_trunc('month', access.today()) + interval '1 month')::date"
SUSPENDED = (
    "INSERT INTO apa_ash_interruption (id, service_id, dossier_id, nature, periode, motif)"
    " VALUES (gen_random_uuid(), %s, %s, 'suspension', {}, '')"
)
STOPPED = "UPDATE apa_ash_interruption SET periode = {} WHERE dossier_id = %s"
NOTICE = (
    "INSERT INTO apa_ash_courrier"
    " (id, service_id, dossier_id, motif, destinataire, nom_destinataire, succession, nature,"
    " cree_on, empreinte, pdf, poste_on, poste_constate_on, poste_par_id, regularisee_on,"
    " constatee_on, constatee_par_id) VALUES (gen_random_uuid(), %s, %s, '', '', '', false,"
    " '{nature}',"
    " access.today() - {written}, encode(sha256('x'), 'hex'), 'x', access.today() - {left},"
    " access.today() - {noted}, {by}, {right}, {right}, {said})"
)
REGLEMENT = (
    "INSERT INTO apa_ash_reglementprestataire (id, organisme_id, prestataire_id, depuis, mode)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s)"
)
DEMANDE = (
    "INSERT INTO apa_ash_demande (id, service_id, dossier_id, nature, canal, recue_on, complete_on,"
    " accuse_on, residence_stable, urgence_attestee_par, reference_externe) VALUES"
    " (gen_random_uuid(), %s, %s, 'premiere', 'courrier', access.today() - 60, {complete},"
    " {accuse}, true, '', '')"
)
PIECE = (
    "INSERT INTO apa_ash_piece (id, service_id, dossier_id, demande_id, code, recue_on)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s, {recue})"
)
COMPLETE = "UPDATE apa_ash_demande SET complete_on = recue_on + {} WHERE dossier_id = %s"
ACCUSE = "UPDATE apa_ash_demande SET accuse_on = {} WHERE dossier_id = %s"
RECUE = "UPDATE apa_ash_piece SET recue_on = access.today() - %s WHERE dossier_id = %s"
RESSOURCES = (
    "INSERT INTO apa_ash_ressources (id, service_id, dossier_id, annee_reference, couple, source,"
    " recueillies_on, ressources_mensuelles, neutralisation, en_vigueur)"
    " VALUES (%s, %s, %s, 2025, false, 'avis', access.today(), 900, '', {})"
)
LIGNE_RESSOURCE = (
    "INSERT INTO apa_ash_ligneressource (id, service_id, dossier_id, ressources_id, nature,"
    " conjoint, montant_annuel, montant_retenu)"
    " VALUES (gen_random_uuid(), %s, %s, %s, 'pension', false, 1, 1)"
)
VISITE = (
    "INSERT INTO apa_ash_visite (id, service_id, dossier_id, evaluateur_id, prevue_on, creneau,"
    " realisee_on) VALUES (gen_random_uuid(), %s, %s, %s, access.today(), '', {})"
)
EVALUATION_OF = (
    "INSERT INTO apa_ash_evaluation (id, service_id, dossier_id, faite_on, gir, auteur_id)"
    " VALUES (%s, %s, %s, access.today(), 2, %s)"
)
GRILLE = (
    "INSERT INTO apa_ash_grilleaggir (id, service_id, dossier_id, evaluation_id, adverbes, lettres,"
    " groupe, sommes, rang, version, observations,"
    " illustratives)"
    " VALUES (gen_random_uuid(), %s, %s, %s, '{}', 'A', 'A', '{}', 1, 'x', '', '{}')"
)
COURRIER = (
    "INSERT INTO apa_ash_courrier"
    " (id, service_id, dossier_id, motif, destinataire, nom_destinataire, succession, nature,"
    " cree_on, empreinte, pdf)"
    " VALUES (gen_random_uuid(), %s, %s, '', '', '', false, 'accuse_reception', {},"
    " encode(sha256('x'), 'hex'), 'x')"
)
PERIODE = "UPDATE apa_ash_droit SET periode = {} WHERE dossier_id = %s"
FIN = "UPDATE apa_ash_dossier SET fin_droit_on = {} WHERE id = %s"
CONTACT = "UPDATE apa_ash_dossier SET dernier_contact_on = {} WHERE id = %s"
CHANGES = (
    "SELECT model, operation, fields, differences::text, cardinality(row_ids), subjects, purpose"
    " FROM audit.change WHERE agent_id IS NOT NULL ORDER BY at, model"
)
Step = tuple[Any, ...]


def owner(query: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def figure(nom: str, *, on: date | None = None) -> Decimal:
    """Give a ceiling of the law, as it is today or was on a day."""
    return plafonds()[nom](on or today())


def named(pk: Any) -> str:
    """Write a key, or none, as SQL."""
    return f"'{pk}'" if pk else "NULL"


class Scene:
    """Rows that the owner prepares, and the attempts of agents upon them."""

    def __init__(self, team: Any) -> None:
        self.team = team
        aide = rows.prestataire(team.departement)
        self.aide = aide
        self.paye = rows.payable(team.nord, start=BEFORE, apa="500.00", iban="FR1")
        m.Droit.objects.filter(dossier=self.paye).update(taux_participation=0)
        self.droit = m.Droit.objects.get(dossier=self.paye)
        sent = {"envoye_on": today(), "reponse_on": today()}
        m.PlanAide.objects.filter(dossier=self.paye).update(**sent)
        complete = {"recue_on": COMPLETED, "complete_on": COMPLETED, "accuse_on": COMPLETED}
        m.Demande.objects.filter(dossier=self.paye).update(**complete)
        self.ressources = ressources(self.paye, montant="0.00", on=today())
        self.lot = m.LotPaiement.objects.create(
            service=team.nord, mois=MOIS, etat="prepare", prepare_par=team.paul, prepare_on=today()
        )
        self.ligne = self.line(self.paye, self.droit)
        self.sans = rows.payable(team.nord, start=BEFORE, apa="400.00", iban="FR1")
        self.sans_compte = self.line(
            self.sans, m.Droit.objects.get(dossier=self.sans), titulaire="", iban="",
            anomalie="compte_absent", ecarte=True, examen="x", examine_par=team.paul,
        )  # fmt: skip
        self.nu = factories.dossier(team.nord, nom="Nu")
        self.plan = m.PlanAide.objects.create(
            service=team.nord, dossier=self.nu, etat=EtatPlan.BROUILLON, gir=1, effet_on=today()
        )
        bound = {"service": team.nord, "dossier": self.paye}
        self.aidant = m.Aidant.objects.create(**bound, nom="x", lien="x")
        self.accueil = m.AidePonctuelle.objects.create(
            **bound, plan=self.droit.decision.plan, nature="repit", objet="x", montant=100
        )
        self.relais = m.Relais.objects.create(
            **bound, aidant=self.aidant, entree_on=today(), objet="x", cout=50, etat="demande"
        )
        self.indu = m.Indu.objects.create(
            **bound, mois=BEFORE, motif=MOTIF_DECES, montant=100, constate_on=today(),
            constate_par=team.carole, prescrit_on=MOIS.replace(year=MOIS.year + 2), etat="constate",
        )  # fmt: skip
        self.gel = Gel.objects.create(
            service=team.nord, dossier=self.nu, motif="recours", jusqu_on=today(),
            pose_on=today(), pose_par=team.remi,
        )  # fmt: skip

    def line(self, dossier: m.Dossier, droit: m.Droit, **more: Any) -> m.Paiement:
        known = m.CompteBancaire.objects.get(dossier=dossier)
        values = {"iban": known.iban, "titulaire": known.titulaire} | more
        return m.Paiement.objects.create(
            service=self.team.nord, dossier=dossier, lot=self.lot, droit=droit, mois_du=MOIS,
            montant_brut=droit.apa, **values,
        )  # fmt: skip

    def obtain(self) -> list[list[Any]]:
        """Give what each attempt obtains, step by step."""
        self.tried = list(self.attempts())
        return [self.play(steps) for steps in self.tried]

    def differs(self, obtained: list[list[Any]], *, without: str, mutant: str) -> bool:
        """Tell whether some attempt obtains something else without a guard; one is enough.

        Those that the guard refused by the name of its constraint are tried first; those that its
        function refused, where the guard names none.
        """
        first = self.met(obtained, by=without) or self.met(obtained, by=mutant)
        others = [pair for pair in zip(self.tried, obtained, strict=True) if pair not in first]
        return any(self.play(steps) != before for steps, before in [*first, *others])

    def allows(self, obtained: list[list[Any]], *, without: str) -> bool:
        """Tell whether some attempt that met a guard passes without a leg of it."""
        return any(self.play(steps) != before for steps, before in self.met(obtained, by=without))

    def met(self, obtained: list[list[Any]], *, by: str) -> list[tuple[list[Step], list[Any]]]:
        """Give the attempts that a guard refused, or that it wrote in, where it refuses nothing."""
        pairs = list(zip(self.tried, obtained, strict=True))[::-1]
        names = set(re.findall(r"CONSTRAINT = '(\w+)'", by))
        if names:
            return [pair for pair in pairs if not names.isdisjoint(map(str, pair[1]))]
        tables = re.findall(r"^\s+ON public\.(\w+)|UPDATE ON public\.(\w+)", by, re.MULTILINE)
        named = [name for found in tables for name in found if name]
        return [pair for pair in pairs if any(name in str(pair[0]) for name in named)]

    def attempts(self) -> Iterator[list[Step]]:
        for of_a_kind in self.kinds():
            yield from of_a_kind()

    def kinds(self) -> list[Callable[[], Iterator[list[Step]]]]:
        runs = [self.dated, self.runs, self.examinations, self.silences, self.issues, self.accounts]
        money = [self.debts, self.ceilings, self.means, self.revaluations, self.invoices]
        files = [
            self.plans,
            self.rights,
            self.endings,
            self.stops,
            self.notices,
            self.signatures,
            self.stopped,
            self.begun,
            self.evidence,
            self.names,
            self.numbers,
        ]
        return [*runs, *money, *files]

    def record(self) -> list[list[Any]]:
        """Give what each attempt leaves in the trail."""
        return [self.play(steps) for steps in self.writes()]

    def runs(self) -> Iterator[list[Step]]:
        t, nord = self.team, self.team.nord.pk
        paul, remi = ("paul", PAIEMENT), ("remi", PAIEMENT)
        valide = ("owner", VALIDE, t.remi.pk)
        yield [(*paul, "DELETE FROM apa_ash_lotpaiement WHERE id = %s", self.lot.pk)]
        yield [(*paul, LOT, nord, BEFORE, "prepare", t.remi.pk)]
        yield [(*paul, LOT, nord, MOIS.replace(year=MOIS.year + 5), "prepare", t.paul.pk)]
        yield [(*paul, LOT, nord, BEFORE, "prepare", t.paul.pk)]
        given_up = "UPDATE apa_ash_lotpaiement SET etat = 'abandonne'"
        yield [(*remi, given_up), (*remi, VALIDE, t.remi.pk)]
        yield [(*paul, VALIDE, t.remi.pk)]
        yield [("owner", VU, t.remi.pk), (*remi, VALIDE, t.remi.pk)]
        yield [("owner", "UPDATE apa_ash_paiement SET saisi_par_id = %s", t.remi.pk),
               (*remi, VALIDE, t.remi.pk)]  # fmt: skip
        yield [valide, (*remi, EMIS), (*paul, EMIS)]
        yield [valide, (*remi, "UPDATE apa_ash_lotpaiement SET valide_on = '2020-01-01'")]
        for lot in ([], [valide]):
            for more in FORGED:
                wanted = {"more": "verse_on", "value": "NULL", "iban": "c.iban", "examen": "''"}
                line = LIGNE.format(**wanted | more)
                values = (self.lot.pk, self.droit.pk, BEFORE, 500, self.paye.pk)
                yield [*lot, (*paul, line, *values)]
                yield [*lot, (*paul, line, *values[:3], "500.02", self.paye.pk)]
            yield [*lot, (*paul, VU, t.paul.pk), (*paul, VU, t.remi.pk)]
            yield from ([*lot, file] for file in self.written())
        # A line prepared within its right, which an owner's hand makes dearer: seen when validated.
        dearer = "UPDATE apa_ash_paiement SET montant_brut = 900"
        yield [("owner", dearer), (*remi, VALIDE, t.remi.pk)]
        yield [("owner", "UPDATE apa_ash_paiement SET anomalie = 'compte_modifie'"),
               ("owner", "UPDATE apa_ash_comptebancaire SET saisi_par_id = %s", t.remi.pk),
               (*remi, VU + " WHERE id = %s", t.remi.pk, self.ligne.pk)]  # fmt: skip

    def written(self) -> Iterator[Step]:
        """The table of the run, under another seal, with another line, and no transfers at all."""
        file = ("remi", PAIEMENT, FICHIER, self.team.nord.pk, self.lot.pk)
        yield (*file, SEAL)
        yield (*file, "0" * 64)
        for told in ("p.iban", "p.montant_brut", "d.numero"):
            yield (*file[:2], FICHIER.replace(f"{told},", "'1',", 1), *file[3:], SEAL)
        sepa = FICHIER.replace("'csv' AS forme", "'sepa' AS forme")
        yield (*file[:2], sepa, *file[3:], SEAL)

    def examinations(self) -> Iterator[list[Step]]:
        """What another said is erased, or said again; a run with something left is validated."""
        t = self.team
        paul, remi = ("paul", PAIEMENT), ("remi", PAIEMENT)
        said = "UPDATE apa_ash_paiement SET {} WHERE id = %s"
        ligne = self.ligne.pk
        by_remi = ("owner", VU + " WHERE id = %s", t.remi.pk, ligne)
        aside = "ecarte = true, examen = 'non', examine_par_id = access.agent()"
        for change in ("examen = 'v', examine_par_id = access.agent()", aside):
            yield [by_remi, (*paul, said.format(change), ligne)]
        yield [by_remi, (*remi, said.format("examen = '', examine_par_id = NULL"), ligne)]
        valide = (*remi, VALIDE, t.remi.pk)
        for left in ("anomalie = 'hausse'", "iban = ''", "anomalie = 'heures_non_recues'"):
            yield [("owner", said.format(left), ligne), valide]
        yield [(*paul, said.format(aside), ligne), valide]
        yield [valide]

    def silences(self) -> Iterator[list[Step]]:
        """A death, a suspension or an amount above the law is kept without a word."""
        t, ligne = self.team, self.ligne.pk
        valide = ("remi", PAIEMENT, VALIDE, t.remi.pk)
        said = "UPDATE apa_ash_paiement SET anomalie = %s, examen = 'vu', examine_par_id = %s"
        dead = ("owner", "UPDATE apa_ash_identite SET deces_on = access.today()")
        stop = "daterange(date_trunc('month', access.today())::date, {})"
        dear = "UPDATE apa_ash_{} SET {} WHERE id = %s"
        above = [("owner", dear.format("droit", "apa = 9000, plan_mensuel = 9000"), self.droit.pk),
                 ("owner", dear.format("paiement", "montant_brut = 9000"), ligne)]  # fmt: skip
        for before, word in (([dead], "deces"), (above, "au_dessus_du_plafond")):
            for seen in ("rappel", word):
                words = ("owner", f"{said} WHERE id = %s", seen, t.paul.pk, ligne)
                yield [*before, words, valide]
        for end in ("NULL", "date_trunc('month', access.today())::date + 9"):
            nord, paye = t.nord.pk, self.paye.pk
            yield [("owner", SUSPENDED.format(stop.format(end)), nord, paye), valide]

    def issues(self) -> Iterator[list[Step]]:
        """A run is issued on another day than its lines, or given up once its file is written."""
        nord = self.team.nord.pk
        remi, valide = ("remi", PAIEMENT), ("owner", VALIDE, self.team.remi.pk)
        filed = (*remi, FICHIER, nord, self.lot.pk, SEAL)
        dated = "UPDATE apa_ash_paiement SET verse_on = {} WHERE NOT ecarte"
        paid = (*remi, dated.format("access.today()"))
        yield [valide, paid]
        yield [valide, filed, (*remi, dated.format("access.today() - 90"))]
        yield [valide, filed, (*remi, EMIS)]
        yield [valide, filed, paid, (*remi, EMIS.replace("= access.today()", "= '2020-01-01'"))]
        yield [valide, filed, paid, (*remi, EMIS)]
        given_up = (*remi, "UPDATE apa_ash_lotpaiement SET etat = 'abandonne'")
        yield [valide, given_up]
        yield [valide, filed, given_up]

    def debts(self) -> Iterator[list[Step]]:
        """A debt goes where it does not lead, is repaid by nobody, remitted or withdrawn alone."""
        nord = self.team.nord.pk
        carole, paul, remi = ("carole", CONTROLE), ("paul", PAIEMENT), ("remi", INSTRUCTION)
        paid = ("owner", "UPDATE apa_ash_paiement SET verse_on = access.today() WHERE NOT ecarte")
        begins = {"etat": "constate", "recouvre": 0, "remis": 0, "retire": 0,
                  "day": "access.today()", "barred": 731}  # fmt: skip
        for more in ({}, {"etat": "notifie"}, {"recouvre": 9}, {"remis": 9}, {"retire": 9},
                     {"barred": 3_000}, {"barred": 700}, {"etat": "non_recouvre"},
                     {"day": "access.today() - 2"}):  # fmt: skip
            yield [paid, (*carole, INDU.format(**begins | more), nord, self.paye.pk)]
        yield [(*carole, INDU.format(**begins), nord, self.paye.pk)]
        # Paid long ago: barred as it is found, or in the days that follow.
        old = (paid[0], paid[1].replace("access.today()", "access.today() - 720"))
        for left in (-1, 0, 10, 11):
            long_ago = (old[0], old[1].replace("720", "735")) if left <= 0 else old
            yield [
                long_ago,
                (*carole, INDU.format(**begins | {"barred": left}), nord, self.paye.pk),
            ]
        change = "UPDATE apa_ash_indu SET {}".format
        notifie, whole = "etat = 'notifie'", "etat = 'recouvre', recouvre = montant"
        noted = ("owner", change(notifie))
        for who, states in (
            (
                carole,
                ("etat = 'non_recouvre'", notifie, whole, "etat = 'remis'", "etat = 'retire'"),
            ),
            (paul, (notifie, "etat = 'non_recouvre'")),
            (remi, ("etat = 'retire'", "etat = 'non_recouvre'", notifie)),
        ):
            for state in states:
                yield [(*who, change(state))]
                yield [noted, (*who, change(state))]
        for partly in ("etat = 'recouvre', recouvre = 50", "recouvre = montant", "recouvre = 50"):
            yield [noted, (*carole, change(partly))]
        yield from self.claims(noted)
        yield from self.repayments(noted, change(whole))
        yield from self.taken_back(noted, change(whole))
        yield from self.remissions(noted)
        yield from self.withdrawals(noted)

    def claims(self, noted: Step) -> Iterator[list[Step]]:
        """A claim proposed in another name or on another day, signed by the hand that made it."""
        t = self.team
        carole, remi, alice = ("carole", CONTROLE), ("remi", INSTRUCTION), ("alice", INSTRUCTION)
        change = "UPDATE apa_ash_indu SET {}".format

        def propose(day: str = "access.today()", by: str = "access.agent()") -> str:
            return change(f"etat = 'propose', propose_on = {day}, propose_par_id = {by}")

        written = COURRIER.format("access.today()").replace("'accuse_reception'", "'indu'")
        letter = (*remi, written, t.nord.pk, self.paye.pk)
        signed = "etat = 'notifie', notification_id = (SELECT id FROM apa_ash_courrier)"
        proposed, sign = (*carole, propose()), change(signed)
        yield [proposed]
        yield [(*carole, propose(by=f"'{t.remi.pk}'"))]
        yield [(*carole, propose(day="access.today() - 9"))]
        yield [noted, proposed]
        yield [(*carole, propose().replace("etat = 'propose', ", ""))]
        for who in (carole, alice, remi):
            yield [proposed, letter, (*who, sign)]
        for other in (
            written.replace("'indu'", "'accuse_reception'"),
            written.replace("access.today()", "access.today() - 2"),
        ):
            yield [proposed, ("owner", other, t.nord.pk, self.paye.pk), (*remi, sign)]
        yield [proposed, letter, (*remi, change("etat = 'notifie'"))]
        mine = ("owner", "UPDATE apa_ash_indu SET {} = %s", t.remi.pk)
        for column in ("constate_par_id", "propose_par_id"):
            yield [proposed, letter, (mine[0], mine[1].format(column), mine[2]), (*remi, sign)]
        yield [proposed, (*remi, change("etat = 'constate', suite = 'x'"))]
        dropped = (*carole, change("etat = 'retire', suite = 'x'"))
        yield [(*carole, change("etat = 'retire'"))]
        for before in ([], [proposed], [noted]):
            yield [*before, dropped]
        for who in (carole, alice, remi):
            yield [(*who, written, t.nord.pk, self.nu.pk)]
        yield from self.claims_of_the_dead([proposed, letter, (*remi, sign)])

    def claims_of_the_dead(self, signed: list[Step]) -> Iterator[list[Step]]:
        """A claim is taken up again though somebody read it, or by the hand that made it."""
        t = self.team
        remi, alice, carole = ("remi", INSTRUCTION), ("alice", INSTRUCTION), ("carole", CONTROLE)
        dead = "UPDATE apa_ash_identite SET deces_on = access.today() WHERE dossier_id = %s"
        died = ("owner", dead, self.paye.pk)
        recall = "UPDATE apa_ash_indu SET etat = 'propose', notification_id = NULL"
        for who in (remi, alice, carole):
            yield [*signed, died, (*who, recall)]
        for changed in (
            f"apa_ash_indu SET constate_par_id = '{t.remi.pk}'",
            f"apa_ash_indu SET propose_par_id = '{t.remi.pk}'",
            "apa_ash_indu SET recouvre = 10",
            "apa_ash_indu SET notification_id = NULL",
            (
                "apa_ash_courrier SET (poste_on, poste_constate_on, poste_par_id)"
                f" = (access.today(), access.today(), '{t.remi.pk}')"
            ),
            "apa_ash_courrier SET destinataire = 'x'",
            "apa_ash_courrier SET succession = true",
            "apa_ash_identite SET deces_on = NULL",
        ):
            yield [*signed, died, ("owner", f"UPDATE {changed}"), (*remi, recall)]
        estate = ("owner", "UPDATE apa_ash_courrier SET succession = true")
        yield [*signed, estate, (*remi, recall)]
        elsewhere = ("owner", dead, self.sans.pk)
        yield [*signed, elsewhere, (*remi, recall)]
        yield [*signed, died, (*remi, recall.removesuffix(", notification_id = NULL"))]
        yield [*signed, (*remi, "UPDATE apa_ash_indu SET notification_id = NULL")]

    def remissions(self, noted: Step) -> Iterator[list[Step]]:
        """A remission asked or decided by the wrong hand, on another day, of more than is left."""
        t = self.team
        carole, remi, alice = ("carole", CONTROLE), ("remi", INSTRUCTION), ("alice", INSTRUCTION)
        nobody = "'demandee', NULL, NULL, ''"
        asks = REMISE.format(
            day="access.today()", by="access.agent()", decided=nobody, nature=REMISSION
        )
        asked = (*carole, asks)
        yield [asked]
        yield [noted, (*carole, REMISE.format(day="access.today() + 1", by="access.agent()",
                                              decided=nobody, nature=REMISSION))]  # fmt: skip
        refused = f"'refusee', access.today(), '{t.remi.pk}', 'x'"
        yield [noted, (*carole, REMISE.format(day="access.today()", by="access.agent()",
                                              decided=refused, nature=REMISSION))]  # fmt: skip

        def decide(montant: str, *, day: str = "access.today()", by: str = "access.agent()") -> str:
            return DECIDE.format(sum=montant, day=day, by=by)

        for who in (carole, alice, remi):
            yield [noted, asked, (*who, decide("40"))]
        for how in (decide("100.01"), decide("40", day="'2020-01-01'"),
                    decide("40", by=f"'{t.paul.pk}'")):  # fmt: skip
            yield [noted, asked, (*remi, how)]
        yield [noted, asked, (*remi, decide("40")), (*remi, decide("50"))]
        settled = ("owner", "UPDATE apa_ash_indu SET etat = 'recouvre', recouvre = montant")
        yield [noted, asked, settled, (*remi, decide("40"))]
        mine = ("owner", "UPDATE {} = %s", t.remi.pk)
        for column in ("apa_ash_indu SET constate_par_id", "apa_ash_remise SET demandee_par_id"):
            yield [noted, asked, (mine[0], mine[1].format(column), mine[2]), (*remi, decide("40"))]
        for granted, left in (("40", "notifie"), ("41", "notifie"), ("40", "remis")):
            taken = (*remi, REMITTED.format(granted, left))
            yield [noted, asked, taken]
            yield [noted, asked, (*remi, decide("40")), taken]
        yield [noted, asked, (*remi, decide("100")), (*remi, REMITTED.format("100", "notifie"))]
        yield [noted, asked, (*remi, decide("100")), (*remi, REMITTED.format("100", "remis"))]

    def withdrawals(self, noted: Step) -> Iterator[list[Step]]:
        """A withdrawal of the wrong debt, of more than is owed, or by the hand that asked it."""
        carole, remi, alice = ("carole", CONTROLE), ("remi", INSTRUCTION), ("alice", INSTRUCTION)
        asked = (
            *carole,
            REMISE.format(
                day="access.today()",
                by="access.agent()",
                decided="'demandee', NULL, NULL, ''",
                nature=WITHDRAWAL,
            ),
        )

        def decide(montant: str) -> Step:
            return (*remi, DECIDE.format(sum=montant, day="access.today()", by="access.agent()"))

        yield [asked]
        withdrawn = ("owner", "UPDATE apa_ash_indu SET etat = 'retire', retire = montant")
        yield [withdrawn, asked]
        yield [noted, asked, decide("100.01")]
        for who in (carole, alice):
            yield [noted, asked, (*who, decide("40")[-1])]
        repaid = ("owner", "UPDATE apa_ash_indu SET etat = 'recouvre', recouvre = montant")
        for before in (noted, repaid):
            left = "notifie" if before is noted else "recouvre"
            for granted, state in (("40", left), ("41", left), ("40", "retire")):
                taken = (*remi, WITHDRAWN.format(granted, state))
                yield [before, taken]
                yield [before, asked, decide("40"), taken]
            whole = [before, asked, decide("100")]
            yield [*whole, (*remi, WITHDRAWN.format("100", left))]
            yield [*whole, (*remi, WITHDRAWN.format("100", "retire"))]
            yield [*whole, (*remi, REMITTED.format("100", "remis"))]
        back = (*remi, WITHDRAWN.format("0", "notifie"))
        yield [noted, asked, decide("40"), (*remi, WITHDRAWN.format("40", "notifie")), back]
        partly = [noted, asked, decide("40"), (*remi, WITHDRAWN.format("40", "notifie"))]
        beyond = "UPDATE apa_ash_indu SET recouvre = {}, etat = 'recouvre'"
        received = ("owner", REMBOURSE, self.team.nord.pk, self.paye.pk, self.indu.pk,
                    self.team.carole.pk)  # fmt: skip
        for sum_ in ("60", "60.01"):
            yield [*partly, received, (*carole, beyond.format(sum_))]
        yield [*partly, received, (*carole, "UPDATE apa_ash_indu SET recouvre = 60")]

    def repayments(self, noted: Step, whole: str) -> Iterator[list[Step]]:
        """A debt counts what a run withheld, or what was received; a death undone withdraws it."""
        t, nord = self.team, self.team.nord.pk
        carole, paul, remi = ("carole", CONTROLE), ("paul", PAIEMENT), ("remi", PAIEMENT)
        received = (*carole, REMBOURSE, nord, self.paye.pk, self.indu.pk, t.carole.pk)
        yield [noted, received, (*carole, whole)]
        withheld = ("owner", "UPDATE apa_ash_paiement SET retenue = 100 WHERE NOT ecarte")
        valide = ("owner", VALIDE, t.remi.pk)
        yield [noted, withheld, (*paul, whole)]
        yield [noted, withheld, valide, (*paul, whole)]
        abandon = (*remi, "UPDATE apa_ash_lotpaiement SET etat = 'abandonne'")
        back = "UPDATE apa_ash_indu SET etat = 'notifie', recouvre = 0"
        yield [noted, withheld, valide, (*paul, whole), abandon]
        yield [noted, withheld, valide, (*paul, whole), (*paul, back), abandon]
        part = ("owner", "UPDATE apa_ash_indu SET etat = 'remis', recouvre = 60, remis = 40")
        for left in ("recouvre = 0", "etat = 'notifie'", "etat = 'notifie', recouvre = 59"):
            yield [part, (*paul, f"UPDATE apa_ash_indu SET {left}")]
        head = ("remi", INSTRUCTION)
        retire = "UPDATE apa_ash_indu SET etat = 'retire'"
        died, undone = self.mistaken(json.dumps({}))
        yield [died, undone, (*head, retire)]
        # An end that keeps nothing is no death, and one recorded since opened no debt.
        yield [*self.mistaken(None), (*head, retire)]
        later = ("owner", "UPDATE apa_ash_indu SET constate_on = access.today() - 1")
        yield [later, died, undone, (*head, retire)]
        other = ("owner", "UPDATE apa_ash_indu SET motif = 'Heures'")
        yield [other, died, undone, (*head, retire)]

    def mistaken(self, kept: str | None) -> tuple[Step, Step]:
        """An end, what it keeps, and the decision that undoes it: written by the owner."""
        nord, paye, alice, end = self.team.nord.pk, self.paye.pk, self.team.alice.pk, uuid4()
        query = DECISION.replace("%s, %s)", "%s, %s, %s)").replace("plan_id)", "plan_id, {})")
        fin, undo = (
            query.replace("'accord'", f"'{nature}'").format(column)
            for nature, column in (("fin", "avant"), ("annulation", "annule_id"))
        )
        return (
            ("owner", fin, end, nord, paye, alice, None, kept),
            ("owner", undo, uuid4(), nord, paye, alice, None, end),
        )

    def taken_back(self, noted: Step, whole: str) -> Iterator[list[Step]]:
        """What was given is taken off its debt, or a run that nobody counted is issued."""
        t, nord = self.team, self.team.nord.pk
        carole, paul, remi = ("carole", CONTROLE), ("paul", PAIEMENT), ("remi", PAIEMENT)
        received = (*carole, REMBOURSE, nord, self.paye.pk, self.indu.pk, t.carole.pk)
        withheld = ("owner", "UPDATE apa_ash_paiement SET retenue = 100 WHERE NOT ecarte")
        valide = ("owner", VALIDE, t.remi.pk)
        back = "UPDATE apa_ash_indu SET etat = 'notifie', recouvre = 0"
        abandon = "UPDATE apa_ash_lotpaiement SET etat = 'abandonne'"
        both = f"WITH up AS ({abandon}) {back}"
        for left in ("0", "1"):
            at_once = (*paul, both.replace("recouvre = 0", f"recouvre = {left}"))
            yield [noted, withheld, valide, (*paul, whole), at_once]
        yield [noted, received, (*carole, whole), (*paul, back)]
        yield [noted, received, (*carole, whole), (*carole, back)]
        filed = (*remi, FICHIER, nord, self.lot.pk, SEAL)
        paid = (*remi, "UPDATE apa_ash_paiement SET verse_on = access.today() WHERE NOT ecarte")
        for counted in ([], [(*paul, whole)]):
            yield [noted, withheld, valide, *counted, filed, paid, (*remi, EMIS)]

    def accounts(self) -> Iterator[list[Step]]:
        t, nord = self.team, self.team.nord.pk
        paul, carole = ("paul", PAIEMENT), ("carole", CONTROLE)
        read = "UPDATE apa_ash_paiement SET relu_on = '2020-01-01' WHERE id = %s"
        said = (
            "SELECT titulaire, iban, saisi_par_id, relu_on, anomalie, ecarte, examen,"
            " examine_par_id FROM apa_ash_paiement WHERE id = %s"
        )
        entered = ("owner", "UPDATE apa_ash_comptebancaire SET saisi_par_id = %s", t.alice.pk)
        yield [(*paul, read, self.ligne.pk), (*paul, said, self.ligne.pk)]
        yield [entered, (*paul, read, self.sans_compte.pk), (*paul, said, self.sans_compte.pk)]
        yield [entered, ("owner", "DELETE FROM apa_ash_comptebancaire"),
               (*paul, read, self.sans_compte.pk), (*paul, said, self.sans_compte.pk)]  # fmt: skip
        own = (*paul, COMPTE_READ, self.nu.pk)
        yield [(*paul, COMPTE, nord, self.nu.pk, t.carole.pk), own]
        known = ("owner", COMPTE_KNOWN, t.remi.pk)
        for change in (
            "iban = 'FR2'",
            "titulaire = 'y'",
            "saisi_on = '2020-01-01'",
            "saisi_par_id = access.agent()",
            "iban = 'FR2', saisi_on = '2020-01-01'",
        ):
            update = f"UPDATE apa_ash_comptebancaire SET {change} WHERE dossier_id = %s"
            yield [known, (*paul, update, self.paye.pk), (*paul, COMPTE_READ, self.paye.pk)]
        far = next_month(MOIS)
        other = rows.prestataire(t.voisin)
        mine = t.departement.pk
        for aide, day in ((self.aide, MOIS), (other, far), (self.aide, far)):
            yield [(*carole, REGLEMENT, mine, aide.pk, day, "plan")]
        seen = (*carole, PRESTATAIRE_READ, self.aide.nom)
        yield [(*carole, PRESTATAIRE, t.departement.pk, t.paul.pk), seen]
        known = ("owner", PRESTATAIRE_KNOWN, t.remi.pk)
        for change in (
            "iban = 'FR2'",
            "iban_saisi_on = '2020-01-01'",
            "iban_saisi_par_id = NULL",
            "iban = 'FR2', iban_saisi_on = '2020-01-01'",
        ):
            update = f"UPDATE apa_ash_prestataire SET {change} WHERE nom = %s"
            yield [known, (*carole, update, self.aide.nom), seen]

    def plans(self) -> Iterator[list[Step]]:
        t, nord, nu, plan = self.team, self.team.nord.pk, self.nu.pk, self.plan.pk
        chloe, alice = ("chloe", EVALUATION), ("alice", INSTRUCTION)
        line = (*chloe, LIGNE_PLAN, nord, nu, plan)
        sent = (*chloe, PROPOSE.format("access.today()"), plan)
        employer = ("owner", "UPDATE apa_ash_ligneplan SET mode = %s", ModeAide.GRE_A_GRE)
        yield [line, sent, line]
        yield [("owner", "UPDATE apa_ash_planaide SET etat = 'sans_suite'"),
               (*chloe, PLAN, nord, nu, "refuse")]  # fmt: skip
        yield [(*alice, ACCEPTE, plan)]
        for day in ("NULL", "access.today() - 2", "access.today() + 1"):
            yield [(*chloe, PROPOSE.format(day), plan)]
        for day in ("access.today() - 1", "access.today() + 1"):
            yield [sent, (*alice, ACCEPTE.replace("access.today()", day), plan)]
        later = "UPDATE apa_ash_planaide SET effet_on = effet_on + 9 WHERE id = %s"
        yield [sent, (*chloe, later, plan)]
        yield [(*chloe, REFUS, t.remi.pk, plan), (*chloe, REFUS, t.chloe.pk, plan)]
        yield [line, employer, sent]
        answer = "UPDATE apa_ash_planaide SET observations = 'x' WHERE id = %s"
        yield [sent, (*alice, ACCEPTE, plan), (*alice, answer, plan)]
        yield from self.unanswered(plan)

    def unanswered(self, plan: Any) -> Iterator[list[Step]]:
        """Silence refuses a plan whose proposal stayed, left too late, or was another letter."""
        t, nord, chloe = self.team, self.team.nord.pk, ("chloe", EVALUATION)
        sent = PROPOSE.replace("{}", "access.today() - 20")
        out, silent = ("owner", sent, plan), (*chloe, REFUSE.format("NULL"), plan)

        def letter(owner: Any = self.nu.pk, **said: str) -> Step:
            wanted = {"nature": "proposition_plan", "written": "20", "left": "11", "right": "NULL",
                      "said": "NULL", "by": f"'{t.alice.pk}'"}  # fmt: skip
            wanted |= {"noted": said.get("left", "11")} | said
            return ("owner", NOTICE.format(**wanted), nord, owner)

        yield [out, silent]
        for wrong in (
            letter(),
            letter(left="10"),
            letter(left="NULL", by="NULL"),
            letter(nature="compte_rendu"),
            letter(written="21", left="15"),
            letter(self.paye.pk),
            letter(left="15", noted="3"),
            letter(left="15", noted="4"),
        ):
            yield [out, wrong, silent]
        yield [out, (*chloe, REFUSE.format("access.today()"), plan)]
        yield [("owner", PROPOSE.format("access.today()"), plan), silent]
        yield [silent]

    def rights(self) -> Iterator[list[Step]]:
        t, nord, alice = self.team, self.team.nord.pk, ("alice", INSTRUCTION)
        remi = ("remi", INSTRUCTION)
        for decided, monthly in ((None, 500), (self.droit.decision.plan_id, 9_000)):
            pk = uuid4()
            decision = (*remi, DECISION, pk, nord, self.paye.pk, t.remi.pk, decided)
            closed = ("owner", PERIODE.format("'empty'"), self.paye.pk)
            proposed = self.proposed(pk, plan=named(decided), apa=str(monthly))
            yield [closed, proposed, decision,
                   (*remi, DROIT, nord, self.paye.pk, pk, monthly, monthly, False)]  # fmt: skip
        yield from self.lumps()
        closed = ("owner", PERIODE.format("'empty'"), self.paye.pk)
        forfait = (*alice, DROIT, nord, self.paye.pk, self.droit.decision_id, 100, 100, True)
        yield [closed, forfait]
        for days in ("daterange('2020-01-01', NULL)", "periode"):
            yield [(*alice, PERIODE.format(days), self.paye.pk)]
        shorter = PERIODE.format("daterange(lower(periode), access.today())")
        yield [("remi", REVALORISATION, shorter, self.paye.pk)]
        yield from self.ends()
        gone = ("job", PURGE, "DELETE FROM apa_ash_gel WHERE dossier_id = %s", self.nu.pk)
        past = "UPDATE apa_ash_gel SET pose_on = access.today() - 9, jusqu_on = access.today() - 1"
        yield [gone, ("owner", past), gone]

    def lumps(self) -> Iterator[list[Step]]:
        """A lump sum above its calculation, or on another day than silence gives."""
        t, nord, alice = self.team, self.team.nord.pk, ("alice", INSTRUCTION)
        closed = ("owner", PERIODE.format("'empty'"), self.paye.pk)
        pk = uuid4()
        past = DECISION.replace("access.today(), access.today()", "'2020-01-01', access.today()")
        past = past.replace("'accord'", "'reprise'")
        yield [(*alice, past, pk, nord, self.paye.pk, t.alice.pk, None)]
        lump = LUMP.replace("9000", "100")
        asked = self.proposed(pk, nature="'forfait_tacite'")
        first = ("remi", INSTRUCTION, lump, pk, nord, self.paye.pk, t.remi.pk, None)
        for monthly in (100, 101):
            given = (*alice, LUMP_RIGHT, nord, self.paye.pk, pk)
            yield [closed, asked, first, (*given, monthly, monthly, True)]
        # Silence that grants a day of its own: neither the request nor its two months say so.
        for day in (SILENCE, today()):
            late = (*first[:2], lump.replace(str(SILENCE), str(day)), *first[3:])
            held = (*alice, LUMP_RIGHT.replace(str(SILENCE), str(day)), nord, self.paye.pk, pk)
            yield [closed, asked, late, (*held, 100, 100, True)]
        # A request acknowledged late, and one that never was: one hand alone grants nothing on it.
        alone = (*alice, lump, pk, nord, self.paye.pk, t.alice.pk, None)
        for day in ("recue_on + 31", "NULL"):
            acknowledged = f"UPDATE apa_ash_demande SET accuse_on = {day} WHERE dossier_id = %s"
            yield [("owner", acknowledged, self.paye.pk), alone]

    def proposed(self, pk: Any, *, by: str = "alice", of: Any = None, **changes: str) -> Step:
        """Propose, under an id, to grant a right to a file: the one that is paid, or another."""
        agent = self.team.agents[by]
        query = PROJET.format(**PROPOSE_DAY | changes)
        where = (self.team.nord.pk, of or self.paye.pk)
        return (by, INSTRUCTION, query, pk, *where, agent.pk)

    def signatures(self) -> Iterator[list[Step]]:
        """One pair of hands for a proposal and its decision, and a proposal closed otherwise."""
        t, pk = self.team, uuid4()
        alice, remi = ("alice", INSTRUCTION), ("remi", INSTRUCTION)
        where = (self.team.nord.pk, self.paye.pk)

        def sign(by: str) -> Step:
            return (by, INSTRUCTION, DECISION, pk, *where, t.agents[by].pk, None)

        yield [sign("remi")]
        for by, signer in (("remi", "remi"), ("remi", "alice"), ("alice", "remi")):
            yield [self.proposed(pk, by=by), sign(signer)]
        for other in (
            {"plan": named(self.droit.decision.plan_id)},
            {"effet": "access.today() + 9"},
        ):
            yield [self.proposed(pk, **other), sign("remi")]
        yield [self.proposed(pk, on="access.today() - 9")]
        yield [self.proposed(pk), (*remi, CLOS, "signe")]
        yield [self.proposed(pk), (*alice, CLOS, "renvoye")]
        yield [self.proposed(pk), (*remi, CLOS, "renvoye"), (*remi, CLOS, "retire")]

    def stopped(self) -> Iterator[list[Step]]:
        """A right that one hand stops, or otherwise than it was proposed, and in two hands."""
        t, pk, nord = self.team, uuid4(), self.team.nord.pk

        def stop(by: str, nature: str, day: str, motif: str = "x") -> Step:
            query = DECISION.replace("'accord'", f"'{nature}'").replace("'x'", f"'{motif}'")
            query = query.replace("access.today(), access.today()", f"access.today(), {day}")
            return (by, INSTRUCTION, query, pk, nord, self.paye.pk, t.agents[by].pk, None)

        for nature, day, other, what in (
            ("suspension", MONTH_AFTER, "access.today()", {"fact": "access.today() - 40"}),
            ("fin", "access.today() + 9", "access.today() + 8", {"effet": "access.today() + 9"}),
        ):
            said = what | {"nature": f"'{nature}'"}
            for by in ("remi", "alice"):
                yield [stop(by, nature, day)]
            for by, signer in (("remi", "remi"), ("remi", "alice"), ("alice", "remi")):
                yield [self.proposed(pk, by=by, **said), stop(signer, nature, day)]
            asked = self.proposed(pk, **said)
            yield [self.proposed(pk, of=self.nu.pk, **said), stop("remi", nature, day)]
            yield [asked, stop("remi", nature, other)]
            yield [asked, stop("remi", nature, day, "y")]
            other_kind = self.proposed(pk, nature="'rejet'")
            yield [other_kind, stop("remi", nature, day)]
        # A last day that is past at the signature is no end of a right.
        past = {"nature": "'fin'", "effet": "access.today() - 1"}
        yield [self.proposed(pk, **past), stop("remi", "fin", "access.today() - 1")]

    def begun(self) -> Iterator[list[Step]]:
        """A payment is suspended without its decision, or on other days than it says."""
        nord, paye = self.team.nord.pk, self.paye.pk
        start = MONTH_AFTER

        def decided(
            nature: str = "suspension", of: Any = paye, taken: str = "access.today()"
        ) -> Step:
            query = DECISION.replace("'accord'", f"'{nature}'")
            query = query.replace("access.today(), access.today()", f"{taken}, {start}")
            return ("owner", query, uuid4(), nord, of, self.team.remi.pk, None)

        def warned(of: Any = paye, **said: Any) -> Step:
            alice = f"'{self.team.alice.pk}'"
            known = {"nature": "mise_en_demeure", "written": 60, "left": 50, "by": alice}
            known |= {"noted": said.get("left", 50), "right": "NULL", "said": "NULL"}
            query = NOTICE.format(**known | said)
            return ("owner", query, nord, of)

        def stop(days: str, motif: str = "x") -> Step:
            query = SUSPENDED.format(days).replace("'')", f"'{motif}', access.today() - 60)")
            query = query.replace("motif)", "motif, mise_en_demeure_on)")
            return ("alice", INSTRUCTION, query, nord, paye)

        open_ended = stop(f"daterange({start}, NULL)")
        yield [warned(), open_ended]
        yield [warned(), decided(), open_ended]
        yield [decided(), open_ended]
        answered = {"right": "access.today() - 9", "said": f"'{self.team.alice.pk}'"}
        for amiss in (
            {"of": self.nu.pk},
            {"nature": "accuse_reception", "of": paye},
            {"written": 61},
            {"left": "NULL", "by": "NULL"},
            {"left": 28},
            {"noted": 30},
            answered,
        ):
            yield [warned(**amiss), decided(), open_ended]
        for wrong in (
            {"of": self.nu.pk},
            {"nature": "reprise"},
            {"taken": "date '2020-01-01'"},
        ):
            yield [warned(), decided(**wrong), open_ended]
        yield [warned(), decided(), stop(f"daterange({start}, NULL)", "y")]
        for days in (f"daterange({start}, {start} + 9)", "daterange(access.today(), NULL)"):
            yield [warned(), decided(), stop(days)]
        yield [("alice", INSTRUCTION, SUSPENDED.format("daterange(access.today(), NULL)").replace(
            "'suspension'", "'had'"), nord, paye)]  # fmt: skip

    def ends(self) -> Iterator[list[Step]]:
        """A death that is undone is that of another file, or none."""
        t, nord, alice = self.team, self.team.nord.pk, ("alice", INSTRUCTION)
        undoes = DECISION.replace("'accord'", "'annulation'").replace(
            "plan_id)", "plan_id, annule_id)"
        )
        undoes = undoes.replace("%s, %s)", "%s, %s, %s)")
        mine = (uuid4(), nord, self.paye.pk, t.alice.pk, None)
        theirs = uuid4()
        other = ("owner", DECISION.replace("'accord'", "'fin'"), theirs, nord, self.nu.pk,
                 t.alice.pk, None)  # fmt: skip
        remi = ("remi", INSTRUCTION)
        yield [other, (*remi, undoes, *mine, theirs)]
        yield [(*alice, DECISION.replace("'accord'", "'annulation'"), *mine)]
        back = "UPDATE apa_ash_dossier SET dernier_contact_on = '2001-01-01' WHERE id = %s"
        yield [(*alice, back, self.nu.pk)]

    def endings(self) -> Iterator[list[Step]]:
        """An end of years ago, or one that leaves its rights running, hands over a file."""
        alice, nu, paye = ("alice", INSTRUCTION), self.nu.pk, self.paye.pk
        said = ("owner", "SELECT fin_constatee_on FROM apa_ash_dossier WHERE id = %s", nu)
        for told, day in (
            ("date '2001-01-01'", "ouvert_on"),
            ("access.today()", "access.today()"),
            ("access.today()", "access.today() + 400"),
        ):
            yield [self.told_end(told, of=nu), (*alice, FIN.format(day), nu), said]
        yield [(*alice, FIN.format("access.today()"), nu)]
        yield [self.told_end("access.today()", of=paye),
               (*alice, FIN.format("access.today()"), paye)]  # fmt: skip
        ended = ("owner", FIN.format("access.today()"), nu)
        for day in ("NULL", "access.today() - 1", "access.today() + 1"):
            yield [ended, (*alice, FIN.format(day), nu)]
        for day in (0, 1):
            yield [(*alice, CONTACT.format(f"access.today() + {day}"), nu)]
        yield [(*alice, PERIODE.format("'empty'"), paye)]

    def dated(self) -> Iterator[list[Step]]:
        """A decision is said to be written long ago, so that a later one does not follow it."""
        pk, remi = uuid4(), self.team.remi.pk
        query = DECISION.replace("'accord'", "'reprise'").replace("plan_id)", "plan_id, ecrite_a)")
        query = query.replace("%s, %s)", "%s, %s, '2001-01-01')")
        said = "SELECT ecrite_a > access.today() - 2 FROM apa_ash_decision WHERE id = %s"
        yield [("remi", INSTRUCTION, query, pk, self.team.nord.pk, self.paye.pk, remi, None),
               ("owner", said, pk)]  # fmt: skip

    def told_end(self, day: str, *, of: Any) -> Step:
        """Take, as the owner, the decision that ends the right of a file on a day."""
        query = DECISION.replace("'accord'", "'fin'")
        query = query.replace("access.today(), access.today()", f"access.today(), {day}")
        return ("owner", query, uuid4(), self.team.nord.pk, of, self.team.remi.pk, None)

    def stops(self) -> Iterator[list[Step]]:
        """A suspension, a stay or a death that vanishes, and what ends them in truth."""
        alice, nord, paye = ("alice", INSTRUCTION), self.team.nord.pk, self.paye.pk
        start = "date_trunc('month', access.today())::date"
        stopped = ("owner", SUSPENDED.format(f"daterange({start}, NULL)"), nord, paye)
        ended = "UPDATE apa_ash_interruption SET {} WHERE dossier_id = %s"
        resumed = DECISION.replace("'accord'", "'reprise'").replace(
            "access.today(), access.today()", f"access.today(), {start} + 5"
        )
        reprise = (*alice, resumed, uuid4(), nord, paye, self.team.alice.pk, None)
        until = f"periode = daterange({start}, {start} + {{}})".format
        for change in ("periode = 'empty'", until(5), until(9), "motif = 'y'"):
            yield [stopped, (*alice, ended.format(change), paye)]
            yield [stopped, reprise, (*alice, ended.format(change), paye)]
        entered = SUSPENDED.replace("'suspension'", "'had'").format("daterange('2020-01-01', NULL)")
        for days in ("'empty'", "daterange('2020-01-01', '2020-02-01')",
                     "daterange('2020-01-01', access.today() + 1)"):  # fmt: skip
            left = (*alice, ended.format(f"periode = {days}"), paye)
            yield [("owner", entered, nord, paye), left, left]
        yield from self.deaths()

    def told_late(self, start: str) -> Iterator[list[Step]]:
        """A suspension posted once it has begun begins later, on one day, by its own letter."""
        alice, nord, paye = ("alice", INSTRUCTION), self.team.nord.pk, self.paye.pk
        pk, mine = uuid4(), self.team.alice.pk
        later = f"({start} + interval '1 month')::date"
        told = COURRIER.replace("'accuse_reception'", "'suspension'")
        told = told.replace("pdf)", "pdf, decision_id, poste_on, poste_constate_on, poste_par_id)")
        told = told.replace(" 'x')", " 'x', %s, {0}, {0}, %s)").replace("{}", "{1}")

        def late(
            days: str, *, of: Any = paye, nature: str = "suspension", effet: str = start,
            left: str = "access.today()", until: str = "NULL", back: int = 90,
        ) -> list[Step]:  # fmt: skip
            taken = DECISION.replace("'accord'", f"'{nature}'").replace(
                "access.today(), access.today()", f"access.today() - 60, {effet}"
            )
            stopped = SUSPENDED.format(f"daterange({start}, {until})")
            by = mine if left != "NULL" else None
            return [
                ("owner", stopped, nord, paye),
                ("owner", taken, pk, nord, of, mine, None),
                ("owner", told.format(left, f"access.today() - {back}"), nord, of, pk, by),
                (*alice, STOPPED.format(days), paye),
            ]

        begun = f"daterange({later}, NULL)"
        yield late(begun)
        yield late("'empty'", until=f"{start} + 5")
        yield late(f"daterange({later}, {later} + 9)", until=f"{later} + 9")
        for wrong in (
            {"of": self.nu.pk},
            {"nature": "fin"},
            {"effet": f"{start} - 1"},
            {"left": f"{start} - 1"},
            {"left": "NULL"},
            {"back": 0},
        ):
            yield late(begun, **wrong)
        sooner = f"(date_trunc('month', {start} - 40) + interval '1 month')::date"
        yield late(f"daterange({sooner}, NULL)", left=f"{start} - 40")
        before = f"daterange({start}, NULL)"
        yield late(before.replace(start, f"{start} + 9"))
        yield late("'empty'")

    def notices(self) -> Iterator[list[Step]]:
        """A notice put right twice, before it is sent, on another day, in the name of another."""
        alice, nord, paye = ("alice", INSTRUCTION), self.team.nord.pk, self.paye.pk
        notice = COURRIER.replace("'accuse_reception'", "'mise_en_demeure'")
        sent = ("owner", notice.format("access.today() - 9"), nord, paye)
        by = "constatee_par_id = %s"
        put = f"UPDATE apa_ash_courrier SET regularisee_on = {{}}, constatee_on = {{}}, {by}"
        mine, other = self.team.alice.pk, self.team.remi.pk
        for day in ("access.today()", "access.today() - 1", "access.today() - 2",
                    "access.today() + 1"):  # fmt: skip
            yield [sent, (*alice, put.format("access.today() - 5", day), mine)]
        done = (*alice, put.format("access.today() - 5", "access.today()"), mine)
        yield [sent, done, (*alice, put.format("access.today() - 4", "access.today()"), mine)]
        yield [sent, (*alice, put.format("access.today() - 5", "access.today()"), other)]
        named = notice.replace("motif,", "regularisee_on, constatee_on, constatee_par_id, motif,")
        born = named.replace("%s, %s, ''", "%s, %s, access.today(), access.today(), %s, ''")
        yield [(*alice, born.format("access.today()"), nord, paye, mine)]
        yield [(*alice, notice.format("access.today()"), nord, paye)]
        yield from self.posted(sent)
        yield from self.told_late("date_trunc('month', access.today())::date")

    def posted(self, sent: Step) -> Iterator[list[Step]]:
        """A letter posted twice, tomorrow, in the name of another, taken back, or born posted."""
        alice, mine, other = ("alice", INSTRUCTION), self.team.alice.pk, self.team.remi.pk
        post = (
            "UPDATE apa_ash_courrier SET poste_on = {}, poste_constate_on = {}, poste_par_id = %s"
        )
        now = "access.today()"
        for day in (now, f"{now} - 5", f"{now} + 1"):
            yield [sent, (*alice, post.format(day, now), mine)]
        done = (*alice, post.format(now, now), mine)
        yield [sent, done, (*alice, post.format(f"{now} - 1", now), mine)]
        yield [sent, done, (*alice, post.format("NULL", "NULL"), None)]
        yield [sent, (*alice, post.format(now, now), other)]
        # It was said so long ago, or will be; and it is said again.
        for said in (f"{now} - 1", f"{now} - 2", f"{now} + 1"):
            yield [sent, (*alice, post.format(f"{now} - 5", said), mine)]
        again = "UPDATE apa_ash_courrier SET poste_constate_on = access.today() - 1"
        yield [sent, done, (*alice, again)]
        born = COURRIER.replace("motif,", "poste_on, poste_constate_on, poste_par_id, motif,")
        born = born.replace("%s, %s, ''", "%s, %s, access.today(), access.today(), %s, ''")
        yield [(*alice, born.format("access.today()"), self.team.nord.pk, self.paye.pk, mine)]

    def deaths(self) -> Iterator[list[Step]]:
        """A death is written, moved or taken away, without its decision, and beside it."""
        alice, nord, paye = ("alice", INSTRUCTION), self.team.nord.pk, self.paye.pk
        who, end, undo = self.team.alice.pk, uuid4(), uuid4()
        known = json.dumps({"droits": {}})
        fin = DECISION.replace("'accord'", "'fin'").replace("plan_id)", "plan_id, {})")
        fin = fin.replace("%s, %s)", "%s, %s, %s)")
        died = (*alice, fin.format("avant"), end, nord, paye, who, None, known)
        undone = fin.replace("'fin'", "'annulation'").format("annule_id")
        cancelled = ("remi", INSTRUCTION, undone, undo, nord, paye, self.team.remi.pk, None, end)

        def death(day: str) -> Step:
            query = f"UPDATE apa_ash_identite SET deces_on = {day} WHERE dossier_id = %s"
            return (*alice, query, paye)

        for day in ("access.today()", "access.today() - 9"):
            yield [death(day)]
            yield [died, death(day), death("NULL")]
            yield [died, death(day), cancelled, death("NULL")]
        longer = PERIODE.format("daterange(lower(periode), NULL)")
        shorter = ("owner", PERIODE.format("daterange(lower(periode), access.today())"), paye)
        kept = json.dumps({"droits": {str(self.droit.pk): [str(BEFORE), None]}})
        died = (*died[:-1], kept)
        for past in (0, 9):
            aged = ("owner", f"UPDATE apa_ash_decision SET prise_on = access.today() - {past}")
            yield [died, shorter, cancelled, aged, (*alice, longer, paye)]

    def invoices(self) -> Iterator[list[Step]]:
        t, nord, paye, droit = self.team, self.team.nord.pk, self.paye.pk, self.droit.pk
        carole, alice, remi = ("carole", CONTROLE), ("alice", INSTRUCTION), ("remi", PAIEMENT)
        pk, decided = uuid4(), self.droit.decision_id

        def enter(kind: str, of: Any, amount: str = "50", gone: str = "NULL, ''") -> Step:
            query = FACTURE.format(kind=kind, sum=amount, gone=gone)
            return (*carole, query, pk, nord, paye, of, droit, t.carole.pk)

        entered = enter("aide_id", self.accueil.pk)
        yield [enter("aide_id", self.accueil.pk, "100.01")]
        yield [enter("aide_id", self.accueil.pk, gone="access.today(), 'x'")]
        yield [entered, (*carole, RETRAIT), (*carole, RETRAIT)]
        yield from self.shares(entered)
        count = ("owner", "SELECT count(*) FROM apa_ash_facture")
        yield [entered, ("job", PURGE, "DELETE FROM apa_ash_facture"), count]
        granted = ("owner", ACCORDE, decided)
        yield [granted, enter("relais_id", self.relais.pk)]
        yield [(*alice, RELAIS, nord, paye, self.aidant.pk, decided)]
        yield [(*alice, ACCORDE, decided)]
        yield [granted, (*alice, "UPDATE apa_ash_relais SET plafond = 60")]
        since = ("owner", "UPDATE apa_ash_relais SET entree_on = access.today() - 1")
        out = (*alice, "UPDATE apa_ash_relais SET etat = 'clos', sortie_on = access.today() - 1")
        yield [granted, since, enter("relais_id", self.relais.pk), out]
        line = {"more": "facture_id", "value": f"'{pk}'::uuid", "iban": "c.iban", "examen": "''"}
        for amount in (50, 40):
            values = (self.lot.pk, droit, BEFORE, amount, paye)
            yield [entered, ("paul", PAIEMENT, LIGNE.format(**line), *values),
                   (*carole, RETRAIT), (*remi, VALIDE, t.remi.pk)]  # fmt: skip

    def shares(self, entered: Step) -> Iterator[list[Step]]:
        """An invoice of another rate, another day or another payee than its right and its aid."""
        carole, paye = ("carole", CONTROLE), self.paye.pk
        dearer = ("owner", "UPDATE apa_ash_droit SET taux_participation = 0.1")
        yield [dearer, entered]
        ended = PERIODE.format("daterange(lower(periode), access.today())")
        yield [("owner", ended, paye), entered]
        query, *values = entered[2:]
        for said, told in (
            ("'F', access.today()", "'F', access.today() + 1"),
            (" access.today(), %s", " access.today() - 9, %s"),
            (", {gone})".format(gone="NULL, ''"), f", NULL, '', '{self.aide.pk}')"),
        ):
            other = query.replace(said, told)
            if str(self.aide.pk) in other:
                other = other.replace("retrait) VALUES", "retrait, prestataire_id) VALUES")
            assert other != query
            yield [(*carole, other, *values)]

    def evidence(self) -> Iterator[list[Step]]:
        """What a decision rests on, written again."""
        t, nord, nu = self.team, self.team.nord.pk, self.nu.pk
        alice, chloe = ("alice", INSTRUCTION), ("chloe", EVALUATION)
        demande = m.Demande.objects.get(dossier=self.nu).pk
        for complete, accuse in (("access.today() - 60", "NULL"), ("NULL", "access.today()")):
            yield [(*alice, DEMANDE.format(complete=complete, accuse=accuse), nord, nu)]
        complete = (*alice, COMPLETE.format(0), nu)
        yield [complete, (*alice, COMPLETE.format(1), nu)]
        yield [complete, *((*alice, ACCUSE.format(f"access.today() - {n}"), nu) for n in (0, 1))]
        yield [complete, (*alice, ACCUSE.format("access.today() - 9"), nu)]
        # Acknowledged first, a piece would come dated back, then the day that it completes.
        yield [(*alice, ACCUSE.format("access.today()"), nu), complete]
        missing = (*alice, PIECE.format(recue="NULL"), nord, nu, demande, "rib")
        yield [missing, complete]
        yield [complete, missing]
        yield [missing, (*alice, RECUE, 3, nu), (*alice, RECUE, 2, nu)]
        pk = uuid4()
        for standing in ("true", "false"):
            known = ("owner", RESSOURCES.format(standing), pk, nord, nu)
            line = (*alice, LIGNE_RESSOURCE, nord, nu, pk)
            back = "UPDATE apa_ash_ressources SET en_vigueur = true WHERE id = %s"
            yield [known, line, line, (*alice, back, pk)]
        moved = (*chloe, "UPDATE apa_ash_visite SET creneau = 'x' WHERE dossier_id = %s", nu)
        for made in ("access.today()", "NULL"):
            yield [("owner", VISITE.format(made), nord, nu, t.chloe.pk), moved]
        for author in (t.remi, t.chloe):
            yield [("owner", EVALUATION_OF, pk, nord, nu, author.pk),
                   (*chloe, GRILLE, nord, nu, pk)]  # fmt: skip
        for back in (0, 2):
            yield [(*alice, COURRIER.format(f"access.today() - {back}"), nord, nu)]
        # Two that tell a decision, and one of a kind that does not exist.
        for letter in ("decision_accord", "fin_droit", "faveur"):
            told = COURRIER.format("access.today()").replace("'accuse_reception'", f"'{letter}'")
            yield [(*alice, told, nord, nu)]

    def numbers(self) -> Iterator[list[Step]]:
        """One number certified for two people, by an agent then by the owner's upkeep."""
        nu, paye = self.nu.pk, self.paye.pk
        for who in (("alice", INSTRUCTION), ("owner",)):
            yield [(*who, CERTIFIE, nu), (*who, CERTIFIE, paye)]

    def names(self) -> Iterator[list[Step]]:
        """Agents and plans of elsewhere, named in a file."""
        t, nord, nu = self.team, self.team.nord.pk, self.nu.pk
        alice, chloe = ("alice", INSTRUCTION), ("chloe", EVALUATION)
        follows = "UPDATE apa_ash_dossier SET instructeur_id = %s WHERE id = %s"
        for agent in (t.bruno, t.alice):
            yield [(*alice, follows, agent.pk, nu)]
        for agent in (t.alice, t.chloe):
            yield [(*chloe, VISITE.format("NULL"), nord, nu, agent.pk)]
        pk = uuid4()
        yield [self.proposed(pk, of=nu, plan=named(self.plan.pk)),
               ("remi", INSTRUCTION, DECISION, pk, nord, nu, t.remi.pk, self.plan.pk)]  # fmt: skip

    def ceilings(self) -> Iterator[list[Step]]:
        """What a decision, a plan and a relay allow is more than the law does, by a cent."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        carole, alice, pk = ("carole", CONTROLE), ("alice", INSTRUCTION), uuid4()
        said = self.proposed(pk, nature="'forfait_tacite'")
        mine = ("remi", INSTRUCTION, LUMP, pk, nord, paye, t.remi.pk, None)
        closed = ("owner", PERIODE.format("'empty'"), paye)
        given = (*alice, LUMP_RIGHT, nord, paye, pk)
        invoice = FACTURE.format(kind="aide_id", sum="{0}", gone="NULL, ''").format
        for more in (0, Decimal("0.01")):
            lump, repit = figure("forfait", on=SILENCE) + more, figure("repit") + more
            yield [closed, said, mine, (*given, lump, lump, True)]
            yield [("owner", "UPDATE apa_ash_aideponctuelle SET montant = 90000"),
                   (*carole, invoice(repit), pk, nord, paye, self.accueil.pk, self.droit.pk,
                    t.carole.pk)]  # fmt: skip
        asked = self.proposed(pk, nature="'relais'", relais=named(self.relais.pk))
        signer = ("remi", INSTRUCTION, DECISION.replace("'accord'", "'relais'"))
        relais = (*signer, pk, nord, paye, t.remi.pk, None)
        for plafond, cout in ((figure("relais"), 50), (60, 50), (figure("relais"), 49)):
            costs = ("owner", "UPDATE apa_ash_relais SET cout = %s", cout)
            granted = ACCORDE.replace("plafond = 50", f"plafond = {plafond}")
            yield [asked, relais, costs, (*alice, granted, pk)]

    def means(self) -> Iterator[list[Step]]:
        """A right is opened on other resources, or on another couple, than those in force."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        remi, pk, plan = ("remi", INSTRUCTION), uuid4(), self.droit.decision.plan_id
        closed = ("owner", PERIODE.format("'empty'"), paye)
        accord = (*remi, DECISION, pk, nord, paye, t.remi.pk, plan)
        opened = (*remi, DROIT, nord, paye, pk, 400, 400, False)
        for change in ("couple = false", "couple = true", "ressources_mensuelles = 1"):
            changed = ("owner", f"UPDATE apa_ash_ressources SET {change}")
            yield [closed, changed, self.proposed(pk, plan=named(plan)), accord, opened]
        for apa in ("400", "399"):
            yield [closed, self.proposed(pk, plan=named(plan), apa=apa), accord, opened]

    def revaluations(self) -> Iterator[list[Step]]:
        """A right follows a campaign without a line, with other figures, or on another day."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        remi, pk, campagne = ("remi", REVALORISATION), uuid4(), uuid4()
        ended = ("owner", PERIODE.format("daterange(lower(periode), access.today())"), paye)
        shown = ("owner", CAMPAGNE, campagne, nord, "en_cours", t.remi.pk)
        line = ("owner", LIGNE_CAMPAGNE, pk, nord, campagne, paye, self.droit.pk)
        decided = (*remi, DECISION_NUE.replace("'accord'", "'revalorisation'"), pk, nord, paye,
                   t.remi.pk)  # fmt: skip
        opened = (*remi, REVALUED, pk, self.droit.pk)
        for change in ("apa_apres = 500", "apa_apres = 499", "applique = false"):
            changed = ("owner", f"UPDATE apa_ash_lignecampagne SET {change}")
            yield [ended, shown, line, decided, changed, opened]
        for change in ("effet_on = access.today() - 1", "etat = 'simulee'"):
            changed = ("owner", f"UPDATE apa_ash_campagne SET {change}")
            yield [ended, shown, line, decided, changed, opened]

    def writes(self) -> Iterator[list[Step]]:
        """Attempts on what every write leaves in the trail."""
        pk, alice = self.nu.pk, ("alice", INSTRUCTION)
        wrote = ("owner", CHANGES)
        other = purpose_role(connection.settings_dict["NAME"], PAIEMENT)
        write = "UPDATE apa_ash_coordonnees SET telephone = '06' WHERE dossier_id = %s"
        yield [(*alice, write, pk), wrote]
        yield [(*alice, "UPDATE apa_ash_dossier SET motif_fin = 'x' WHERE id = %s", pk), wrote]
        same = "UPDATE apa_ash_coordonnees SET telephone = telephone WHERE service_id = %s"
        yield [(*alice, same, self.team.nord.pk), wrote]
        among = (
            "UPDATE apa_ash_coordonnees SET telephone ="
            " CASE WHEN dossier_id = %s THEN '06' ELSE telephone END"
        )
        yield [(*alice, among, pk), wrote]
        for setting, value in (("egide.passage", ""), ("role", other)):
            changed = f"{write} RETURNING set_config('{setting}', '{value}', true)"
            yield [(*alice, changed, pk), wrote]
        yield [("nobody", INSTRUCTION, write, pk), wrote]

    def play(self, steps: list[Step]) -> list[Any]:
        """Take each step in turn, then undo them all."""
        found = []
        with transaction.atomic():
            for who, *step in steps:
                found.append(self.step(who, *step))
            transaction.set_rollback(True)
        return found

    def step(self, who: str, *step: Any) -> Any:
        try:
            with transaction.atomic():
                if who == "owner":
                    owner(
                        "SELECT set_config('egide.maintenance', 'on', true),"
                        " set_config('egide.passage', '', true)"
                    )
                    return owner(*step)
                purpose, query, *values = step
                role = purpose_role(connection.settings_dict["NAME"], purpose)
                job, agent = who == "job", self.team.agents.get(who)
                signed = sign(agent.pk, session="s", role=role) if agent else ""
                owner(
                    "SELECT set_config('egide.maintenance', %s, true),"
                    " set_config('egide.passage', %s, true), set_config('role', %s, true)",
                    "on" if job else "",
                    signed,
                    role,
                )
                found = owner(query, *values)
                owner("SELECT set_config('role', 'none', true)")
                return found
        except Error as refused:
            diag = getattr(refused.__cause__, "diag", None)
            return (diag and diag.constraint_name) or type(refused.__cause__).__name__
