"""Lead a campaign in tests: each act in a passage of its own, as a request does."""

import uuid

import pytest

from egide.systems.apa_ash.purposes import REVALORISATION
from egide.systems.apa_ash.services import campagnes as acts
from tests.systems.apa_ash.campagne.rows import EFFET


@pytest.fixture
def passing(team, entering):
    """Run one act of the head of service in a passage of its own, as a request does."""

    def run(service, *, agent=None, **arguments):
        with entering(agent or team.remi, REVALORISATION) as passage:
            return service(passage, **arguments)

    return run


@pytest.fixture
def simulate(team, passing):
    def run(effet_on=EFFET, service=None, **options):
        return passing(
            acts.simulate_campagne,
            jeton=options.pop("jeton", None) or uuid.uuid4(),
            service_id=(service or team.nord).pk,
            effet_on=effet_on,
            **options,
        )

    return run


@pytest.fixture
def finish(passing):
    """Apply batch after batch until the campaign ends; give the number of batches."""

    def run(campagne, *, size=acts.BATCH):
        for number in range(1, 100):
            found = passing(acts.apply_batch, campagne_id=campagne.pk, size=size)
            if found.etat == "terminee":
                return number
        raise AssertionError("the campaign does not end")

    return run
