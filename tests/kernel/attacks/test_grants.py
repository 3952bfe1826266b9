"""Attacks by an administrator in SQL: roles kept apart, periods and withdrawals of one's choice."""

import threading
from datetime import timedelta

import pytest
from psycopg import errors

from egide.kernel.access.catalogue import HABILITER
from egide.kernel.access.habilitations.forms import LONGEST

pytestmark = pytest.mark.django_db
DAY = "(SELECT (now() AT TIME ZONE 'Europe/Paris')::date)"
GRANT = (
    "INSERT INTO access_habilitation (id, organisme_id, agent_id, system, role, periode, motif,"
    " cumul_motif, granted_by_id, granted_at, confirmed_on, revoked_at) VALUES (gen_random_uuid(),"
    " %(one)s, %(agent)s, 'apa_ash', %(role)s, daterange({day} + %(start)s::int,"
    " {day} + %(end)s::int), 'x', %(cumul)s, %(admin)s, now() + make_interval(days => %(granted)s),"
    " {day} + %(confirmed)s::int, %(revoked)s)"
    " RETURNING id"
).replace("{day}", DAY)


def grant(opened, house, agent="nora", role="instructeur", **changes):
    team = house.team
    values = {
        "one": team.departement.pk, "agent": team.agents[agent].pk, "admin": team.admin.pk,
        "role": role, "start": 0, "end": 9, "cumul": "", "granted": 0, "confirmed": 0,
        "revoked": None,
    } | changes  # fmt: skip
    return opened.execute(GRANT, values).fetchall()[0][0]


def test_two_roles_kept_apart_meet_with_a_reason_only(house):
    with house.inside("admin", HABILITER) as opened:
        for reason in ("", "  "):
            with pytest.raises(errors.CheckViolation, match="cumul"), opened.transaction():
                grant(opened, house, agent="paul", cumul=reason)
        grant(opened, house, agent="paul", cumul="Congé ; le responsable relit")
        grant(opened, house, agent="paul", role="evaluateur")  # not to keep apart
        grant(opened, house, agent="nora", role="agent_paiement")
        with pytest.raises(errors.CheckViolation, match="cumul"), opened.transaction():
            grant(opened, house, agent="nora", role="instructeur")
        grant(opened, house, agent="nora", role="instructeur", start=9, end=12)  # afterwards


@pytest.mark.parametrize(
    ("broken", "changes"),
    [
        ("not_backdated", {"start": -1}),
        ("three_years", {"end": LONGEST.days + 2}),
        ("granted_today", {"granted": -2}),
        ("granted_today", {"confirmed": 200}),
        ("granted_today", {"revoked": "2026-01-01"}),
    ],
)
def test_a_grant_is_of_today_and_for_three_years_at_most(house, broken, changes):
    with house.inside("admin", HABILITER) as opened:
        with pytest.raises(errors.CheckViolation, match=broken), opened.transaction():
            grant(opened, house, **changes)
        grant(opened, house, end=(LONGEST + timedelta(days=1)).days)


def test_a_withdrawal_is_of_the_day_and_for_good(house):
    with house.inside("admin", HABILITER) as opened:
        held = grant(opened, house)

        def change(column, value):
            with opened.transaction():
                opened.execute(
                    f"UPDATE access_habilitation SET {column} = {value} WHERE id = %s", [held]
                )

        for value in ("now() - interval '2 days'", "now() + interval '2 days'"):
            with pytest.raises(errors.CheckViolation, match="revoked_once_today"):
                change("revoked_at", value)
        with pytest.raises(errors.CheckViolation, match="confirmed_today"):
            change("confirmed_on", "access.today() + 300")
        change("revoked_at", "now()")
        for value in ("NULL", "now() + interval '1 second'"):
            with pytest.raises(errors.CheckViolation, match="revoked_once_today"):
                change("revoked_at", value)


def test_two_grants_at_once_wait_for_each_other(house):
    """The second sees the first, or none would be said to meet the other."""
    met = []

    def second():
        with house.inside("admin", HABILITER) as opened:
            try:
                grant(opened, house, role="agent_paiement")
            except errors.CheckViolation as refused:
                met.append(refused.diag.constraint_name)

    with house.inside("admin", HABILITER) as opened:
        held = grant(opened, house, role="instructeur")
        rival = threading.Thread(target=second)
        rival.start()
        rival.join(0.7)
        assert rival.is_alive()
        opened.commit()
        rival.join(20)
        house.take(opened, "admin", HABILITER)
        opened.execute("UPDATE access_habilitation SET revoked_at = now() WHERE id = %s", [held])
        opened.commit()
    assert met == ["habilitation_cumul_has_a_motif"]
