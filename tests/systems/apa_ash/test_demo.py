"""The demonstration holds every state of a file, coherent with the rules, and no real person."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Count, F, Max, Sum

from egide.kernel.access.models import Agent, Habilitation, Organisme
from egide.kernel.access.passage import enter, openings_of
from egide.rules.aggir import evaluate, from_adverbes
from egide.rules.apa.arrieres import MOIS_D_ARRIERE, previous_month
from egide.rules.apa.delais import add_months, echeance
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.montants import is_provisional
from egide.rules.apa.versement import next_month
from egide.rules.identifiants.nir import read_nir
from egide.rules.identifiants.organismes import read_siren, read_siret
from egide.site import demo
from egide.site.cli import CannotServe
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo import COMPTES, PASSWORD, BaseOccupee, create_demo
from egide.systems.apa_ash.demo.cases import CASES
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.services import motifs_fin
from egide.systems.apa_ash.services.projets import CIRCUITS
from tests.personas import organisme, today

PEOPLE = 120
ONE_DAY = timedelta(days=1)


pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("departement"),
    pytest.mark.xdist_group("demo"),
]


@pytest.fixture(scope="module")
def departement(django_db_setup, django_db_blocker):
    """Loaded once for this module, in a transaction that is rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert create_demo(on=today(), people=PEOPLE)
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def upkeep(departement, maintenance):
    """Read as the owner."""


def test_every_state_is_there_and_every_deadline_but_those_of_a_notice():
    dossiers = m.Dossier.objects
    assert dossiers.count() == PEOPLE
    assert set(dossiers.values_list("etat", flat=True)) == set(Etat)
    expected = set(dossiers.exclude(echeance="").values_list("echeance", flat=True))
    unmet = {Echeance.JUSTIFICATION, Echeance.MISE_EN_DEMEURE}
    # No end is signed, nor plan proposed, on figures that nobody verified.
    unmet |= {Echeance.FIN, Echeance.ENVOI} if is_provisional(today()) else set()
    assert set(Echeance) - expected <= unmet
    assert dossiers.filter(echeance_on__lt=today()).exists()
    assert len(CASES) <= PEOPLE


def test_a_second_load_changes_nothing():
    assert not create_demo(on=today(), people=PEOPLE)
    assert m.Dossier.objects.count() == PEOPLE


def test_the_right_is_what_its_feuille_says():
    for droit in m.Droit.objects.filter(forfait=False).select_related("decision"):
        feuille = FeuilleDeCalcul.from_json(droit.decision.feuille)
        assert (droit.apa, droit.participation) == (feuille.apa, feuille.participation)
        assert droit.taux_participation == feuille.taux_participation
        assert droit.plan_mensuel == feuille.plan_retenu
        assert feuille == compute_apa_domicile(
            on=feuille.on,
            age=feuille.age,
            gir=droit.gir,
            couple=droit.couple,
            ressources_mensuelles=droit.ressources_mensuelles,
            plan_mensuel=feuille.plan_mensuel,
        )
        assert feuille.plan_retenu <= feuille.plafond
        assert not feuille.provisoire


def test_the_plan_is_the_sum_of_its_lines():
    for decision in m.Decision.objects.filter(nature=NatureDecision.ACCORD).select_related("plan"):
        total = decision.plan.lignes.aggregate(total=Sum("montant_mensuel"))["total"]
        assert total == Decimal(decision.feuille["plan_mensuel"])
        assert decision.plan.etat == EtatPlan.ACCEPTE
        assert decision.plan.gir == decision.feuille["gir"]


def test_what_waits_for_a_signature_may_be_signed():
    """Each proposal of the demonstration is one that the screens would have let through."""
    waiting = list(m.ProjetDecision.objects.filter(etat="propose"))
    assert waiting
    natures = set(m.ProjetDecision.objects.values_list("nature", flat=True))
    assert natures == {"accord", "rejet", "fin"}
    assert m.ProjetDecision.objects.filter(etat="renvoye").exclude(renvoi="").exists()
    agent = Agent.objects.select_related("organisme").get(identifiant="remi")
    openings = openings_of(agent, on=today())
    with enter(agent, purpose=INSTRUCTION, openings=openings, session="x", on=today()) as passage:
        for projet in waiting:
            situation = load_situation(passage, pk=projet.dossier_id)
            circuit = CIRCUITS[NatureDecision(projet.nature)]
            read = circuit.check(passage, situation, projet)
            assert {name: getattr(projet, name) for name in read} == read


