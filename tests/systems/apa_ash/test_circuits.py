"""What a circuit refuses to the proposal, before anybody reads it, and again to the signature."""

import uuid
from datetime import date, timedelta

import pytest

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.services import decisions, fins, projets
from egide.systems.apa_ash.services.droits import DroitDejaOuvert
from egide.systems.apa_ash.services.interruptions import AucunDroitAInterrompre
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.situations import droits
from tests.systems.apa_ash.test_arrets import fin, suspension, warned  # noqa: F401
from tests.systems.apa_ash.test_effet_evenement import DAY, propose
from tests.systems.apa_ash.test_mise_en_demeure import LATER, SENT
from tests.systems.apa_ash.test_suites_decision import APA, SINCE, reopen

ONE_DAY = timedelta(days=1)
DECEMBRE = date(2026, 12, 1)
MORROW = DECEMBRE + ONE_DAY


@pytest.fixture
def dossier(team):
    return situations.opened(team.nord, since=SINCE, by=team.chloe)


@pytest.fixture
def to_come(team):
    """A right that was granted and begins in December."""
    return situations.opened(team.nord, since=DECEMBRE, by=team.chloe)


@pytest.mark.parametrize(("effet_on", "refused"), [(DAY, True), (DECEMBRE, True), (MORROW, False)])
def test_no_agreement_is_proposed_under_a_right_to_come(team, to_come, on_day, effet_on, refused):
    said = {"effet_on": effet_on, "motif": "Retour de vacances."}
    with on_day(team.alice, DAY) as passage:
        reopen(passage, to_come)
        if refused:
            with pytest.raises(DroitDejaOuvert):
                propose(passage, to_come, **said)
        else:
            assert propose(passage, to_come, **said).effet_on == effet_on


@pytest.mark.parametrize(("revision_on", "refused"), [(DECEMBRE, True), (MORROW, False)])
def test_the_next_revision_follows_a_later_effect(team, on_day, revision_on, refused):
    dossier = situations.ready(team.nord, on=DAY, by=team.chloe)
    said = {"effet_on": DECEMBRE, "revision_on": revision_on, "motif": "Retour de vacances."}
    with on_day(team.alice, DAY) as passage:
        if refused:
            with pytest.raises(decisions.RevisionImpossible):
                propose(passage, dossier, **said)
        else:
            assert propose(passage, dossier, **said).revision_on == MORROW


@pytest.mark.parametrize(
    ("fin_on", "refused"), [(DAY, True), (DECEMBRE - ONE_DAY, True), (DECEMBRE, False)]
)
def test_no_end_is_proposed_before_a_right_to_come(team, to_come, on_day, fin_on, refused):
    with on_day(team.alice, DAY) as passage:
        if refused:
            with pytest.raises(DroitDejaOuvert):
                fin(passage, to_come, fin_on=fin_on)
        else:
            assert fin(passage, to_come, fin_on=fin_on).effet_on == fin_on


@pytest.mark.parametrize(("departement", "refused"), [("", True), ("01", True), ("02", False)])
def test_a_move_is_towards_another_departement(team, dossier, on_day, departement, refused):
    said = {"code": "depart", "fin_on": date(2026, 7, 15), "departement": departement}
    with on_day(team.alice, LATER) as passage:
        if refused:
            with pytest.raises(fins.DepartementInconnu):
                fin(passage, dossier, **said)
        else:
            assert fin(passage, dossier, **said).departement == "02"


def test_a_right_closed_since_is_not_suspended(team, warned, on_day):  # noqa: F811
    with on_day(team.alice, LATER) as passage:
        projet = suspension(passage, warned)
        fins.record_deces(passage, jeton=uuid.uuid4(), dossier_id=warned.pk, deces_on=SENT)
    with on_day(team.remi, LATER) as passage, pytest.raises(AucunDroitAInterrompre):
        projets.sign_projet(passage, projet_id=projet.pk)
    assert not m.Interruption.objects.exists()
    assert droits(warned) == [(SINCE, SENT + ONE_DAY, APA)]
