"""A day's work through the screens: from a request received to its first payment, five roles."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

from playwright.sync_api import Page, Route, expect

from egide.rules.money import round_half_up
from tests.browser.conftest import DAY, Visitor

# Checked by hand (2026: S = 1 288.13; plan and ceiling of GIR 4 811.52; R = 14 400 / 12 = 1 200):
# x = (1200 − 0.725 S) ÷ 1.945 S; P = 0.9 x [A1 + A2 (0.4 + 0.6 x) + A3 (0.2 + 0.8 x)] = 54.00.
HEURES, TARIF, PENSION = "32", "25,36", "14 400,00"
PLAN, PARTICIPATION, APA = "811,52", "54,00", Decimal("757.52")
NOM, PRENOMS = "Œillet-L’Épine", "Maëlle Ginette"
FILE = re.compile(r"/dossiers/([0-9a-f-]{36})")


def french(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def press(page: Page, name: str) -> None:
    """Press a button that sends a form."""
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state("networkidle")


def register(alice: Visitor) -> str:
    """A request comes by post with all its pieces; its file is acknowledged."""
    page = alice.page
    alice.open("/apa-ash/instruction/demandes/nouvelle")
    page.get_by_label("Nom de naissance", exact=True).fill(NOM)
    page.get_by_label("Prénoms", exact=True).fill(PRENOMS)
    page.get_by_label("Sexe", exact=True).select_option(label="féminin")
    page.get_by_label("Date de naissance", exact=True).fill("1940-03-14")
    page.get_by_label("Adresse", exact=True).fill("3 rue des Lilas")
    page.get_by_label("Code postal").fill("01901")
    page.get_by_label("Commune").fill("Val-d’Ombelle")
    page.get_by_label("Reçue le").fill(DAY.isoformat())
    for box in page.locator("input[name=pieces_recues]").all():
        box.check()
    press(page, "Ouvrir le dossier")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Maëlle Œillet-L’Épine")
    pk = FILE.search(page.url).group(1)
    alice.open(f"/apa-ash/instruction/dossiers/{pk}/demande")
    press(page, "Dossier complet : accuser réception")
    return pk


def count_resources(alice: Visitor, pk: str) -> None:
    page = alice.page
    alice.open(f"/apa-ash/instruction/dossiers/{pk}/ressources")
    page.locator("[name=source]").select_option(label="Avis d’imposition fourni par la personne")
    page.locator("[name=demandeur_pensions_retraites]").fill(PENSION)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_text(re.compile(r"1\s200,00\s€")).first).to_be_visible()


def evaluate(chloe: Visitor, pk: str) -> None:
    """Help to wash and to dress, everything else alone: GIR 4."""
    page = chloe.page
    chloe.open(f"/apa-ash/evaluation/dossiers/{pk}/aggir")
    for row in page.locator("fieldset[data-row]").all():
        alone = row.get_attribute("id") not in {"id_toilette.haut", "id_habillage.haut"}
        if alone:
            row.locator("[data-all]").click()
        else:
            row.locator("label.ag-none").click()
    expect(page.locator("#gir")).to_contain_text("GIR 4")
    page.get_by_label("Date de la visite").fill(DAY.isoformat())
    press(page, "Enregistrer la grille")


def propose(chloe: Visitor, pk: str) -> None:
    page = chloe.page
    chloe.open(f"/apa-ash/evaluation/dossiers/{pk}/plan")
    page.locator("[name=effet_on]").fill(DAY.isoformat())
    press(page, "Préparer le plan")
    page.get_by_role("link", name="Ajouter une aide").click()
    # Faster than any hand: wait until the fragment listens to what is chosen in it.
    page.wait_for_function(
        "() => 'htmx-internal-data' in (document.querySelector('#aide form') ?? {})"
    )
    page.locator("[name=nature]").select_option(label="Entretien du logement")
    page.locator("[name=mode]").select_option(label="Service prestataire")
    # The tariff of the service comes by itself; another was agreed with it.
    page.locator("[name=prestataire]").select_option(index=1)
    expect(page.locator("[name=tarif]")).not_to_have_value("")
    type_before_the_answer(page)
    page.locator("[name=unite]").select_option(label="heure")
    page.locator("[name=volume_mensuel]").fill(HEURES)
    page.locator("[name=tarif]").fill(TARIF)
    page.locator("#aide button[type=submit]").click()
    expect(page.locator("tfoot")).to_contain_text(PLAN)
    expect(page.locator("#participation")).to_contain_text(PARTICIPATION)
    press(page, "Envoyer la proposition")


def type_before_the_answer(page: Page) -> None:
    """A tariff typed while that of another service is on its way stays, and is told apart."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/prestataires/tarif?*", hold)
    with page.expect_request("**/prestataires/tarif?*"):
        page.locator("[name=prestataire]").select_option(index=2)
    # The preview that follows each entry puts no end to what is on its way.
    with page.expect_response("**/apercu"):
        page.locator("[name=tarif]").fill("31,07")
    held[0].continue_()
    expect(page.locator("#tarif-note")).to_contain_text("31,07")
    expect(page.locator("[name=tarif]")).to_have_value("31,07")
    page.unroute("**/prestataires/tarif?*")


