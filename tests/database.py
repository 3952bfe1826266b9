"""Give the tests a fast server of their own, before Django's settings are read.

A plugin named on the command line (`-p`, in pyproject.toml), because pytest-django reads the
settings before any conftest. Workers of pytest-xdist inherit the address from their controller.
"""

import os
from collections.abc import Generator

import pytest

from egide.site import embedded


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Start or share the server, unless `DATABASE_URL` names one."""
    if "DATABASE_URL" not in os.environ:
        home = embedded.home() / embedded.TESTS
        os.environ["EGIDE_HOME"] = str(home)
        os.environ["DATABASE_URL"] = embedded.ensure(home, durable=False)
    yield
