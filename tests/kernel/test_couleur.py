"""The colour of an organisme can always be read, whoever writes it."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from egide.kernel.access.couleur import CONTRASTE, contraste
from egide.kernel.access.models import Organisme

READABLE = ["#124e57", "#000000", "#0000ff", "#7a4f00", "#a3262a", "#6a6a6a"]
TOO_LIGHT = ["#ffffff", "#ffff00", "#00ff00", "#8490a0", "#7a7a7a", "#ff6600"]


def test_the_ratio_is_the_one_of_the_norm():
    assert contraste("#000000", fond="#ffffff") == 21
    assert round(contraste("#767676", fond="#ffffff"), 2) == Decimal("4.54")
    assert contraste("#123456", fond="#123456") == 1


@pytest.mark.parametrize("couleur", READABLE)
def test_a_deep_colour_is_taken(team, couleur):
    assert contraste(couleur) >= CONTRASTE
    team.departement.couleur = couleur
    team.departement.full_clean(exclude=["siren"])
    team.departement.save(update_fields=["couleur"])


@pytest.mark.parametrize("couleur", TOO_LIGHT)
def test_a_light_one_is_refused_with_what_to_do_and_by_postgresql_too(team, couleur):
    assert contraste(couleur) < CONTRASTE
    team.departement.couleur = couleur
    with pytest.raises(ValidationError) as refused:
        team.departement.full_clean()
    assert "Choisissez-en une plus foncée" in str(refused.value)
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisme.objects.filter(pk=team.departement.pk).update(couleur=couleur)


def test_what_is_not_a_colour_is_told_as_such(team):
    team.departement.couleur = "rouge"
    with pytest.raises(ValidationError) as refused:
        team.departement.full_clean()
    assert "comme #124e57" in str(refused.value)
