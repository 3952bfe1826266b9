"""Every address keeps the house's promises: who, which method, whose rows, refusals traced."""

import re
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from egide.kernel.access.catalogue import SYSTEM as KERNEL
from egide.kernel.access.models import Habilitation
from egide.kernel.access.policy import POLICIES
from egide.systems.apa_ash.purposes import Role
from tests.personas import today
from tests.sweeps.addresses import ADDRESSES, DECLARED_ADDRESSES, PUBLIC, SIGNED_IN

# One worker: each would load the demonstration.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("addresses")]
BACKEND = "egide.kernel.access.backends.AgentBackend"
# The head of a service alone says who follows which file, and undoes a death.
HEADS_ONLY = {
    "apa-ash/instruction/a-signer",
    "apa-ash/instruction/a-signer/<uuid:pk>",
    "apa-ash/instruction/reaffectation",
    "apa-ash/instruction/indus/<uuid:pk>",
    "apa-ash/instruction/indus/<uuid:pk>/renvoyer",
    "apa-ash/instruction/remises/<uuid:pk>",
    "apa-ash/instruction/retraits/<uuid:pk>",
    "apa-ash/instruction/dossiers/<uuid:pk>/deces/annuler",
}
WITH_ID = [a for a in DECLARED_ADDRESSES if a.holds_id]
EVERY = pytest.mark.parametrize("address", DECLARED_ADDRESSES, ids=lambda a: a.pattern)


def sign_in(client, agent):
    client.force_login(agent, backend=BACKEND)
    return client


def role_for(purpose):
    """Give a role that plays a purpose."""
    return next(a.role for p in POLICIES for a in p.allows if a.purpose == purpose)


def method(address):
    return address.declared.methods[-1].lower()


def refusals():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.trail WHERE outcome = 'refus'")
        return cursor.fetchone()[0]


def shape(answer, *ids):
    """Reduce an answer to what a stranger could compare."""
    body = answer.content.decode(errors="replace")
    body = re.sub(r'"x-csrftoken": "\w+"|name="csrfmiddlewaretoken" value="\w+"', "", body)
    for one in ids:
        body = body.replace(str(one), "ID")
    return answer.status_code, body, sorted(k for k in answer.headers if k != "Set-Cookie")


def test_every_address_declares_a_purpose_with_its_source_or_is_listed():
    for address in ADDRESSES:
        if address.declared is None:
            assert address.pattern in {**PUBLIC, **SIGNED_IN}, address.pattern
        else:
            assert address.declared.purpose.source
            assert set(address.declared.methods) <= {"GET", "POST"}


@EVERY
def test_a_visitor_is_sent_to_the_sign_in_and_nothing_is_read(client, departement, address):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = getattr(client, method(address))(address.path())
    assert answer.status_code == 302
    assert answer.url.startswith("/connexion?next=")
    assert len(queries) == 0


@EVERY
def test_a_method_that_is_not_declared_is_refused(client, departement, address):
    sign_in(client, departement.agents[Role.INSTRUCTEUR, "nord"])
    declared = {method.lower() for method in address.declared.methods}
    # HEAD goes with GET, and never with an act: it would be a POST without its token.
    declared |= {"head"} & {verb.replace("get", "head") for verb in declared}
    for verb in {"get", "head", "post", "put", "patch", "delete"} - declared:
        assert getattr(client, verb)(address.path()).status_code == 405


@EVERY
@pytest.mark.parametrize("why", ["another role", "expired", "no engagement"])
def test_who_may_not_is_answered_as_if_nothing_were_there(client, departement, address, why):
    purpose = address.declared.purpose
    agent = departement.agents[role_for(purpose), "nord"]
    if why == "another role":
        agent = departement.agents[Role.DPO, "nord"]
    elif why == "expired":
        Habilitation.objects.filter(agent=agent).update(
            periode=(today().replace(year=2020), today())
        )
    else:
        agent.organisme.engagement_conformite_on = None
        agent.organisme.engagement_reference = ""
        agent.organisme.save()
    sign_in(client, agent)
    before = refusals()
    assert getattr(client, method(address))(address.path()).status_code == 404
    assert refusals() == before + 1


@pytest.mark.parametrize("address", WITH_ID, ids=lambda a: a.pattern)
def test_another_service_and_nowhere_look_the_same(client, departement, address):
    kernel = address.declared.purpose.system == KERNEL
    place = "ailleurs" if kernel or address.model.__name__ == "Prestataire" else "nord"
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
    rows = address.model.objects.order_by("pk")
    if place == "nord":
        hidden = rows.filter(service=departement.sud)
    else:
        hidden = rows.exclude(organisme=departement.ailleurs.organisme)
    theirs = hidden.exclude(pk=None).values_list("pk", flat=True).first()
    if theirs is None:
        assert address.model.__name__ in {"Campagne", "LigneCampagne", "FichierPaiement"}
        theirs = uuid4()
    client = sign_in(client, departement.agents[role_for(address.declared.purpose), place])
    for verb in address.declared.methods:
        shapes, costs, before = [], [], refusals()
        for pk in (theirs, uuid4()):
            path = address.path(pk)
            with CaptureQueriesContext(connection) as queries:
                answer = getattr(client, verb.lower())(path)
            shapes.append(shape(answer, *re.findall(r"[0-9a-f-]{36}", path)))
            costs.append(len(queries))
        assert shapes[0] == shapes[1], verb
        assert costs[0] == costs[1]
        assert shapes[0][0] == 404, (verb, shapes[0][0])
        assert refusals() == before + 2


WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE|CREATE|ALTER|DROP|GRANT)\b")
# What the demonstration leaves empty: their own tests show these pages.
EMPTY = {"Campagne", "LigneCampagne"}
EMPTY_PAGES = {"apa-ash/controle/courriers/<uuid:pk>.pdf"}
# One page, whatever it shows. Savepoints, and leaving the role, are of the tests alone.
STATEMENTS = 15
OF_THE_TESTS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT set_config('role', 'none'")
GETS = [a for a in DECLARED_ADDRESSES if "GET" in a.declared.methods]


def only_reads(execute, sql, params, many, context):
    """Refuse what writes, but for the agent's own session."""
    if WRITES.match(sql.upper()) and "django_session" not in sql:
        raise AssertionError(f"a GET wrote: {sql[:120]}")
    return execute(sql, params, many, context)


# What some addresses show of a model that holds several things.
SHOWN = {
    "apa-ash/controle/courriers": {"nature": "indu"},
    "apa-ash/instruction/remises": {"nature": "remise"},
    "apa-ash/instruction/retraits": {"nature": "retrait"},
    "apa-ash/instruction/indus": {"etat": "propose"},
}


def ids_of(address, service):
    """Give the ids of some rows of a service that an address may name; a plan is a draft."""
    if not address.holds_id:
        return [()]
    model = apps.get_model(address.deepest) if address.deepest else address.model
    rows = model.objects.order_by("pk")
    if hasattr(model, "service"):
        rows = rows.filter(service=service)
    if told := SHOWN.get(address.pattern.split("/<uuid:")[0]):
        rows = rows.filter(**told)
    elif model.__name__ == "PlanAide" and address.deepest:
        rows = rows.filter(etat="brouillon")
    elif model.__name__ == "Interruption":
        rows = rows.exclude(nature="suspension")
    elif model.__name__ == "LignePlan":
        rows = rows.filter(plan__etat="brouillon")
    if not address.deepest:
        return list(rows.values_list("pk")[:6])
    between = ("plan_id",) if model.__name__ == "LignePlan" else ()
    return list(rows.values_list("dossier_id", *between, "pk")[:6])


@pytest.mark.parametrize("address", GETS, ids=lambda a: a.pattern)
def test_a_get_only_reads_and_never_fails(client, departement, address):
    purpose = address.declared.purpose
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
    ids = list(ids_of(address, departement.nord))
    role = "responsable" if address.pattern in HEADS_ONLY else role_for(purpose)
    sign_in(client, departement.agents[role, "nord"])
    found = []
    for pk in ids:
        with connection.execute_wrapper(only_reads), CaptureQueriesContext(connection) as seen:
            answer = client.get(address.path(*pk))
        assert len([q for q in seen if not q["sql"].startswith(OF_THE_TESTS)]) <= STATEMENTS
        assert answer.status_code in {200, 302, 404, 409, 422}, answer.status_code
        assert address.holds_id or answer.status_code in {200, 422}
        found.append(answer.status_code)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            assert "Content-Security-Policy" in answer.headers
            assert answer.headers["Cache-Control"] == "no-store"
    # Refusing every row would pass all the above: one row at least is shown by each address.
    if 200 not in found:
        assert not found
        assert address.pattern in EMPTY_PAGES or address.model.__name__ in EMPTY


OF_A_FILE = [
    a
    for a in DECLARED_ADDRESSES
    if a.deepest and a.model.__name__ == "Dossier" and a.deepest != "apa_ash.Prestataire"
]


@pytest.mark.parametrize("address", OF_A_FILE, ids=lambda a: a.pattern)
def test_a_row_is_not_reached_through_the_address_of_another_file(client, departement, address):
    """A forged id is absent: the act of one file is never told in the trail of another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
    mine, *more = ids_of(address, departement.nord)[0]
    others = apps.get_model("apa_ash.Dossier").objects.filter(service=departement.nord)
    other = others.exclude(pk=mine).order_by("pk").values_list("pk", flat=True)[0]
    role = "responsable" if address.pattern in HEADS_ONLY else role_for(address.declared.purpose)
    sign_in(client, departement.agents[role, "nord"])
    for verb in address.declared.methods:
        before = refusals()
        answer = getattr(client, verb.lower())(address.path(other, *more), {"reponse": "accord"})
        assert answer.status_code == 404, verb
        assert refusals() == before + 1