def test_the_grid_gives_the_gir():
    for grille in m.GrilleAggir.objects.select_related("evaluation"):
        found = evaluate(from_adverbes(grille.adverbes))
        assert (found.lettres, found.gir) == (grille.lettres, grille.evaluation.gir)


def test_days_follow_one_another_and_none_is_to_come():
    for dossier in m.Dossier.objects.all():
        assert dossier.ouvert_on <= dossier.dernier_contact_on <= today()
    for demande in m.Demande.objects.filter(complete_on__isnull=False):
        assert demande.recue_on <= demande.complete_on <= today()
    for plan in m.PlanAide.objects.filter(reponse_on__isnull=False):
        assert plan.envoye_on <= plan.reponse_on <= today()


def test_identifiers_have_their_keys():
    for nir in m.Nir.objects.filter(nir__regex=r"^.{15}$"):
        assert read_nir(nir.nir).valide
    assert all(read_siret(p.siret).valide for p in m.Prestataire.objects.all())
    assert read_siren(Organisme.objects.get().siren).valide
    for compte in m.CompteBancaire.objects.all():
        digits = "".join(str(int(c, 36)) for c in compte.iban[4:] + compte.iban[:4])
        assert int(digits) % 97 == 1


def test_what_was_paid_is_what_was_due():
    paid = m.Paiement.objects.filter(droit__forfait=False, montant_brut__gt=0)
    assert paid.exists()
    whole = paid.filter(dossier__etat=Etat.OUVERT, dossier__interruptions=None)
    on_hours = whole.filter(prestataire__reglements__depuis__lte=F("mois_du"))
    assert on_hours.exists()
    helped = m.LignePlan.objects.filter(prestataire__in=on_hours.values("prestataire"))
    for row in whole.values("dossier", "mois_du", "droit__apa", "droit__periode").annotate(
        total=Sum("montant_brut")
    ):
        days, month = row["droit__periode"], row["mois_du"]
        # A month that two rights share is paid right by right.
        if days.lower <= month and (days.upper is None or days.upper >= next_month(month)):
            assert row["total"] <= row["droit__apa"]
            if not helped.filter(dossier=row["dossier"]).exists():
                assert row["total"] == row["droit__apa"]
    assert not m.LotPaiement.objects.filter(mois=today().replace(day=1)).exists()


def test_each_issued_run_has_its_file_and_pays_known_accounts_only():
    issued = m.LotPaiement.objects.filter(etat="emis")
    assert set(issued) == {f.lot for f in m.FichierPaiement.objects.select_related("lot")}
    assert not m.Paiement.objects.filter(lot__in=issued, ecarte=False, iban="").exists()
    for fichier in m.FichierPaiement.objects.all():
        contenu = bytes(fichier.contenu)
        assert fichier.empreinte == hashlib.sha256(contenu).hexdigest()
        paid = m.Paiement.objects.filter(lot=fichier.lot_id, ecarte=False).count()
        assert contenu.count(b"\r\n") == paid + 1


def test_a_right_goes_on_without_a_hole_and_is_revalued_each_1_january():
    revalued = 0
    for dossier in m.Dossier.objects.prefetch_related("droits__decision"):
        rights = sorted(dossier.droits.all(), key=lambda droit: droit.periode.lower)
        for before, after in pairwise(rights):
            assert before.periode.upper == after.periode.lower
            first_january = (after.periode.lower.month, after.periode.lower.day) == (1, 1)
            if after.decision.nature == NatureDecision.REVALORISATION:
                revalued += 1
                assert first_january
                assert before.gir == after.gir
            else:
                assert after.decision.nature == NatureDecision.ACCORD
        for droit in rights:
            until = (droit.periode.upper or today()) - timedelta(days=1)
            assert droit.forfait or until.year == droit.periode.lower.year
    assert revalued > PEOPLE / 2


def test_a_revised_right_follows_two_requests_two_visits_and_two_plans():
    revised = m.Dossier.objects.filter(demandes__nature=NatureDemande.REVISION, etat_droit="")
    assert revised.exists()
    for dossier in revised:
        first, last = dossier.demandes.order_by("recue_on")
        assert (first.nature, dossier.ouvert_on) == (NatureDemande.PREMIERE, first.recue_on)
        accords = dossier.decisions.filter(nature=NatureDecision.ACCORD).order_by("prise_on")
        assert [d.plan.effet_on for d in accords] == [d.effet_on for d in accords]
        assert accords[0].plan.gir == min(accords[1].plan.gir + 1, 4)
        assert m.Visite.objects.filter(dossier=dossier, realisee_on__isnull=False).count() == 2
        assert first.pieces.exists()
        assert not last.pieces.exists()