def accept(alice: Visitor, pk: str) -> None:
    page = alice.page
    alice.open(f"/apa-ash/instruction/dossiers/{pk}/plan")
    page.get_by_role("link", name="Enregistrer la réponse").click()
    page.get_by_label("Elle accepte le plan").check()
    press(page, "Enregistrer la réponse")


def grant(alice: Visitor, remi: Visitor, pk: str) -> None:
    """Alice proposes; the head of the service reads the same calculation, and signs."""
    page = alice.page
    alice.open(f"/apa-ash/instruction/dossiers/{pk}/decision/accord")
    expect(page.get_by_text(PARTICIPATION).first).to_be_visible()
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_text("Rien ne prend effet avant la signature")).to_be_visible()
    other = remi.page
    remi.open("/apa-ash/instruction/a-signer")
    other.get_by_role("link", name="Œillet-L’Épine").click()
    expect(other.get_by_text(PARTICIPATION).first).to_be_visible()
    press(other, "Signer la décision")
    alice.open(f"/apa-ash/instruction/dossiers/{pk}")
    expect(page.get_by_text(re.compile(rf"{PARTICIPATION}\s€")).first).to_be_visible()
    expect(page.get_by_text(re.compile(rf"{french(APA)}\s€")).first).to_be_visible()


def pay(paul: Visitor, pauline: Visitor, pk: str) -> None:
    """One agent prepares the month and examines what is unusual; another validates and issues."""
    page = paul.page
    paul.open("/apa-ash/paiement/lots")
    page.locator("[name=mois]").fill(f"{DAY:%Y-%m}")
    page.locator("[name=service]").select_option(label="Autonomie Nord")
    press(page, "Préparer le lot")
    lot = page.url.split("?")[0]
    due = round_half_up(Fraction(APA) * days_left(DAY), places=2)
    line = page.get_by_role("row").filter(has_text="Œillet-L’Épine")
    expect(line).to_contain_text(french(due))
    expect(page.get_by_role("button", name="Valider le lot")).to_have_count(0)
    examine(paul, lot)
    other = pauline.page
    other.goto(lot)
    press(other, "Valider le lot")
    press(other, "Émettre le fichier")
    with other.expect_download() as download:
        other.get_by_role("button", name=re.compile("Télécharger")).first.click()
    text = download.value.path().read_text("utf-8-sig")
    (paid,) = [row for row in text.splitlines() if numero(paul, pk) in row]
    assert french(due) in paid or f"{due}" in paid


def days_left(on: date) -> Fraction:
    """Give the part of the month that is due from the day of the decision, that day included."""
    following = date(on.year + on.month // 12, on.month % 12 + 1, 1)
    return Fraction((following - on).days, (following - on.replace(day=1)).days)


def examine(paul: Visitor, lot: str) -> None:
    """Keep each unusual line with a reason, set aside what has nowhere to go."""
    page = paul.page
    page.goto(f"{lot}?anomalie=toutes")
    lines = page.locator("a[href*='/paiement/lignes/']")
    for url in dict.fromkeys(lines.evaluate_all("nodes => nodes.map(node => node.href)")):
        page.goto(url)
        blocked = page.get_by_text("ne peut pas être maintenue").count()
        page.locator(f"[name=suite][value={'ecarter' if blocked else 'maintenir'}]").check()
        page.locator("[name=motif]").fill("Vérifié au dossier")
        press(page, "Enregistrer la suite")


def numero(visitor: Visitor, pk: str) -> str:
    ((found,),) = visitor.site.execute("SELECT numero FROM apa_ash_dossier WHERE id = %s", pk)
    return found


def control(carole: Visitor, pk: str) -> None:
    """The one who controls sees the plan, and nothing delivered yet."""
    assert carole.page.goto(f"{carole.site.url}/apa-ash/controle/dossiers/{pk}").status == 200
    expect(carole.page.get_by_role("heading", level=1)).to_contain_text("Œillet-L’Épine")


def test_from_a_request_to_its_first_payment(visit, site):
    alice, chloe = visit("alice"), visit("chloe")
    pk = register(alice)
    count_resources(alice, pk)
    evaluate(chloe, pk)
    propose(chloe, pk)
    accept(alice, pk)
    grant(alice, visit("remi"), pk)
    pay(visit("paul"), visit("pauline"), pk)
    control(visit("carole"), pk)
