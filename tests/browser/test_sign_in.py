"""Sign in with the keyboard, be refused, be locked out, come back, and be signed out in time."""

import re

import pytest
from playwright.sync_api import expect

WRONG = "Bouclier-2026-domo"


@pytest.fixture(autouse=True)
def unlocked(site):
    yield
    site.execute("DELETE FROM axes_accessattempt")


def test_an_agent_signs_in_with_the_keyboard_and_meets_the_day(visit):
    visitor = visit("alice")
    expect(visitor.page).to_have_url(re.compile(r"/apa-ash/instruction"))
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    expect(visitor.page.get_by_text("Alice Brémond")).to_be_visible()
    assert visitor.complaints == []


def test_a_wrong_password_is_told_without_saying_which_half_is_wrong(visit):
    visitor = visit()
    told = set()
    for name in ("alice", "personne"):
        visitor.sign_in(name, WRONG)
        expect(visitor.page).to_have_url(re.compile("/connexion"))
        told.add(visitor.page.get_by_role("alert").first.inner_text())
    assert len(told) == 1


def test_failures_lock_the_account_even_for_the_right_password(visit):
    visitor = visit()
    for _ in range(8):
        visitor.sign_in("esther", WRONG)
    expect(visitor.page.get_by_role("heading", name="Compte bloqué")).to_be_visible()
    visitor.sign_in("esther")
    expect(visitor.page.get_by_role("heading", name="Compte bloqué")).to_be_visible()
    other = visit("alice")
    expect(other.page.get_by_text("Alice Brémond")).to_be_visible()


def test_a_session_left_alone_asks_to_sign_in_again(visit, site):
    visitor = visit("alice")
    site.execute("UPDATE django_session SET expire_date = '2000-01-01'")
    visitor.page.reload()
    expect(visitor.page).to_have_url(re.compile("/connexion"))
    visitor.page.get_by_label("Identifiant").fill("alice")


def test_signing_out_leaves_nothing_behind_the_back_button(visit):
    visitor = visit("alice")
    visitor.page.get_by_role("button", name="Se déconnecter").click()
    expect(visitor.page).to_have_url(re.compile("/connexion"))
    visitor.page.go_back()
    visitor.page.wait_for_load_state()
    expect(visitor.page.get_by_text("Alice Brémond")).to_have_count(0)
