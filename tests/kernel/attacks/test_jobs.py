"""What no login of the site becomes: the role of a job, which destroys."""

import pytest
from psycopg import errors

from egide.systems.apa_ash.purposes import INSTRUCTION
from tests.kernel.attacks.conftest import EVERY_JOB


@pytest.mark.parametrize("job", EVERY_JOB, ids=lambda p: p.key)
@pytest.mark.parametrize("login", ["web", "sign_in"])
def test_no_login_of_the_site_takes_the_role_of_a_job(house, login, job):
    with getattr(house, login)() as opened:
        for attack in (
            f'SET ROLE "{house.role(job)}"',
            f"SELECT set_config('role', '{house.role(job)}', true)",
        ):
            with pytest.raises(errors.InsufficientPrivilege), opened.transaction():
                opened.execute(attack)


def test_a_purpose_of_the_site_neither_passes_for_a_job_nor_writes_its_reports(house):
    with house.inside("alice", INSTRUCTION) as opened:
        assert opened.execute("SELECT access.is_job()").fetchone() == (False,)
        for attack in (
            "INSERT INTO access.job VALUES (current_user)",
            "SELECT FROM retention.destruction",
            "INSERT INTO retention.destruction (run) VALUES (gen_random_uuid())",
            "SELECT retention.reports()",
        ):
            with pytest.raises(errors.InsufficientPrivilege), opened.transaction():
                opened.execute(attack)
