"""A claim is proposed by the control and signed by another hand; what is not owed is dropped."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, Role
from egide.systems.apa_ash.queries import indus_a_signer as queries
from egide.systems.apa_ash.queries.indus_a_signer import (
    count_indus_a_signer,
    find_indus_a_signer,
)
from egide.systems.apa_ash.queries.retraits import owed_again
from egide.systems.apa_ash.services import indu as acts
from egide.systems.apa_ash.services import indus_a_signer as services
from egide.systems.apa_ash.services.indu_deces import claim_after_death
from egide.systems.apa_ash.services.lettres_indu import write_months
from tests.personas import grant, today
from tests.systems.apa_ash.paiement_rows import droit, prestataire
from tests.systems.apa_ash.test_controle import helped, mois, record
from tests.systems.apa_ash.test_dossiers import statements
from tests.systems.apa_ash.test_letters import squeeze, text_of

__all__ = ["helped", "mois", "record"]
BACKEND = "egide.kernel.access.backends.AgentBackend"


@pytest.fixture
def proposed(team, entering, helped, record):
    """A debt of 450 euros of a service, which carole found and proposes to notify."""

    def make(agent=None, service=None, **changes):
        indu = record(helped(service, **changes), agent)
        with entering(agent or team.carole, CONTROLE) as passage:
            acts.propose_indus(
                passage, dossier_id=indu.dossier_id, prestataire_id=indu.prestataire_id
            )
        return m.Indu.objects.get(pk=indu.pk)

    return make


def sign(entering, agent, indu, lu=None):
    with entering(agent, INSTRUCTION) as passage:
        return services.sign_indus(passage, indu_id=indu.pk, lu=lu or indu.montant)


def untold(indu, etat="propose"):
    return m.Indu.objects.get(pk=indu.pk).etat == etat and not m.Courrier.objects.exists()


def test_nothing_is_told_before_the_signature(team, entering, proposed):
    indu = proposed()
    assert (indu.etat, indu.propose_par_id) == ("propose", team.carole.pk)
    assert untold(indu)
    sign(entering, team.remi, indu)
    indu.refresh_from_db()
    letter = m.Courrier.objects.get(dossier=indu.dossier)
    assert (indu.etat, letter.nature) == ("notifie", "indu")
    text = text_of(letter.pdf)
    for told in ("Rémi Girard", "Affaire suivie par : Carole"):
        assert squeeze(told) in text
    with entering(team.remi, INSTRUCTION) as passage, pytest.raises(services.IndusTraites):
        services.sign_indus(passage, indu_id=indu.pk, lu=indu.montant)


def test_nobody_signs_what_they_found_or_proposed(team, entering, proposed):
    grant(team.nora, Role.RESPONSABLE, team.nord, by=team.admin)
    indu = proposed()
    for column in ("constate_par", "propose_par"):
        m.Indu.objects.update(constate_par=team.carole, propose_par=team.carole)
        m.Indu.objects.update(**{column: team.nora})
        with pytest.raises(services.IndusDeSaMain):
            sign(entering, team.nora, indu)
        assert untold(indu)
        with entering(team.nora, INSTRUCTION) as passage:
            assert count_indus_a_signer(passage) == 0
    m.Indu.objects.update(propose_par=team.carole)
    with entering(team.nora, INSTRUCTION) as passage:
        assert count_indus_a_signer(passage) == 1
    sign(entering, team.nora, indu)


@pytest.mark.parametrize("name", ["alice", "bruno", "carole", "paul", "edith", "victor"])
def test_who_holds_no_delegation_signs_no_claim(team, entering, proposed, name):
    indu = proposed()
    with entering(team.agents[name], INSTRUCTION) as passage:
        for run, said in (
            (services.sign_indus, {"lu": indu.montant}),
            (services.return_indus, {"motif": "x"}),
        ):
            with pytest.raises(Refused):
                run(passage, indu_id=indu.pk, **said)
    assert untold(indu)


def test_a_claim_of_next_door_is_not_found(team, entering, proposed):
    grant(team.nora, Role.RESPONSABLE, team.sud, by=team.admin)
    indu = proposed()
    with pytest.raises(Refused):
        sign(entering, team.nora, indu)


def test_a_claim_sent_back_is_proposed_again(team, entering, proposed):
    indu = proposed()
    with entering(team.remi, INSTRUCTION) as passage:
        with pytest.raises(services.SuiteSansMotif):
            services.return_indus(passage, indu_id=indu.pk, motif="  ")
        services.return_indus(passage, indu_id=indu.pk, motif="Vérifiez les heures d’août.")
    assert untold(indu, "constate")
    with entering(team.carole, CONTROLE) as passage:
        acts.propose_indus(passage, dossier_id=indu.dossier_id, prestataire_id=indu.prestataire_id)
    sign(entering, team.remi, indu)
    assert m.Indu.objects.get(pk=indu.pk).etat == "notifie"


def drop(entering, agent, indu, motif="Le service a corrigé ses heures."):
    with entering(agent, CONTROLE) as passage:
        return services.drop_indu(passage, dossier_id=indu.dossier_id, indu_id=indu.pk, motif=motif)


@pytest.mark.parametrize("waiting", [True, False])
def test_what_is_not_owed_is_dropped_before_anybody_is_told(
    team, entering, helped, record, proposed, waiting
):
    indu = proposed() if waiting else record(helped())
    with pytest.raises(services.ToujoursDu, match="450,00"):
        drop(entering, team.carole, indu)
    m.Prestation.objects.filter(dossier=indu.dossier).update(heures_realisees=30)
    with pytest.raises(services.SuiteSansMotif):
        drop(entering, team.carole, indu, motif=" ")
    assert drop(entering, team.carole, indu).suite == "Le service a corrigé ses heures."
    assert untold(indu, "retire")
    # What is still owed of the month is found anew.
    assert record(indu.dossier).montant == Decimal("225.00")


def test_what_was_notified_is_withdrawn_by_two_hands(team, entering, proposed):
    indu = proposed()
    sign(entering, team.remi, indu)
    m.Prestation.objects.filter(dossier=indu.dossier).update(heures_realisees=40)
    with pytest.raises(services.DejaNotifie):
        drop(entering, team.carole, indu)


@pytest.mark.parametrize("name", ["alice", "bruno", "remi", "paul", "edith"])
def test_only_the_control_of_the_service_drops(team, entering, proposed, name):
    indu = proposed()
    m.Prestation.objects.filter(dossier=indu.dossier).update(heures_realisees=40)
    with pytest.raises(Refused):
        drop(entering, team.agents[name], indu)


def test_the_total_is_compared_again_with_the_threshold(team, entering, proposed):
    indu = proposed()
    m.Indu.objects.update(montant=Decimal("22.50"))
    with pytest.raises(acts.BelowThreshold):
        sign(entering, team.remi, indu, Decimal("22.50"))
    assert untold(indu)


def test_what_is_signed_is_what_its_month_still_gives(team, entering, client, proposed):
    indu = proposed()
    m.Prestation.objects.filter(dossier=indu.dossier).update(heures_realisees=30)
    with pytest.raises(services.IndusMoindres, match="que 225,00"):
        sign(entering, team.remi, indu)
    client.force_login(team.remi, BACKEND)
    html = client.get(reverse("apa_ash:indus_a_signer", args=[indu.pk])).content.decode()
    assert "renvoyez la notification" in html
    assert "Signer la notification" not in html
    assert untold(indu)
    # Fewer hours give a larger excess: what was read is owed, the rest is found anew.
    m.Prestation.objects.filter(dossier=indu.dossier).update(heures_realisees=10)
    sign(entering, team.remi, indu)
    assert m.Indu.objects.get(pk=indu.pk).etat == "notifie"


def test_a_debt_proposed_since_the_page_was_read_is_not_signed_with_it(team, entering, proposed):
    indu = proposed()
    m.Indu.objects.create(
        **{
            **{f.attname: getattr(indu, f.attname) for f in indu._meta.concrete_fields},
            "id": uuid.uuid4(),
            "motif": "Un autre",
            "montant": Decimal(50),
        }
    )
    with pytest.raises(services.TotalChange):
        sign(entering, team.remi, indu)
    assert untold(indu)


def test_what_time_has_barred_is_not_claimed(team, entering, proposed):
    indu = proposed()
    for back, refused in ((-1, False), (0, True)):
        m.Indu.objects.update(prescrit_on=today() - timedelta(days=back), etat="propose")
        if refused:
            with pytest.raises(acts.Prescribed, match="abandonnez"):
                sign(entering, team.remi, indu)
        m.Indu.objects.update(etat="constate")
        with entering(team.carole, CONTROLE) as passage:
            asked = {"dossier_id": indu.dossier_id, "prestataire_id": indu.prestataire_id}
            if refused:
                with pytest.raises(acts.Prescribed):
                    acts.propose_indus(passage, **asked)
            else:
                acts.propose_indus(passage, **asked)
    assert drop(entering, team.carole, indu, "Prescrit.").etat == "retire"


def test_a_page_of_the_list_tells_each_letter_whole(team, entering, proposed, monkeypatch):
    indu = proposed()
    copied = {f.attname: getattr(indu, f.attname) for f in indu._meta.concrete_fields}
    late = {"propose_on": today() + timedelta(days=1), "motif": "Un autre"}
    m.Indu.objects.create(**copied | late | {"id": uuid.uuid4(), "mois": next_month(indu.mois)})
    m.Indu.objects.create(**copied | late | {"id": uuid.uuid4(), "prestataire_id": None})
    monkeypatch.setattr(queries, "PAGE", 1)
    with entering(team.remi, INSTRUCTION) as passage:
        (letter,), more = queries.list_indus_a_signer(passage)
    assert ([row.mois for row in letter], more) == ([indu.mois, next_month(indu.mois)], True)
    monkeypatch.setattr(queries, "PAGE", 2)
    with entering(team.remi, INSTRUCTION) as passage:
        letters, more = queries.list_indus_a_signer(passage)
    assert (list(map(len, letters)), more) == ([2, 1], False)


# The screens.


def test_the_signatory_reads_the_claim_and_signs_it(team, client, proposed):
    indu = proposed()
    client.force_login(team.remi, BACKEND)
    page = reverse("apa_ash:indus_a_signer", args=[indu.pk])
    listed = client.get(reverse("apa_ash:a_signer")).content.decode()
    assert page in listed
    assert "indu à notifier" in client.get(reverse("apa_ash:journee")).content.decode()
    html = client.get(page).content.decode()
    for told in ("450,00", "Heures non réalisées", "Signer la notification"):
        assert told in html
    assert 'name="lu" value="450.00"' in html
    for lu in ({}, {"lu": "x"}, {"lu": "449.99"}):
        again = client.post(page, lu)
        assert again.status_code == 422
        assert "relisez-le" in again.content.decode()
    assert client.post(page, {"lu": "450.00"}).status_code == 302
    assert m.Indu.objects.get().etat == "notifie"
    assert client.post(page, {"lu": "450.00"}).status_code == 404
    assert page not in client.get(reverse("apa_ash:a_signer")).content.decode()


FIGURES = ("900,00", "40 h à 25,00", "20 h", "500,00", "10,00 %", "450,00")


def test_the_page_and_the_letter_tell_the_same_computation(team, entering, client, proposed):
    indu = proposed()
    client.force_login(team.remi, BACKEND)
    page = reverse("apa_ash:indus_a_signer", args=[indu.pk])
    html = client.get(page).content.decode()
    assert len(statements(client, page)) <= 15
    sign(entering, team.remi, indu)
    text = text_of(m.Courrier.objects.get(dossier=indu.dossier).pdf)
    for told in FIGURES:
        assert squeeze(told) in squeeze(html)
        assert squeeze(told) in text
    # Nothing else bounds the due of this month: nothing else is told.
    for silent in ("jours dus (", "constatés à part", "ne réclame pas", "en vigueur ne prévoyait"):
        assert squeeze(silent) not in squeeze(html)
        assert squeeze(silent) not in text


def precisions(entering, agent, indu):
    with entering(agent, INSTRUCTION) as passage:
        found = find_indus_a_signer(passage, pk=indu.pk).indus
        calcul = owed_again(passage, dossier=found[0].dossier, claims=found)
        return write_months(found, calcul=calcul)


def test_an_invoice_below_the_hours_is_told_and_binds(team, entering, proposed):
    indu = proposed(facture=Decimal("500.00"))
    (told,) = precisions(entering, team.remi, indu)
    assert (squeeze(told.realise), told.utilise) == (squeeze("20 h, facturé 500,00 €"), 500)
    assert not told.precisions


def test_what_bounds_the_due_besides_the_hours_is_told(team, entering, proposed):
    indu = proposed()
    m.Interruption.objects.create(
        service=indu.service,
        dossier=indu.dossier,
        nature="suspension",
        periode=DateRange(indu.mois, next_month(indu.mois)),
    )
    (told,) = precisions(entering, team.remi, indu)
    assert told.du == 0
    assert [said.split()[0:4] for said in told.precisions] == [
        ["le", "dû", "tient", "aussi"],
        ["le", "calcul", "donne", "450,00"],
    ]


def test_a_month_that_no_plan_covers_has_no_figure_of_a_plan(team, entering, proposed):
    indu = proposed()
    m.Droit.objects.filter(dossier=indu.dossier).update(
        periode=DateRange(next_month(indu.mois), None)
    )
    (told,) = precisions(entering, team.remi, indu)
    assert (told.prevu, told.realise, told.utilise, told.taux, told.du) == ("", "", None, None, 0)
    assert told.precisions[0].startswith("aucun plan d’aide en vigueur")


def test_another_debt_of_the_month_is_told_apart(team, entering, proposed):
    indu = proposed()
    values = {f.attname: getattr(indu, f.attname) for f in indu._meta.concrete_fields}
    m.Indu.objects.filter(pk=indu.pk).update(montant=Decimal(400))
    other = {"id": uuid.uuid4(), "motif": "Un autre", "montant": Decimal(50), "etat": "notifie"}
    m.Indu.objects.create(**{**values, **other})
    (told,) = precisions(entering, team.remi, indu)
    assert (told.du, told.ecart) == (450, 400)
    assert told.precisions == ("50,00\u00a0€ de trop-versé sont constatés à part.",)


WITHHELD, CLAIMED = "retenu sur chaque versement", "comptable public réclame"


@pytest.mark.parametrize(
    ("stops", "told"),
    [
        (None, WITHHELD),
        ("deces", CLAIMED),
        ("fin", CLAIMED),
        ("fin ce mois", CLAIMED),
        ("autre_service", CLAIMED),
    ],
)
def test_what_follows_the_signature_depends_on_what_still_pays(team, client, proposed, stops, told):
    indu = proposed()
    if stops == "deces":
        m.Identite.objects.filter(dossier=indu.dossier).update(deces_on=today())
    elif stops:
        since = m.Droit.objects.get(dossier=indu.dossier).periode.lower
        last = today() if stops == "fin ce mois" else indu.mois
        m.Droit.objects.update(periode=DateRange(since, next_month(last)))
    if stops == "autre_service":
        droit(
            indu.dossier,
            start=next_month(indu.mois),
            lines=[(ModeAide.PRESTATAIRE, prestataire(team.departement), 40, 25)],
        )
    client.force_login(team.remi, BACKEND)
    page = reverse("apa_ash:indus_a_signer", args=[indu.pk])
    html = squeeze(client.get(page).content.decode())
    assert [said for said in (WITHHELD, CLAIMED) if squeeze(said) in html] == [told]
    signed = squeeze(client.post(page, {"lu": "450.00"}, follow=True).content.decode())
    assert (squeeze("la retenue suivra") in signed) == (told == WITHHELD)
    assert (squeeze("le comptable public réclame la somme.") in signed) == (told == CLAIMED)
    text = text_of(m.Courrier.objects.get(dossier=indu.dossier).pdf)
    assert (squeeze("Nous retenons au plus") in text) == (told == WITHHELD)
    assert (squeeze("avis de paiement du comptable") in text) == (told == CLAIMED)


@pytest.mark.parametrize(("heures", "asked"), [("40", False), ("5", True)])
def test_a_service_is_asked_for_proofs_of_hours_of_the_living_alone(
    team, entering, helped, record, mois, heures, asked
):
    dossier = helped(heures=heures)
    m.Identite.objects.filter(dossier=dossier).update(deces_on=mois.replace(day=10))
    with entering(team.carole, CONTROLE) as passage:
        claim_after_death(passage, dossier_id=dossier.pk)
    if asked:
        unused = record(dossier)
        with entering(team.carole, CONTROLE) as passage:
            acts.propose_indus(passage, dossier_id=dossier.pk, prestataire_id=unused.prestataire_id)
    waiting = m.Indu.objects.filter(dossier=dossier, etat="propose")
    total = sum(indu.montant for indu in waiting)
    sign(entering, team.remi, waiting[0], total)
    text = text_of(m.Courrier.objects.get(dossier=dossier).pdf)
    assert squeeze("Ne demandez pas ces sommes à la succession de la personne aidée") in text
    assert (squeeze("Si vous avez apporté cette aide") in text) == asked


def test_the_signatory_sends_back_and_the_control_reads_why(team, client, proposed):
    indu = proposed()
    client.force_login(team.remi, BACKEND)
    back = reverse("apa_ash:indus_renvoi", args=[indu.pk])
    assert client.post(back, {"motif": ""}).status_code == 422
    assert client.post(back, {"motif": "Heures à vérifier."}).status_code == 302
    client.force_login(team.carole, BACKEND)
    page = reverse("apa_ash:controle_dossier", args=[indu.dossier_id])
    html = client.get(page).content.decode()
    assert "Heures à vérifier." in html
    first = reverse("apa_ash:controle")
    assert "1 indu renvoyé par le signataire" in client.get(first).content.decode()
    returned = client.get(reverse("apa_ash:indus"), {"etat": "renvoye"}).content.decode()
    assert reverse("apa_ash:controle_dossier", args=[indu.dossier_id]) in returned
    m.Indu.objects.update(suite="")
    assert "renvoyé par" not in client.get(first).content.decode()
    assert reverse("apa_ash:indu_abandon", args=[indu.dossier_id, indu.pk]) in html


def test_the_control_drops_from_its_page(team, client, proposed):
    indu = proposed()
    client.force_login(team.carole, BACKEND)
    page = reverse("apa_ash:indu_abandon", args=[indu.dossier_id, indu.pk])
    assert "Abandonner" in client.get(page).content.decode()
    refused = client.post(page, {"motif": "Heures corrigées."})
    assert refused.status_code == 422
    assert "Heures corrigées." in refused.content.decode()
    m.Prestation.objects.update(heures_realisees=40)
    assert client.post(page, {"motif": "Heures corrigées."}).status_code == 302
    assert m.Indu.objects.get().etat == "retire"
    assert "se demande" in client.get(page).content.decode()


@pytest.mark.parametrize("name", ["alice", "carole", "bruno", "nora"])
def test_a_claim_to_sign_looks_absent_to_others(team, client, proposed, name):
    indu = proposed()
    client.force_login(team.agents[name], BACKEND)
    assert client.get(reverse("apa_ash:indus_a_signer", args=[indu.pk])).status_code == 404
    unknown = reverse("apa_ash:indus_a_signer", args=[uuid.uuid4()])
    assert client.get(unknown).status_code == 404


def test_a_slice_is_claimed_with_what_was_given_up_of_its_month(team, entering, proposed):
    """It is signed with a slice that was given up; without it, it is below the threshold."""
    indu = proposed()
    beside = m.Indu.objects.get(pk=indu.pk)
    beside.pk, beside.motif, beside.etat = uuid.uuid4(), "x", "non_recouvre"
    beside.montant = Decimal("20.00")
    beside.save(force_insert=True)
    m.Indu.objects.filter(pk=indu.pk).update(montant=Decimal("20.00"))
    m.Indu.objects.filter(pk=beside.pk).update(etat="retire", retire=20)
    indu.refresh_from_db()
    with pytest.raises(acts.BelowThreshold):
        sign(entering, team.remi, indu, Decimal("20.00"))
    m.Indu.objects.filter(pk=beside.pk).update(etat="non_recouvre", retire=0)
    sign(entering, team.remi, indu, Decimal("20.00"))
    assert m.Indu.objects.get(pk=indu.pk).etat == "notifie"
