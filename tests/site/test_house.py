"""Every component in a browser: nothing inline, nothing foreign, nothing that axe finds."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.template.loader import render_to_string
from playwright.sync_api import expect

from tests.site import gallery

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("house")]

ERROR_PAGES = ("400.html", "403.html", "403_csrf.html", "404.html", "500.html")
TEMPLATES = sorted((settings.BASE_DIR / "egide").rglob("*.html"))


def login() -> str:
    form = AuthenticationForm(data={"username": "", "password": ""})
    accounts = [("instruction.nord", "Instruction, Autonomie Nord")]
    return render_to_string("registration/login.html", {"form": form, "accounts": accounts})


PAGES = {
    "gallery": gallery.render,
    "login": login,
    "locked": lambda: render_to_string("registration/locked.html"),
} | {name: lambda name=name: render_to_string(name) for name in ERROR_PAGES}


@pytest.mark.parametrize(("name", "width"), [("gallery", 820), *((name, 1366) for name in PAGES)])
def test_axe_and_the_browser_find_nothing(show, name, width):
    shown = show(PAGES[name](), width=width)
    found = Axe().run(shown.page).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    assert shown.reports == []


@pytest.mark.parametrize("width", [1366, 820, 390])
def test_no_page_scrolls_sideways(show, width):
    page = show(gallery.render(), width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_targets_are_large_on_a_tablet(show):
    page = show(gallery.render(), width=820).page
    heights = page.eval_on_selector_all(
        ".btn, .form-control, .form-select, .eg-nav a, .eg-tabs a, .eg-quit, .eg-group label",
        "nodes => nodes.map(n => n.getBoundingClientRect().height)",
    )
    assert len(heights) > 20
    assert min(heights) >= 44


def test_the_organisme_gives_its_colour_to_the_frame_and_the_main_act(show):
    page = show(gallery.render()).page
    for selector in (".eg-top", ".btn-primary"):
        colour = page.eval_on_selector(selector, "n => getComputedStyle(n).backgroundColor")
        assert colour == "rgb(74, 29, 107)"


def test_the_first_key_leads_to_the_content(show):
    page = show(render_to_string("base.html", gallery.frame())).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"


def test_a_refused_form_takes_the_reader_to_its_summary_then_to_the_field(show):
    page = show(gallery.render()).page
    assert page.evaluate("document.activeElement.className") == "eg-summary"
    page.get_by_role("link", name=re.compile("Pensions par an")).click()
    assert page.evaluate("document.activeElement.id") == "res_pension"
    field = page.locator("#res_pension")
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby").split()
    texts = [page.locator(f"#{name}").inner_text() for name in described]
    assert texts == ["Avant abattement, en euros.", "Saisissez un nombre."]


@pytest.mark.parametrize("refused", [False, True])
def test_one_thing_asks_for_the_focus_of_the_sign_in_page(show, refused):
    """Its first field; once refused, the summary alone, whichever the browser serves first."""
    form = AuthenticationForm(data={"username": "", "password": ""} if refused else None)
    html = render_to_string("registration/login.html", {"form": form})
    assert (" autofocus" in html, "data-focus" in html) == (not refused, refused)
    shown = show(html)
    wanted = "eg-summary" if refused else "form-control"
    shown.page.wait_for_function(f"document.activeElement.classList.contains('{wanted}')")
    assert shown.reports == []


def test_the_summary_leads_to_the_first_box_of_a_group(show):
    page = show(gallery.render()).page
    page.get_by_role("link", name=re.compile("^Source :")).click()
    assert page.evaluate("document.activeElement.id") == "res_source_0"


def test_a_name_that_is_looked_for_is_sent_and_never_in_the_address(show):
    page = show(gallery.render()).page
    page.unroute_all()
    page.route("**/*", lambda route: route.fulfill(status=204))
    bar = page.locator("form.eg-filter")
    bar.get_by_label("État").select_option("attente")
    bar.get_by_label("Nom").fill("Lefèvre")
    with page.expect_request(lambda request: "Lef" in (request.post_data or "")) as sent:
        bar.get_by_label("Nom").press("Enter")
    assert (sent.value.method, sent.value.headers.get("hx-request")) == ("POST", "true")
    assert "Lef" not in sent.value.url
    assert "Lef" not in page.url


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "session est terminée"), (403, "a expiré"), (503, "Un autre agent"), (500, "Rechargez")],
)
def test_a_fragment_that_fails_is_told_beside_what_was_typed(show, status, told):
    page = show(gallery.render()).page
    page.evaluate(
        """status => document.dispatchEvent(
            new CustomEvent("htmx:responseError", {detail: {xhr: {status}}}))""",
        status,
    )
    expect(page.locator("#messages .error")).to_contain_text(told)


def test_a_form_is_sent_once(show):
    page = show(gallery.render()).page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    # The answer never comes: the page stays, and impatience clicks again.
    page.unroute_all()
    page.route("**/*", lambda route: None)
    with page.expect_request(lambda request: request.method == "POST"):
        page.evaluate(
            """() => {
                const form = document.querySelector("main form[method=post]:not([hx-post])");
                const button = form.querySelector("button");
                button.click(); button.click(); button.click();
            }"""
        )
    page.wait_for_timeout(100)
    assert sent.count("POST") == 1


@pytest.mark.parametrize(("download", "told", "posts"), [(False, 1, 1), (True, 0, 2)])
def test_what_takes_long_says_so_and_what_gives_a_file_may_be_asked_again(
    show, download, told, posts
):
    page = show(gallery.render()).page
    page.clock.install(time=0)
    page.clock.pause_at(60_000)
    # Counted after ours has let it through, and not sent: the page stays.
    page.evaluate(
        """() => {
            window.posts = 0;
            document.addEventListener("submit", (event) => {
                if (!event.defaultPrevented) window.posts += 1;
                event.preventDefault();
            });
        }"""
    )
    form = page.locator("main form[method=post]:not([hx-post])").first
    if download:
        form.evaluate("form => form.querySelector('button').setAttribute('data-download', '')")
    busy = page.locator("#messages").get_by_text("En cours\u00a0: cela peut prendre une minute")
    form.evaluate("form => form.querySelector('button').click()")
    page.clock.run_for(2_999)
    assert busy.count() == 0
    page.clock.run_for(1)
    assert busy.count() == told
    form.evaluate("form => form.querySelector('button').click()")
    assert page.evaluate("window.posts") == posts


def test_a_running_job_asks_until_it_is_finished(show):
    shown = show(gallery.render())
    job = shown.page.locator("#job-1")
    assert job.get_by_text("En cours").is_visible()
    finished = gallery.context()["finished"] | {"id": "1"}
    shown.fragments["/jobs/1"] = render_to_string(
        "components/job_progress.html", {"job": finished, "url": "/jobs/1"}
    )
    job.get_by_text("Terminé").wait_for(timeout=10_000)
    assert job.get_attribute("hx-get") is None
    assert shown.reports == []


def test_print_leaves_the_tools_and_keeps_the_facts(show):
    page = show(gallery.render()).page
    page.emulate_media(media="print")
    for selector in (".eg-nav", ".eg-tabs", ".eg-quit", ".eg-filter"):
        assert page.locator(selector).first.is_hidden()
    assert page.get_by_role("heading", name="Mme Jeanne Lefèvre").is_visible()
    assert page.get_by_text("Finalité\u00a0: instruction").is_visible()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_inline_style_script_or_foreign_address(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text)


def test_no_name_is_undefined_in_the_gallery():
    assert "{{" not in gallery.render()
    assert "None" not in re.sub(r"<[^>]+>", " ", gallery.render())
