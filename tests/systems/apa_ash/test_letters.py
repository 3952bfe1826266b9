"""Every letter carries every mention on one accessible support, and data never becomes code."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import get_args

import pikepdf
import pytest
from pypdf import PdfReader

from egide.kernel.retention.clocks import Event, Fate
from egide.systems.apa_ash.letters import content as k
from egide.systems.apa_ash.letters.elements import LignePonctuelle
from egide.systems.apa_ash.letters.mentions import mentions, recours
from egide.systems.apa_ash.letters.render import GABARITS, UNKNOWN, as_data, plain, render
from egide.systems.apa_ash.models import Prestataire
from egide.systems.apa_ash.retention import ACTIVE, ARCHIVE, DOSSIER, IN_USE, SCHEDULE, STATISTICS
from egide.systems.apa_ash.services.demandes import write_accuse
from egide.systems.apa_ash.services.lettres_decision import write_versements
from tests.systems.apa_ash.courriers import CONTENUS, DESTINATAIRE, ORGANISME, courrier

# One worker: each would render every letter.
pytestmark = pytest.mark.xdist_group("letters")
KINDS = sorted(CONTENUS)
# What the texts require a letter to say, written again here: a word that mentions.yaml loses is
# missed (RGPD art. 12 to 21; loi n° 78-17 art. 48 to 56; CASF R. 232-40 to R. 232-47).
OWED = {
    "responsable": ("Qui est responsable de vos données", "déclaré à la CNIL"),
    "finalites": ("allocation personnalisée d’autonomie", "contrôler", "mission au département"),
    "caractere": ("sont obligatoires", "ne peut pas être étudiée", "facultatives"),
    "destinataires_gestion": ("habilitées une à une", "sans les informations médicales"),
    "destinataires_accompagnement": (
        "strictement nécessaires à l’exercice de leur mission",
        "dans la limite de leurs attributions",
    ),
    "destinataires_statistiques": ("DREES", "Aucune statistique publiée"),
    "origine": ("DGFiP", "RNCPS", "numéro de sécurité sociale est vérifié"),
    "conservation": ("Deux ans après votre dernier contact", "jusqu’à six ans après la fin"),
    "droits": (
        "obtenir une copie",
        "rectifier ou compléter",
        "limiter l’usage",
        "après votre décès",
        "l’effacement et l’opposition",
        "gratuit",
        "en un mois au plus",
        "prolongé de deux mois",
    ),
    "dpo": ("déléguée ou au délégué à la protection des données",),
    "cnil": ("réclamation à la CNIL", "3 place de Fontenoy", "75334 Paris Cedex 07", "www.cnil.fr"),
}
# CASF L. 134-1 and L. 134-2; code de justice administrative, R. 421-1.
RECOURS = (("recours préalable", "obligatoire et gratuit", "deux mois"),)


BROKEN = r"(\b[LRD]\.|www\.?|«)$|^[;:?!»%€]"


def squeeze(text: str) -> str:
    # A PDF has lines, not paragraphs: compare without any white space.
    return re.sub(r"\s+", "", text)


def text_of(pdf: bytes) -> str:
    return squeeze("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {kind: text_of(render(courrier(kind))) for kind in KINDS}


def test_each_kind_of_content_has_a_sample_and_a_template():
    kinds = set(get_args(k.Contenu))
    assert {type(contenu) for contenu in CONTENUS.values()} == kinds
    assert {p.stem for p in GABARITS.glob("*.typ")} == {c.gabarit for c in kinds} | {"courrier"}


@pytest.mark.clause("APA-34", "APA-37")
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_carries_every_mention(kind, texts):
    declared = mentions(ORGANISME)
    assert {mention.id for mention in declared} == set(OWED)
    for mention in declared:
        assert squeeze(plain(mention.titre)) in texts[kind], mention.id
        assert squeeze(plain(mention.texte)) in texts[kind], mention.id
    for words in (*OWED.values(), *RECOURS):
        for word in words:
            assert squeeze(word) in texts[kind], word


@pytest.mark.clause("APA-35")
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_tells_how_long_data_are_kept(kind, texts):
    assert squeeze("Deux ans après votre dernier contact") in texts[kind]
    assert squeeze("jusqu’à six ans après la fin de votre droit") in texts[kind]
    assert squeeze("CASF R. 232-46") in texts[kind]


@pytest.mark.clause("APA-35")
def test_what_is_told_of_the_two_terms_is_what_is_declared():
    (told,) = (m.texte for m in mentions(ORGANISME) if m.id == "conservation")
    terms = [(rule.for_.nombre, rule.for_.forme, rule.after) for rule in (ACTIVE, DOSSIER)]
    assert terms == [(2, "ans", Event.DERNIER_CONTACT), (6, "ans", Event.FIN_DROIT)]
    assert (ACTIVE.then, DOSSIER.then) == (Fate.ARCHIVE, Fate.DELETE)
    # The archive without names ends with the six years as well.
    assert (ARCHIVE.end.for_, ARCHIVE.end.after) == (DOSSIER.for_, DOSSIER.after)
    for words in ("votre dossier est détruit", "sans votre nom ni votre numéro", "anonymes"):
        assert words in told
    assert "accès restreint" not in told
    kept = {(part.model, column) for part in STATISTICS for column in part.columns}
    named = {("apa_ash.Identite", c) for c in ("nom_naissance", "nom_usage", "prenoms")}
    assert kept.isdisjoint(named | {("apa_ash.Dossier", "numero")})
    assert {"apa_ash.Nir", "apa_ash.Coordonnees"}.isdisjoint(part.model for part in STATISTICS)
    # What names several persons stays with the last of them, and the letter says so.
    (shared,) = (rule for rule in SCHEDULE.falling() if rule.last)
    assert shared.model == "apa_ash.FichierPaiement"
    assert "fichier de paiement" in told and "avec le dernier de leurs dossiers" in told
    # What delays the destruction, each told in its own words; a right that runs has not ended.
    reasons = [held.label for held in IN_USE if "un droit court" not in held.label]
    words = ("une somme reste à rembourser", "le département compétent est contesté", "motif écrit")
    assert len(reasons) == len(words)
    assert all(word in told for word in words)


@pytest.mark.clause("APA-36")
def test_the_notification_of_the_payment_carries_the_mentions_on_its_own_support(texts):
    notification = texts["decision_accord"]
    assert squeeze("APA versée par le département") in notification
    assert squeeze("876,13 €") in notification
    for mention in mentions(ORGANISME):
        assert squeeze(plain(mention.texte)) in notification


@pytest.mark.clause("APA-37")
def test_a_refused_person_is_informed_as_a_beneficiary_is(texts):
    for mention in mentions(ORGANISME):
        assert squeeze(plain(mention.texte)) in texts["decision_rejet"]
    assert squeeze("Gardez ce courrier.") in texts["decision_rejet"]


def test_who_moves_is_told_when_and_where_to_ask_at_once(texts):
    told = texts["fin_depart"]
    for words in (
        "Le dernier jour dû est le 31 décembre 2026",
        "Votre domicile de secours change le 1er janvier 2027",
        "département n° 02",
        "Déposez votre demande dès maintenant",
    ):
        assert squeeze(words) in told, words
    assert squeeze("Vous pouvez déposer une nouvelle demande à tout moment") not in told
    assert squeeze("domicile de secours") not in texts["fin_droit"]


def test_a_refusal_says_the_group_and_the_end_of_a_lump_sum(texts):
    told = texts["rejet_du_forfait"]
    assert squeeze("groupe iso-ressources (GIR) 5") in told
    assert squeeze("1 040,16 € par mois. Le dernier jour dû est le 30 novembre 2026") in told
    assert squeeze("montant forfaitaire") not in texts["decision_rejet"]


@pytest.mark.parametrize("gabarit", sorted(GABARITS.glob("*.typ")), ids=lambda path: path.stem)
def test_no_letter_takes_its_reader_for_a_man(gabarit):
    """Most of those who receive the APA are women."""
    masculine = r"vous (êtes|étiez|serez|avez été) \w+é\b|vous a \w+é\b|\bseul\b|\bcelui qui\b"
    assert not re.findall(masculine, gabarit.read_text(encoding="utf-8"), flags=re.IGNORECASE)


def test_the_report_of_a_visit_is_neutral(texts):
    assert squeeze("Lors de la visite du 6 novembre 2026") in texts["compte_rendu"]


def test_an_advance_promises_no_set_off_that_nothing_computes(texts):
    told = texts["forfait_urgence"]
    assert squeeze("une avance sur l’APA") in told
    assert "R.232-29" in told
    assert "imput" not in told


def test_the_statistical_recipient_and_each_source_are_named():
    said = " ".join(mention.texte for mention in mentions(ORGANISME))
    for name in ("DREES", "DGFiP", "RNCPS", "CNIL", "copie", "rectifier", "limiter"):
        assert name in said
    assert "strictement nécessaires à l’exercice de leur mission" in said


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_tells_the_remedies_that_suit_it(kind, texts):
    told = recours(CONTENUS[kind].recours, organisme=ORGANISME)
    for etape in told.etapes:
        assert squeeze(plain(etape)) in texts[kind]
    assert squeeze(ORGANISME.tribunal) in texts[kind]
    assert squeeze("deux mois") in texts[kind]
    assert squeeze("L. 134-2") in texts[kind]


@pytest.mark.parametrize(
    ("kind", "delay"),
    [
        ("accuse_reception", "19 décembre 2026"),
        ("pieces_manquantes", "délai de deux mois"),
        ("proposition_plan", "dix jours à compter de la réception"),
        ("proposition_plan", "proposition définitive dans les huit jours"),
        ("proposition_definitive", "réputée refusée"),
        ("decision_accord", "Dans le mois qui suit ce courrier"),
        ("mise_en_demeure", "un mois à compter de la réception"),
        ("suspension", "suspendu à compter du 1er avril 2027"),
        ("indu", "deux ans à compter du versement"),
    ],
)
def test_each_act_tells_its_own_delay(kind, delay, texts):
    assert squeeze(delay) in texts[kind]


def test_a_definitive_proposal_no_longer_offers_another_one(texts):
    assert squeeze("huit jours") in texts["proposition_plan"]
    assert squeeze("huit jours") not in texts["proposition_definitive"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_declared_accessible_and_archivable(kind):
    with pikepdf.open(io.BytesIO(render(courrier(kind)))) as pdf:
        assert pdf.Root.Lang == "fr-FR"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert pdf.Root.StructTreeRoot is not None
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
            assert str(meta["dc:title"]).startswith(CONTENUS[kind].titre)
            assert "Lefèvre" not in str(meta)


def test_tables_are_tagged_with_their_header_cells():
    with pikepdf.open(io.BytesIO(render(courrier("decision_accord")))) as pdf:
        roles = [str(o.S) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/S" in o]
    assert roles.count("/Table") == 4
    assert roles.count("/TH") >= 5 + 2 + 3 + 4
    assert {"/H1", "/H2", "/H3"} <= set(roles)


def test_amounts_are_in_french_notation():
    pages = PdfReader(io.BytesIO(render(courrier("decision_accord")))).pages
    text = "".join(page.extract_text() for page in pages)
    assert re.search(r"1[\u202f\u00a0 ]?013,36[\u00a0 ]€", text)
    assert "1013.36" not in text
    assert re.search(r"13,54[\u00a0 ]%", text)


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x") #sys.inputs',
        "Mme $x^2$ *gras* _it_ `raw` = Titre",
        'O\'Connor "dite" \\n \\u{41} "}],"titre":"pris"',
        '#import "/etc/passwd": * // <b>&amp;</b> @ref <label> ~ --- -- ...',
        "N" * 200,
        "Éléonore Œuvray-Žižková Nguyễn Ünal Ñandú",
    ],
)
def test_a_hostile_name_is_printed_as_it_is(name):
    letter = courrier("accuse_reception", destinataire=replace(DESTINATAIRE, nom=name))
    assert squeeze(plain(name)) in text_of(render(letter))
    assert plain(name).replace("\u00a0", " ") == name


def test_a_character_without_a_glyph_or_that_reorders_the_text_cannot_stop_the_letter():
    name = "Mme \u202eerv\u00e8feL\u202c \U0001f600 \u05d0\u05d1 \u4e2d\x00\x1b[31m\u200b"
    letter = courrier("accuse_reception", destinataire=replace(DESTINATAIRE, nom=name))
    read = text_of(render(letter))
    assert squeeze(f"Mme ervèfeL {UNKNOWN} {UNKNOWN}{UNKNOWN} {UNKNOWN}[31m") in read
    assert "\u202e" not in read


def test_the_same_hostile_text_is_plain_in_every_free_field():
    hostile = '#panic("perdu") $1$ *x*'
    contenu = replace(CONTENUS["decision_rejet"], motifs=(k.Motif(hostile, hostile),))
    letter = courrier("decision_rejet", contenu=contenu, dossier=hostile, concerne=hostile)
    assert text_of(render(letter)).count(squeeze(hostile)) >= 4


def test_the_same_letter_gives_the_same_bytes_in_any_thread():
    letter = courrier("decision_accord")
    expected = render(letter)
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(lambda _: render(letter), range(6))) == {expected}


def test_two_letters_rendered_in_turn_do_not_mix():
    first = courrier("decision_accord", dossier="2026-00001")
    render(courrier("decision_accord", dossier="2026-99999"))
    read = text_of(render(first))
    assert "2026-00001" in read
    assert "2026-99999" not in read


def test_an_amount_given_as_a_float_is_refused():
    contenu = replace(CONTENUS["forfait_tacite"], montant=1040.17)
    with pytest.raises(TypeError, match="float"):
        as_data(courrier("forfait_tacite", contenu=contenu))


def test_every_day_and_amount_is_written_before_it_reaches_the_template():
    written = as_data(courrier("indu"))["contenu"]
    assert written["montant"] == "1\u202f314,19\u00a0€"
    assert written["decidee_on"] == "15\u00a0mars\u00a02027"
    assert not any(isinstance(value, Decimal | date) for value in written.values())


def test_every_field_of_a_content_is_printed_by_its_template():
    for kind in get_args(k.Contenu):
        template = (GABARITS / f"{kind.gabarit}.typ").read_text(encoding="utf-8")
        missing = [f.name for f in fields(kind) if f"c.{f.name}" not in template]
        assert missing == [], kind.gabarit


@pytest.mark.parametrize(
    ("autorite", "written"),
    [
        ("le président du conseil départemental", "écrivez au président du conseil"),
        ("la présidente du conseil départemental", "écrivez à la présidente du conseil"),
        ("les services du département", "écrivez aux services du département"),
        ("l’autorité départementale", "écrivez à l’autorité départementale"),
    ],
)
def test_the_authority_is_written_to_with_its_contracted_article(autorite, written):
    found = recours("decision", organisme=replace(ORGANISME, autorite=autorite))
    assert written in found.etapes[0]


BEYOND = replace(
    CONTENUS["decision_accord"].plan,
    total=Decimal("1344.00"),
    retenu=Decimal("1215.99"),
    participation=Decimal("431.60"),
    depassement=Decimal("128.01"),
    reste=Decimal("559.61"),
    apa=Decimal("784.39"),
    plafonne=True,
)


@pytest.mark.parametrize("kind", ["proposition_plan", "decision_accord"])
def test_what_passes_the_ceiling_is_told_apart_and_stays_with_the_person(kind):
    contenu = replace(CONTENUS[kind], plan=BEYOND)
    found = text_of(render(courrier(kind, contenu=contenu)))
    for told in (
        "Plan d’aide demandé 1 344,00 €",
        "Plan d’aide retenu 1 215,99 €",
        "Votre participation au plan retenu 431,60 €",
        "Dépassement du plafond, entièrement à votre charge 128,01 €",
        "Total à votre charge 559,61 €",
        "APA versée par le département 784,39 €",
    ):
        assert squeeze(told) in found


def test_what_is_paid_upon_invoices_is_told_beside_the_month():
    ponctuelles = (
        LignePonctuelle(
            aide="Répit de l’aidant : accueil temporaire",
            intervenant="Les Glycines",
            montant=Decimal("500.00"),
            participation=Decimal("67.71"),
            rythme="par an",
        ),
    )
    for kind in ("decision_accord", "proposition_plan"):
        contenu = replace(CONTENUS[kind], plan=replace(BEYOND, ponctuelles=ponctuelles))
        found = text_of(render(courrier(kind, contenu=contenu)))
        for told in ("Les aides payées sur facture", "Les Glycines par an 500,00 € 67,71 €"):
            assert squeeze(told) in found
        bare = text_of(render(courrier(kind)))
        assert squeeze("Les aides payées sur facture") not in bare


@pytest.mark.parametrize(
    ("on", "told", "not_told"),
    [
        (date(2026, 11, 18), ["au plus tard le 18 novembre 2026", "si aucune décision"], ["due"]),
        (date(2026, 11, 19), ["si aucune décision"], ["au plus tard le 18 novembre", "due depuis"]),
        (date(2026, 12, 19), ["au plus tard le 19 décembre 2026"], ["due depuis"]),
        (date(2026, 12, 20), ["devait vous être", "due depuis le 20 décembre"], ["si aucune"]),
    ],
)
def test_a_late_acknowledgement_promises_no_day_that_is_past(on, told, not_told):
    contenu = write_accuse(recue_on=date(2026, 10, 12), complete_on=date(2026, 10, 19), on=on)
    said = text_of(render(courrier("accuse_reception", contenu=contenu))).casefold()
    assert all(squeeze(words).casefold() in said for words in told)
    body = said.split(squeeze("Prévenez-nous de tout changement").casefold())[0]
    assert not any(squeeze(words).casefold() in body for words in not_told)


def test_arrears_that_go_to_a_service_are_given_back_to_who_paid_it():
    given = replace(CONTENUS["decision_accord"], rappel_mensuel=Decimal("77.06"), motif_effet="x")
    alone = replace(given, versements=(replace(given.versements[0], beneficiaire="Vous-même"),))
    told = squeeze("il vous rend ce que vous lui avez payé en trop pour ces mois")
    for contenu, expected in ((given, True), (alone, False), (CONTENUS["decision_accord"], False)):
        letter = text_of(render(courrier("decision_accord", contenu=contenu)))
        assert (told in letter) is expected


def test_the_decision_tells_who_is_paid_how_much_and_what_each_will_invoice(texts):
    for told in (
        "SAAD Les Tilleuls 786,30 € 123,16 €",
        "CCAS 72,62 € 11,38 €",
        "Vous-même 17,21 € 2,69 €",
        "Chaque service vous facture ce qui reste à votre charge",
    ):
        assert squeeze(told) in texts["decision_accord"], told


@pytest.mark.parametrize("apa", ["876.13", "784.39", "0.00", "1000.01"])
def test_what_is_told_of_each_payee_adds_up_to_the_cent(apa):
    services = [Prestataire(nom=nom) for nom in ("Bis", "Alpha")]
    plan = [
        (services[0], Decimal("540.76")),
        (None, Decimal("19.90")),
        (services[1], Decimal("84.00")),
        (services[0], Decimal("368.70")),
    ]
    told = write_versements(plan, apa=Decimal(apa))
    assert [v.beneficiaire for v in told] == ["Alpha", "Bis", "Vous-même"]
    assert sum(v.apa for v in told) == Decimal(apa)
    assert [v.apa + v.reste for v in told] == [
        Decimal("84.00"),
        Decimal("909.46"),
        Decimal("19.90"),
    ]
    parts = {v.beneficiaire: v.apa + v.reste for v in told}
    exact = {nom: part * Decimal(apa) / sum(parts.values()) for nom, part in parts.items()}
    assert all(abs(v.apa - exact[v.beneficiaire]) < Decimal("0.01") for v in told)


def test_the_group_is_told_without_gender(texts):
    for kind in ("proposition_plan", "proposition_definitive"):
        assert squeeze("votre situation a été classée dans le groupe") in texts[kind]
        assert squeeze("vous a classé") not in texts[kind]


def test_a_representative_is_told_who_is_meant_and_a_debtor_is_not(texts):
    represented = text_of(render(courrier("decision_accord", concerne=DESTINATAIRE.nom)))
    assert squeeze("que vous représentez") in represented
    assert squeeze("portent sur les données de Mme Jeanne Lefèvre") in represented
    for kind in ("indu_succession", "indu_service", "demande_justificatifs_service"):
        assert squeeze("que vous représentez") not in texts[kind]
        assert squeeze("portent sur les données de Mme Jeanne Lefèvre") in texts[kind]
    assert squeeze("Ces informations vous sont dues") in texts["decision_accord"]


NOTARY = "Transmettez ce courrier au notaire"
PERSON = "Ne demandez pas ces sommes à la personne aidée"
PARTLY = "Pour les heures payées et non réalisées, ne demandez pas ces sommes à la personne aidée"
ESTATE = "Ne demandez pas ces sommes à la succession"
PROOFS = "Si vous avez apporté cette aide"
BETWEEN = "se règle entre elle et vous"
AS_DECIDED = "comme sa nouvelle décision le dit"


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("indu", set()),
        ("indu_succession", {NOTARY}),
        ("indu_notaire", set()),
        ("indu_service", {PERSON, PROOFS}),
        ("indu_service_deces", {ESTATE, PROOFS}),
        ("indu_service_apres_deces", {ESTATE}),
        ("indu_service_hors_droit", {BETWEEN, AS_DECIDED}),
        ("indu_service_en_partie", {PARTLY, PROOFS, BETWEEN}),
    ],
)
def test_a_claim_says_to_each_debtor_what_is_theirs_to_do(texts, kind, told):
    known = (NOTARY, PERSON, PARTLY, ESTATE, PROOFS, BETWEEN, AS_DECIDED)
    assert {said for said in known if squeeze(said) in texts[kind]} == told


def test_a_month_of_two_rights_is_told_by_periods_and_never_by_hours(texts):
    beyond, partly = texts["indu_service_hors_droit"], texts["indu_service_en_partie"]
    by_periods = (
        "du 11 avr. 2027 au 30 avr. 2027 20 sur 30 jours 342,98 € 228,65 €",
        "dû pour le mois, pour toutes les aides 569,53 €",
        "Nous retenons au plus 68,59 €",
    )
    for told in by_periods[:2]:
        assert squeeze(told) in beyond
        assert squeeze(told) in partly
    assert squeeze(by_periods[2]) in beyond
    for hours in ("Part utilisée", "heures réalisées", "41 h 13 à 24,58 €"):
        assert squeeze(hours) not in beyond
        assert squeeze(hours) in partly
    assert squeeze("Total des deux tableaux 891,17 €") in partly


def test_a_service_is_asked_in_words_written_for_a_service(texts):
    asked = texts["demande_justificatifs_service"]
    for told in ("auprès de Mme Jeanne Lefèvre", "votre service", "les factures"):
        assert squeeze(told) in asked, told
    for told in ("mise en demeure", "Un proche peut", "vos dépenses"):
        assert squeeze(told) not in asked, told
        assert squeeze(told) in texts["demande_justificatifs"], told


def test_whoever_is_no_longer_paid_is_not_told_that_nothing_changes(texts):
    assert squeeze("Vos aides ne changent pas") in texts["revalorisation"]
    assert squeeze("Vos aides ne changent pas") not in texts["revalorisation_non_versee"]
    assert squeeze("nous referons le calcul") in texts["revalorisation_non_versee"]


def test_a_refused_revision_is_not_told_as_a_refused_request(texts):
    assert squeeze("Votre demande d’APA est réputée refusée") in texts["refus_repute"]
    assert squeeze("demande de révision de votre APA") in texts["refus_repute_revision"]
    assert squeeze("Votre demande d’APA") not in texts["refus_repute_revision"]


def test_no_line_breaks_inside_an_article_or_an_address_of_the_web():
    for kind in ("forfait_urgence", "proposition_emploi_direct", "decision_accord"):
        pages = PdfReader(io.BytesIO(render(courrier(kind)))).pages
        lines = [line.strip() for page in pages for line in page.extract_text().splitlines()]
        assert [
            line for line in lines if re.search(r"(\b[LRD]\.|www\.?|«)$|^[;:?!»%€]", line)
        ] == []
