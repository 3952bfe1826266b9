"""The fields that the forms share."""

import pytest
from django.core.exceptions import ValidationError

from egide.systems.apa_ash.forms.champs import Jour
from egide.systems.apa_ash.forms.evaluation import day_field
from egide.systems.apa_ash.forms.paiement import MonthField


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ("0001-01-01", True),
        ("1889-12-31", True),
        ("1890-01-01", False),
        ("2100-01-01", False),
        ("2100-02-01", True),
        ("9999-12-31", True),
    ],
)
def test_a_year_that_nobody_lives_is_told_at_its_field(typed, refused):
    for field, said in ((Jour(), typed), (day_field("Jour"), typed), (MonthField(), typed[:7])):
        if refused:
            with pytest.raises(ValidationError, match="n’est pas vraisemblable"):
                field.clean(said)
        else:
            assert str(field.clean(said)).startswith(typed[:7])
