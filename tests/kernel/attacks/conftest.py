"""A house with rows that are committed, and real connections of the web login to attack it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from egide.kernel.access.names import purpose_role, sign_in_role, web_role
from egide.kernel.access.passage import sign
from egide.kernel.access.secrets import login_password
from egide.kernel.catalogue.declarations import REGISTRY, Purpose
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.models import Demande, Dossier, LotPaiement, Paiement
from egide.systems.apa_ash.models.plan import EtatPlan, PlanAide
from tests import factories
from tests.kernel.attacks.trigger_attempts import COMPLETED
from tests.personas import Cast, cast, today
from tests.systems.apa_ash import paiement_rows
from tests.systems.apa_ash.situations import ressources

EVERY_PURPOSE = [p for catalogue in REGISTRY for p in catalogue.purposes if not p.job]
EVERY_JOB = [p for catalogue in REGISTRY for p in catalogue.purposes if p.job]


@dataclass
class House:
    """Who lives here: the cast, a file of the north, a file of the south, a draft of the north,
    and its run of payments, prepared with one line.
    """

    team: Cast
    nord: UUID
    sud: UUID
    brouillon: UUID
    lot: UUID

    @property
    def name(self) -> str:
        return str(connection.settings_dict["NAME"])

    def role(self, purpose: Purpose) -> str:
        return purpose_role(self.name, purpose)

    def web(self) -> AbstractContextManager[psycopg.Connection]:
        """Open a session of the web login itself, as a stolen process would."""
        return self.login(web_role(self.name))

    def sign_in(self) -> AbstractContextManager[psycopg.Connection]:
        """Open a session of the login that knows agents and sessions."""
        return self.login(sign_in_role(self.name))

    @contextmanager
    def login(self, login: str) -> Iterator[psycopg.Connection]:
        """Open a session of a login of the web process."""
        database = connection.settings_dict
        with psycopg.connect(
            dbname=self.name,
            user=login,
            password=login_password(settings.SECRET_KEY, login=login),
            host=database["HOST"] or None,
            port=database["PORT"] or None,
        ) as opened:
            yield opened
            opened.rollback()

    def passage(self, opened: psycopg.Connection, agent: str, purpose: Purpose) -> str:
        """Sign what the application would sign for this agent over this connection."""
        return sign(
            self.team.agents[agent].pk,
            session="attack",
            role=self.role(purpose),
            backend=opened.info.backend_pid,
        )

    def take(self, opened: psycopg.Connection, agent: str, purpose: Purpose) -> str:
        """Enter a passage as the application does; give the signed statement."""
        passage = self.passage(opened, agent, purpose)
        opened.execute(
            "SELECT set_config('egide.passage', %s, true), set_config('role', %s, true)",
            [passage, self.role(purpose)],
        )
        return passage

    @contextmanager
    def inside(self, agent: str, purpose: Purpose) -> Iterator[psycopg.Connection]:
        """Open a session and enter."""
        with self.web() as opened:
            self.take(opened, agent, purpose)
            yield opened


Inside = Callable[[str, Purpose], AbstractContextManager[psycopg.Connection]]


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[House]:
    """Commit two files in two services; leave the database as it was found."""
    with django_db_blocker.unblock():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
            team = cast()
            nord = factories.dossier(team.nord)
            sud = factories.dossier(team.sud, nom="Morel", prenoms="Paulette")
            ressources(nord, montant="0.00", on=today())
            complete = {"recue_on": COMPLETED, "complete_on": COMPLETED}
            Demande.objects.filter(dossier=nord).update(**complete)
            plan = PlanAide.objects.create(
                service=team.nord, dossier=nord, etat=EtatPlan.BROUILLON, gir=2, effet_on=today()
            )
            lot = _run_of_one_line(team, nord)
        yield House(team, nord.pk, sud.pk, plan.pk, lot)
        _empty()


def _run_of_one_line(team: Cast, dossier: Dossier) -> UUID:
    mois = previous_month(today().replace(day=1), back=3)
    bound = {"service": team.nord}
    lot = LotPaiement.objects.create(
        **bound, mois=mois, etat="prepare", prepare_par=team.paul, prepare_on=today()
    )
    right = paiement_rows.droit(dossier, start=previous_month(mois), end=next_month(mois), lines=())
    Paiement.objects.create(
        **bound,
        dossier=dossier,
        lot=lot,
        droit=right,
        iban="FR00",
        mois_du=mois,
        montant_brut=right.apa,
    )
    return lot.pk


def _empty() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("trail", "change"):
            cursor.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER never_emptied")
            cursor.execute(f"TRUNCATE audit.{table}")
            cursor.execute(f"ALTER TABLE audit.{table} ENABLE TRIGGER never_emptied")
        cursor.execute("TRUNCATE access_organisme, django_session CASCADE")