def test_a_right_under_revision_goes_on_beside_a_complete_request():
    revised = m.Dossier.objects.exclude(etat_droit="")
    assert revised.exists()
    for dossier in revised:
        last = dossier.demandes.latest("recue_on")
        assert (dossier.etat, dossier.etat_droit) == (Etat.COMPLET, Etat.OUVERT)
        assert (last.nature, last.complete_on) == (NatureDemande.REVISION, last.recue_on)
        assert dossier.droits.filter(periode__endswith__isnull=True).exists()


def test_a_debt_is_what_the_control_finds():
    debts = m.Indu.objects.all()
    assert debts.exists()
    for debt in debts:
        paid = m.Paiement.objects.filter(
            dossier=debt.dossier, prestataire=debt.prestataire, mois_du=debt.mois
        )
        delivered = m.Prestation.objects.get(
            dossier=debt.dossier, prestataire=debt.prestataire, mois=debt.mois
        )
        assert delivered.heures_realisees is not None
        assert Decimal(0) < debt.montant < sum(line.montant_brut for line in paid)


def test_the_people_are_as_old_as_those_who_ask_for_the_apa():
    ages = sorted(today().year - born.year for born in _births())
    assert 80 <= ages[len(ages) // 2] <= 90
    assert sum(age >= 100 for age in ages) <= len(ages) // 20


def _births():
    return m.Identite.objects.values_list("naissance_on", flat=True)


def test_files_are_numbered_as_they_were_opened():
    opened = m.Dossier.objects.order_by("numero").values_list("ouvert_on", flat=True)
    assert list(opened) == sorted(opened)


def test_a_lifted_suspension_is_decided_twice_and_pays_nothing_between():
    lifted = m.Interruption.objects.filter(nature="suspension", periode__endswith__isnull=False)
    for stop in lifted:
        natures = stop.dossier.decisions.values_list("nature", flat=True)
        assert {NatureDecision.SUSPENSION, NatureDecision.REPRISE} <= set(natures)
        within = (stop.periode.lower, stop.periode.upper - timedelta(days=1))
        paid = m.Paiement.objects.filter(dossier=stop.dossier, mois_du__range=within)
        assert not paid.exists()


def test_no_month_of_a_right_is_left_unpaid_where_an_arrear_could_still_be():
    paid = set(m.Paiement.objects.values_list("dossier_id", "mois_du"))
    since = previous_month(today(), back=MOIS_D_ARRIERE)
    last = previous_month(today())
    for dossier in m.Dossier.objects.filter(etat=Etat.OUVERT, interruptions=None):
        months = {
            month
            for droit in dossier.droits.filter(apa__gt=0)
            if droit.periode.lower < last
            for month in _months(
                max(droit.periode.lower, since), min(droit.periode.upper or last, last)
            )
        }
        assert {(dossier.pk, month) for month in months} <= paid


def _months(start, end):
    month = start.replace(day=1)
    while month < end:
        yield month
        month = add_months(month, months=1)


def test_an_end_is_signed_before_its_last_day_and_says_the_ground_that_the_application_says():
    ends = m.Decision.objects.filter(nature="fin").select_related("dossier__identite")
    grounds = {fin.texte for fin in motifs_fin.MOTIFS.values()}
    ahead = set()
    for end in ends:
        identite, dossier = end.dossier.identite, end.dossier
        assert (end.motif == motifs_fin.DECES) == (identite.deces_on == end.effet_on)
        assert end.motif == motifs_fin.DECES or end.motif in grounds
        assert end.motif == motifs_fin.DECES or end.prise_on <= end.effet_on
        kept = dossier.decisions.filter(nature="maintien", effet_on=end.effet_on + ONE_DAY)
        again = dossier.demandes.filter(nature=NatureDemande.PREMIERE, recue_on__gt=end.effet_on)
        assert dossier.fin_droit_on == (None if kept or again else end.effet_on)
        assert dossier.droits.filter(periode__endswith=end.effet_on + ONE_DAY).exists() != bool(
            kept
        )
        if end.effet_on >= today():
            ahead.add("maintien" if kept else dossier.etat)
    assert ahead == (set() if is_provisional(today()) else {"maintien", Etat.OUVERT})


def test_each_kind_of_letter_was_written_once_at_least_and_says_a_known_decision():
    letters = m.Courrier.objects.select_related("decision")
    assert {letter.nature for letter in letters} >= {
        *("accuse_reception", "pieces_manquantes", "proposition_plan", "decision_accord"),
        *("decision_rejet", "revalorisation", "mise_en_demeure", "suspension", "fin_droit"),
        *("forfait_tacite", "forfait_urgence"),
    }
    for letter in letters.filter(decision__isnull=False):
        assert letter.cree_on == letter.decision.prise_on
        assert letter.dossier_id == letter.decision.dossier_id


def test_a_file_awaits_an_answer_from_the_post_of_its_proposal():
    silent = False
    for dossier in m.Dossier.objects.filter(etat=Etat.PROPOSE).prefetch_related("courriers"):
        letters = [c for c in dossier.courriers.all() if c.nature == "proposition_plan"]
        assert [c.nom_destinataire != "" for c in letters] == [True]
        left_on = letters[0].poste_on
        ten_days = echeance("observations", left_on) if left_on else None
        assert (dossier.echeance, dossier.echeance_on) in (
            (Echeance.REPONSE, ten_days),
            (Echeance.PROPOSITION_DEFINITIVE, dossier.echeance_on if left_on else None),
            (Echeance.ENVOI, None if left_on else letters[0].cree_on),
        )
        silent |= dossier.echeance == Echeance.REPONSE and ten_days < today()
    assert silent


def test_what_is_spent_upon_invoices_stays_within_what_was_granted():
    assert set(m.AidePonctuelle.objects.values_list("nature", flat=True)) >= {"repit"}
    factures = m.Facture.objects.filter(aide__isnull=False).select_related("aide", "droit")
    assert factures
    for facture in factures:
        assert facture.retenu <= facture.aide.montant
        assert facture.droit.periode.lower <= facture.depense_on <= facture.saisie_on <= today()
        assert facture.aide.dossier_id == facture.droit.dossier_id == facture.dossier_id
    for succession in m.Succession.objects.select_related("dossier__identite"):
        assert succession.dossier.identite.deces_on <= succession.depuis_on


def test_half_of_the_people_use_less_than_their_plan():
    delivered = m.Prestation.objects.values("dossier").annotate(hours=Sum("heures_realisees"))
    assert delivered.count() > PEOPLE / 4


def test_each_role_has_an_account_whose_password_the_instance_accepts():
    validate_password(PASSWORD)
    roles = Habilitation.objects.values("role").annotate(agents=Count("agent"))
    counted = {row["role"]: row["agents"] for row in roles}
    assert counted == {
        Role.INSTRUCTEUR: 2,
        Role.EVALUATEUR: 2,
        Role.AGENT_PAIEMENT: 2,
        Role.CONTROLEUR: 1,
        Role.RESPONSABLE: 1,
        "delegue": 1,
        "administrateur": 1,
    }
    agent = Agent.objects.get(identifiant="alice")
    assert agent.check_password(PASSWORD)
    lines = demo.load()
    for compte in COMPTES:
        assert any(compte.identifiant in line and compte.fonction in line for line in lines)


def test_letters_are_kept_with_their_imprint():
    letters = list(m.Courrier.objects.all())
    assert len(letters) >= 4
    for letter in letters:
        assert bytes(letter.pdf).startswith(b"%PDF")
        assert hashlib.sha256(letter.pdf).hexdigest() == letter.empreinte


def test_a_number_of_people_that_is_none_is_told(monkeypatch):
    monkeypatch.setenv("EGIDE_DEMO_PEOPLE", "beaucoup")
    with pytest.raises(CannotServe, match="« beaucoup »"):
        demo.load()


def test_invented_people_never_join_a_real_organisme():
    with transaction.atomic():
        Organisme.objects.filter(pk=Organisme.objects.get().pk).update(siren="999999980")
        organisme("Département réel", "220000018", "01")
        with pytest.raises(BaseOccupee):
            create_demo(on=today(), people=1)
        transaction.set_rollback(True)


def test_some_ask_again_in_the_file_that_was_over():
    again = m.Demande.objects.filter(nature=NatureDemande.PREMIERE).values("dossier")
    again = again.annotate(asked=Count("pk"), last=Max("recue_on")).filter(asked__gt=1)
    assert again.count() >= 2
    for row in again:
        dossier = m.Dossier.objects.get(pk=row["dossier"])
        assert (dossier.etat, dossier.fin_droit_on, dossier.motif_fin) == (Etat.RECU, None, "")
        assert dossier.dernier_contact_on == row["last"]
        assert not m.Ressources.objects.filter(dossier=dossier, en_vigueur=True).exists()
        taken = m.Decision.objects.filter(dossier=dossier)
        assert {d.nature for d in taken} & {"rejet", "fin"}
        assert max(d.effet_on for d in taken) < row["last"]
