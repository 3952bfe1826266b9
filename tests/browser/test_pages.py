"""Every page that a role reaches: nothing that axe finds, no complaint, no sideways scroll."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from egide.systems.apa_ash.demo import COMPTES

# One account of each role: a second one meets the same pages.
ROLES = sorted({compte.role: compte.identifiant for compte in COMPTES}.values())
MOST = 25
# A link of each kind is followed once: two files are the same page.
VARIABLE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d(-\d\d)?")


def reachable(visitor, limit=MOST):
    """Walk from link to link, yielding one address of each kind."""
    seen, todo = set(), [visitor.page.url]
    while todo and len(seen) < limit:
        url = todo.pop(0)
        kind = VARIABLE.sub("·", url.split("?")[0].split("#")[0])
        if kind in seen:
            continue
        seen.add(kind)
        # Asked first beside the page: a file to download is not a page to judge.
        beside = visitor.page.request.get(url)
        if "text/html" not in beside.headers["content-type"]:
            assert beside.status == 200, url
            continue
        answer = visitor.page.goto(url)
        yield answer
        links = visitor.page.eval_on_selector_all(
            "a[href]", "nodes => nodes.map(node => node.href)"
        )
        todo += [link for link in links if link.startswith(visitor.site.url)]


@pytest.mark.parametrize("name", ROLES)
def test_every_page_that_a_role_reaches_is_clean(visit, name):
    visitor = visit(name)
    count = 0
    for answer in reachable(visitor):
        count += 1
        assert answer.status == 200, answer.url
        found = Axe().run(visitor.page).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == [], answer.url
        assert visitor.complaints == [], answer.url
    assert count > 1 or name == "denis"


@pytest.mark.parametrize("name", ["alice", "chloe", "paul", "carole", "remi"])
def test_no_page_scrolls_sideways_on_a_tablet(visit, name):
    visitor = visit(name, width=820)
    for answer in reachable(visitor, limit=12):
        width = visitor.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 820, answer.url


def test_the_day_leads_to_a_file_and_back(visit):
    visitor = visit("alice")
    page = visitor.page
    day = page.url
    page.locator("main a[href*='/dossiers/']").first.click()
    expect(page).not_to_have_url(day)
    name = page.get_by_role("heading", level=1).inner_text()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.go_back()
    expect(page).to_have_url(day)
    assert visitor.complaints == []


def test_a_file_of_another_service_does_not_exist(visit, site):
    ((pk,),) = site.execute(
        "SELECT d.id FROM apa_ash_dossier d JOIN access_service s ON s.id = d.service_id"
        " WHERE s.nom = 'Autonomie Nord' ORDER BY d.id LIMIT 1"
    )
    path = f"/apa-ash/instruction/dossiers/{pk}"
    mine, other = visit("alice"), visit("bruno")
    assert mine.page.goto(site.url + path).status == 200
    assert other.page.goto(site.url + path).status == 404
    refused = site.execute(
        "SELECT count(*) FROM audit.trail WHERE outcome = 'refus' AND %s = ANY (targets)", str(pk)
    )
    assert refused == [(1,)]
