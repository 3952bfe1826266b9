"""What each leg refuses of who signs, of what a run pays, and of what it takes over."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.delais import echeance
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.purposes import (
    CONTROLE,
    EVALUATION,
    INSTRUCTION,
    REVALORISATION,
)
from tests.kernel.attacks.trigger_attempts import (
    ACCORDE,
    BEFORE,
    CLOS,
    COMPLETED,
    COURRIER,
    DECIDE,
    DECISION,
    DEMANDE,
    DROIT,
    EVALUATION_OF,
    FACTURE,
    GRILLE,
    INDU,
    LIGNE,
    LIGNE_PLAN,
    LOT,
    MOIS,
    PERIODE,
    PIECE,
    PLAN,
    RELAIS,
    REMBOURSE,
    REMISE,
    REMISSION,
    RETRAIT,
    VALIDE,
    WITHDRAWAL,
    Step,
    figure,
    named,
)
from tests.kernel.attacks.trigger_files import Files
from tests.kernel.attacks.trigger_legs import (
    ALICE,
    EVENT,
    LINE,
    OPENED,
    PAUL,
    REMI,
    SECOND,
    decided,
)
from tests.kernel.attacks.trigger_rights import Rights
from tests.kernel.attacks.trigger_states import States
from tests.personas import today

CAROLE = ("carole", CONTROLE)
ENTERED = {"kind": "aide_id", "sum": "50", "gone": "NULL, ''"}


class Hands(Files, Rights, States):
    """The scene, with an invoice of the file that lends the others what is not theirs."""

    def __init__(self, team: Any) -> None:
        super().__init__(team)
        right = m.Droit.objects.get(dossier=self.sans)
        bound = {"service": team.nord, "dossier": self.sans}
        aide = m.AidePonctuelle.objects.create(
            **bound, plan=right.decision.plan, nature="repit", objet="x", montant=100
        )
        self.theirs = m.Facture.objects.create(
            **bound, aide=aide, droit=right, reference="T", depense_on=today(), montant=50,
            retenu=50, taux_participation=0, a_verser=50, saisie_on=today(), saisie_par=team.carole,
        )  # fmt: skip

    def kinds(self) -> list[Callable[[], Iterator[list[Step]]]]:
        signed = [
            self.closings,
            self.alone,
            self.asked_elsewhere,
            self.left_asked,
            self.grounds,
            self.remission_letters,
            self.told_again,
            self.undoers,
            self.answered,
            self.events,
            self.endings_decided,
            self.endings_undone,
            self.endings_refused,
        ]
        paid = [self.entered, self.owed, self.of_invoices, self.taken_over, self.withdrawn]
        paid += [self.withheld, self.received, self.sliced]
        kept = [
            self.counted,
            self.proofs_asked,
            self.reopened,
            self.undone_debts,
            self.written_once,
            self.answers_kept,
            self.relays,
        ]
        return [*super().kinds(), *signed, *paid, *kept]

    def closings(self) -> Iterator[list[Step]]:
        """A proposal is born closed, or closed as another agent, on another day, or not at all."""
        pk, remi = uuid4(), f"'{self.team.remi.pk}'"
        yield [self.proposed(pk, etat="'retire'")]
        for state, by, day in (
            ("retire", "access.agent()", "access.today()"),
            ("propose", "access.agent()", "access.today()"),
            ("retire", remi, "access.today()"),
            ("retire", "access.agent()", "access.today() - 9"),
        ):
            change = CLOS.replace("access.agent()", by).replace("access.today()", day)
            yield [self.proposed(pk), (*ALICE, change, state)]

    def endings_decided(self) -> Iterator[list[Step]]:
        """A right ends on the day that a decision of today gives it, in its file, or not at all."""
        paye, nu = self.paye.pk, self.nu.pk
        bare = ("owner", "UPDATE apa_ash_droit SET forfait = true")

        def ended(later: int = 0) -> Step:
            until = f"daterange(lower(periode), access.today() + {later})"
            return (*ALICE, PERIODE.format(until), paye)

        def taken(nature: str, *, of: Any = paye, back: int = 0) -> Step:
            query = DECISION.replace("'accord'", f"'{nature}'")
            query = query.replace("access.today()", f"access.today() - {back}", 1)
            return ("owner", query, uuid4(), self.team.nord.pk, of, self.team.remi.pk, None)

        yield [ended()]
        for nature in ("accord", "revalorisation", "fin", "rejet", "suspension"):
            for later in (-1, 0, 1, 2):
                yield [taken(nature), ended(later)]
                yield [bare, taken(nature), ended(later)]
            yield [taken(nature, of=nu), ended()]
            yield [taken(nature, back=2), ended()]

    def endings_undone(self) -> Iterator[list[Step]]:
        """A death undone gives back the last day that it kept, of its own file and right."""
        nord, remi, death = self.team.nord.pk, self.team.remi.pk, uuid4()
        kept = today() + timedelta(days=40)
        columns = DECISION.replace("plan_id)", "plan_id, {})").replace("%s, %s)", "%s, %s, %s)")
        fin = columns.replace("'accord'", "'fin'").format("avant")
        undo = columns.replace("'accord'", "'{}'").replace("plan_id, {})", "plan_id, annule_id)")
        aged = "UPDATE apa_ash_decision SET prise_on = access.today() - %s WHERE nature = %s"
        until = PERIODE.format("daterange(lower(periode), access.today() + {})").format
        other = json.dumps({"droits": {str(self.droit.pk): [str(BEFORE), str(today())]}})
        for right in (self.droit.pk, uuid4()):
            for of, undone, back, nature in (
                (self.paye.pk, self.paye.pk, 0, "annulation"),
                (self.paye.pk, self.nu.pk, 0, "annulation"),
                (self.nu.pk, self.paye.pk, 0, "annulation"),
                (self.nu.pk, self.nu.pk, 0, "annulation"),
                (self.paye.pk, self.paye.pk, 9, "annulation"),
                (self.paye.pk, self.paye.pk, 0, "reprise"),
            ):
                avant = json.dumps({"droits": {str(right): [str(BEFORE), str(kept)]}})
                steps = [
                    ("owner", fin, death, nord, of, remi, None, avant),
                    ("owner", fin, uuid4(), nord, of, remi, None, other),
                    ("owner", undo.format(nature), uuid4(), nord, undone, remi, None, death),
                    ("owner", aged, back, nature),
                    ("owner", aged, 9, "fin"),
                ]
                for days in (40, 39, 0):
                    yield [*steps, (*ALICE, until(days), self.paye.pk)]

    def endings_refused(self) -> Iterator[list[Step]]:
        """A lump sum ends today with the plan that its person has refused, the last one sent."""
        paye = self.paye.pk
        until = PERIODE.format("daterange(lower(periode), access.today() + {})").format
        told = (
            "UPDATE apa_ash_planaide SET etat = '{}', envoye_on = {} WHERE dossier_id = %s".format
        )
        added = ("owner", PLAN, self.team.nord.pk, paye)
        before = "access.today() - 20"
        sent_later = (
            "UPDATE apa_ash_planaide SET envoye_on = access.today() - 15"
            " WHERE envoye_on IS NULL AND etat = %s"
        )
        for lump in ("true", "false"):
            bare = ("owner", f"UPDATE apa_ash_droit SET forfait = {lump}")
            for etat, sent in (("refuse", before), ("accepte", before), ("refuse", "NULL")):
                answered = ("owner", told(etat, sent), paye)
                for days in (-2, -1, 0, 1):
                    yield [bare, answered, (*ALICE, until(days), paye)]
            for first, last in (("refuse", "accepte"), ("accepte", "refuse")):
                yield [
                    bare,
                    ("owner", told(first, before), paye),
                    (*added, last),
                    ("owner", sent_later, last),
                    (*ALICE, until(0), paye),
                ]

    def alone(self) -> Iterator[list[Step]]:
        """One pair of hands grants what no silence of that file gives from that day on."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        asked = (
            "UPDATE apa_ash_demande SET recue_on = '{0}', complete_on = '{0}', accuse_on = '{0}'"
            " WHERE dossier_id = %s"
        ).format
        for nature, of, back, later in (
            ("forfait_tacite", paye, 45, 0),
            ("accord", paye, 45, 0),
            ("forfait_tacite", self.nu.pk, 45, 0),
            ("forfait_tacite", paye, 45, 1),
            ("forfait_tacite", paye, 100, 0),
        ):
            complete = today() - timedelta(days=back)
            effet = echeance("decision", complete) + timedelta(days=1 + later)
            taken = decided(nature, effective=f"date '{effet}'")
            yield [("owner", asked(complete), paye),
                   (*ALICE, taken, uuid4(), nord, of, t.alice.pk, None)]  # fmt: skip

    def asked_elsewhere(self) -> Iterator[list[Step]]:
        """A decision is signed on the proposal of another decision, file or nature, or a former."""
        t, nord, pk = self.team, self.team.nord.pk, uuid4()
        signed = (*REMI, DECISION, pk, nord, self.paye.pk, t.remi.pk, None)
        for proposal in (
            [self.proposed(uuid4())],
            [self.proposed(pk, of=self.nu.pk)],
            [self.proposed(pk, nature="'urgence'")],
            [self.proposed(pk), (*ALICE, CLOS, "retire")],
        ):
            yield [*proposal, signed]

    def remission_letters(self) -> Iterator[list[Step]]:
        """A remission, or an end, is told by whoever did not decide it, or to somebody dead."""
        t, nord, paye, nu = self.team, self.team.nord.pk, self.paye.pk, self.nu.pk
        noted = ("owner", "UPDATE apa_ash_indu SET etat = 'notifie'")
        letter = COURRIER.format("access.today()").replace("'accuse_reception'", "'{}'").format

        def decide(nature: str, *, by: str = "remi", day: str = "access.today()") -> list[Step]:
            asked = REMISE.format(
                day="access.today()", by="access.agent()", decided="'demandee', NULL, NULL, ''",
                nature=nature,
            )  # fmt: skip
            granted = DECIDE.format(sum="40", day=day, by=f"'{t.agents[by].pk}'")
            return [noted, (*CAROLE, asked), ("owner", granted)]

        for nature, told, other in (
            (REMISSION, "decision_remise", "retrait_indu"),
            (WITHDRAWAL, "retrait_indu", "decision_remise"),
        ):
            yield [(*ALICE, letter(told), nord, paye)]
            yield [*decide(nature)[:2], (*REMI, letter(told), nord, paye)]
            for name, of in ((told, paye), (told, nu), (other, paye)):
                yield [*decide(nature), (*REMI, letter(name), nord, of)]
            yield [*decide(nature, by="paul"), (*REMI, letter(told), nord, paye)]
            yield [*decide(nature, by="alice"), (*ALICE, letter(told), nord, paye)]
            old = decide(nature, day="access.today() - 2")
            early = ("owner", "UPDATE apa_ash_remise SET demandee_on = access.today() - 2")
            yield [*old[:2], early, old[2], (*REMI, letter(told), nord, paye)]
        ended = letter("fin_droit").replace("pdf)", "pdf, decision_id)")
        ended = ended.removesuffix("'x')") + "'x', %s)"
        for kept in (json.dumps({"droits": {}}), None):
            fin = self.taken(decided("fin"), self.paye, "avant", kept)
            yield [fin, (*ALICE, ended, nord, paye, fin[2])]

    def told_again(self) -> Iterator[list[Step]]:
        """A decision is told by another, on another day, or twice; a campaign later, but once."""
        t, nord, paye, pk = self.team, self.team.nord.pk, self.paye.pk, uuid4()
        told = COURRIER.replace("pdf)", "pdf, decision_id)").replace(
            "'hex'), 'x'", "'hex'), 'x', %s"
        )

        def tell(kind: str, back: int = 0, *, by: Any = ALICE, own: bool = False) -> Step:
            query = told.format(f"access.today() - {back}").replace("accuse_reception", kind)
            if own:
                query = query.replace("gen_random_uuid()", f"'{pk}'")
            return (*by, query, nord, paye, pk)

        def took(nature: str, back: int = 0) -> Step:
            query = decided(nature, taken=f"access.today() - {back}")
            return ("owner", query, pk, nord, paye, t.alice.pk, None)

        for back, written in ((0, 0), (1, 0), (1, 1), (2, 0), (0, 1)):
            yield [took("reprise", back), tell("reprise", written)]
        yield [took("reprise"), tell("reprise", by=REMI)]
        yield [took("reprise"), tell("reprise"), tell("reprise")]
        campaign = ("remi", REVALORISATION)
        for own in (True, False):
            letter = tell("revalorisation", by=campaign, own=own)
            yield [*self.over(uuid4(), pk), took("revalorisation", 9), letter]

    def grounds(self) -> Iterator[list[Step]]:
        """A decision is signed upon another ground, or for another day, than it was proposed."""
        nord, paye, remi = self.team.nord.pk, self.paye.pk, self.team.remi.pk
        plan = self.droit.decision.plan_id
        relais = named(self.relais.pk)
        for nature, said, decided_plan in (
            ("accord", {"plan": named(plan)}, plan),
            ("rejet", {}, None),
            ("urgence", {}, None),
            ("relais", {"relais": relais}, None),
            ("refus_relais", {"relais": relais}, None),
        ):
            for motif, day in (("x", 0), ("y", 0), ("x", 1)):
                pk = uuid4()
                query = decided(nature, effective=f"access.today() + {day}")
                query = query.replace("'x'", f"'{motif}'")
                yield [self.proposed(pk, nature=f"'{nature}'", **said),
                       (*REMI, query, pk, nord, paye, remi, decided_plan)]  # fmt: skip

    def undoers(self) -> Iterator[list[Step]]:
        """An end is undone by whoever instructs, under another file, or by another decision."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk

        def take(by: str, nature: str, undoes: Any) -> Step:
            query = decided(nature).replace("plan_id)", "annule_id)")
            return (by, INSTRUCTION, query, uuid4(), nord, paye, t.agents[by].pk, undoes)

        dead = "UPDATE apa_ash_identite SET deces_on = access.today() - {}".format
        left = ("owner", "SELECT deces_on FROM apa_ash_identite WHERE dossier_id = %s", paye)
        known = json.dumps({"droits": {}})
        for of, by, nature, named_ in (
            (self.paye, "remi", "annulation", True),
            (self.paye, "alice", "annulation", True),
            (self.nu, "remi", "annulation", True),
            (self.paye, "remi", "annulation", False),
            (self.paye, "remi", "reprise", True),
        ):
            ended = self.taken(decided("fin"), of, "avant", known)
            undoes = ended[2] if named_ else None
            yield [("owner", dead(0)), ended, take(by, nature, undoes), left]
        yield [("owner", dead(0)), take("remi", "annulation", self.droit.decision_id)]
        # What keeps nothing, what is no end, a death of another day, and one that nobody knows.
        for nature, kept, death in (
            ("fin", None, dead(0)),
            ("reprise", known, dead(0)),
            ("fin", known, dead(1)),
            ("fin", known, dead(0).replace("access.today() - 0", "NULL")),
        ):
            ended = self.taken(decided(nature), self.paye, "avant", kept)
            yield [("owner", death), ended, take("remi", "annulation", ended[2]), left]

    def answered(self) -> Iterator[list[Step]]:
        """An agreement rests on a plan of another file, not accepted, or older than the request."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        plan, draft = self.droit.decision.plan_id, uuid4()
        theirs = m.PlanAide.objects.get(dossier=self.sans).pk
        sent = "UPDATE apa_ash_planaide SET {} WHERE id = %s".format
        written = PLAN.replace("gen_random_uuid()", f"'{draft}'")
        for known, on in (
            ([], plan),
            ([("owner", sent("etat = 'sans_suite'"), plan)], plan),
            ([("owner", sent(f"envoye_on = date '{COMPLETED}' - 1"), plan)], plan),
            ([("owner", written, nord, paye, "brouillon")], draft),
            ([("owner", sent("envoye_on = access.today()"), theirs)], theirs),
        ):
            pk = uuid4()
            signed = (*REMI, DECISION, pk, nord, paye, t.remi.pk, on)
            yield [*known, self.proposed(pk, plan=named(on)), signed]

    def left_asked(self) -> Iterator[list[Step]]:
        """A remission is decided, and asked still."""
        noted = ("owner", "UPDATE apa_ash_indu SET etat = 'notifie'")
        asks = REMISE.format(
            day="access.today()", by="access.agent()", decided="'demandee', NULL, NULL, ''",
            nature=REMISSION,
        )  # fmt: skip
        left = DECIDE.replace("'accordee'", "'demandee'")
        left = left.format(sum="40", day="access.today()", by="access.agent()")
        yield [noted, (*CAROLE, asks), (*REMI, left)]

    def events(self) -> Iterator[list[Step]]:
        """An agreement goes back to a day that no event of life in force gives it."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        plan, pk, day = self.droit.decision.plan_id, uuid4(), previous_month(MOIS)
        back = (day - today()).days
        revised = ("owner", "UPDATE apa_ash_demande SET nature = 'revision'")
        replaced = ("owner", "UPDATE apa_ash_ressources SET en_vigueur = false")
        ended = "UPDATE apa_ash_droit SET periode = daterange(lower(periode), access.today() + %s)"
        ended += " WHERE dossier_id = %s"
        event = ("owner", EVENT, back, self.ressources.pk)
        same = ("owner", "UPDATE apa_ash_droit SET ressources_mensuelles = 0")
        asked = self.proposed(pk, plan=named(plan), effet=f"date '{day}'")
        signed = (*REMI, decided("accord", effective=f"date '{day}'"), pk, nord, paye, t.remi.pk,
                  plan)  # fmt: skip
        of_paye, of_sans = (("owner", ended, back, pk) for pk in (paye, self.sans.pk))
        for known in (
            [revised, event, of_paye],
            [event, of_paye],
            [revised, event, of_paye, same],
            [revised, ("owner", EVENT, back + 1, event[-1]), ("owner", ended, back + 1, paye)],
            [revised, event, of_sans],
            [revised, event, ("owner", ended, back - 40, paye)],
            [revised, event, of_paye, replaced],
            [revised, event],
        ):
            yield [replaced, *known, asked, signed]

    def line_of(self, *values: Any, **said: str) -> Step:
        """Add a line to a run as the agent of payments, each of its words written at will."""
        wanted = {"more": "verse_on", "value": "NULL", "iban": "c.iban", "examen": "''"}
        query = LIGNE.format(**wanted | {k: v for k, v in said.items() if k in wanted})
        for old, new in said.items():
            if old not in wanted:
                column = {"owner": "c.dossier_id, %s", "hand": "c.saisi_par_id",
                          "name": "c.titulaire", "aside": "false"}[old]  # fmt: skip
                assert column in query
                query = query.replace(column, new, 1)
        return (*PAUL, query, *values)

    def entered(self) -> Iterator[list[Step]]:
        """A line enters paid, a run of others, or upon the account of somebody else."""
        t, nord, paye, sans = self.team, self.team.nord.pk, self.paye.pk, self.sans.pk
        usual = (self.lot.pk, self.droit.pk, BEFORE, 500, paye)
        yield [self.line_of(*usual, value="access.today()")]
        yield [self.line_of(*usual, hand=f"'{t.alice.pk}'::uuid")]
        other = ("owner", LOT, nord, BEFORE, "prepare", t.paul.pk)
        valide = ("owner", VALIDE + " WHERE id = %s", t.remi.pk, self.lot.pk)
        yield [other, valide, self.line_of(*usual)]
        theirs = uuid4()
        of_sud = LOT.replace("gen_random_uuid()", f"'{theirs}'")
        yield [("owner", OPENED, t.sud.pk, t.paul.pk),
               ("owner", of_sud, t.sud.pk, MOIS, "prepare", t.paul.pk),
               self.line_of(theirs, *usual[1:])]  # fmt: skip
        unknown = ("owner", "DELETE FROM apa_ash_comptebancaire WHERE dossier_id = %s", sans)
        of_sans = m.Droit.objects.get(dossier=sans).pk
        lent = self.line_of(self.lot.pk, of_sans, BEFORE, 400, paye, owner=f"'{sans}'::uuid, %s")
        yield [unknown, lent]
        service = {"more": "prestataire_id", "value": f"'{self.aide.pk}'::uuid"}
        yield [self.line_of(*usual, **service)]

    def owed(self) -> Iterator[list[Step]]:
        """A line pays a month to come, a part of a month, or the right of another file."""
        usual, paye = (self.lot.pk, self.droit.pk), self.paye.pk
        yield [self.line_of(*usual, next_month(MOIS), 500, paye)]
        yield [self.line_of(*usual, BEFORE + timedelta(days=1), 500, paye)]
        of_sans = m.Droit.objects.get(dossier=self.sans).pk
        yield [self.line_of(self.lot.pk, of_sans, BEFORE, 400, paye)]

    def withheld(self) -> Iterator[list[Step]]:
        """A run withholds more than a share, than what is left, or for somebody else."""
        noted = ("owner", "UPDATE apa_ash_indu SET etat = 'notifie', montant = 101")
        valide = (*SECOND, VALIDE, self.team.remi.pk)
        change = "UPDATE apa_ash_indu SET {}".format

        def mine(retenue: str) -> Step:
            return ("owner", LINE.format("retenue = %s"), retenue, self.ligne.pk)

        owed = ("owner", change("etat = 'notifie', montant = 900"))
        for retenue in ("100", "100.01", "500"):
            yield [owed, mine(retenue), valide]
        for retenue in ("99.99", "100"):
            paid = ("owner", LINE.format("montant_brut = 499.99"), self.ligne.pk)
            yield [noted, paid, mine(retenue), valide]
        yield [noted, ("owner", LINE.format("retenue = 400"), self.sans_compte.pk), valide]
        other = (f"prestataire_id = '{self.aide.pk}'", f"dossier_id = '{self.sans.pk}'")
        settled = ("remis = 1", "remis = 1.01", "retire = 2", "recouvre = 2")
        for left in (*settled, "etat = 'constate'", *other):
            yield [noted, ("owner", change(left)), mine("100"), valide]

    def received(self) -> Iterator[list[Step]]:
        """What is repaid was not claimed, comes before it or tomorrow, or exceeds what is left."""
        whole = (*CAROLE, "UPDATE apa_ash_indu SET etat = 'recouvre', recouvre = montant")
        noted = ("owner", "UPDATE apa_ash_indu SET etat = 'notifie'")
        known = (self.team.nord.pk, self.paye.pk, self.indu.pk, self.team.carole.pk)

        def repaid(montant: str = "100", day: str = "access.today()") -> Step:
            query = REMBOURSE.replace("100, access.today()", f"{montant}, {day}")
            return (*CAROLE, query, *known)

        yield [repaid()]
        for montant in ("99.99", "100.01", "99999"):
            yield [noted, repaid(montant)]
        for day in ("access.today() + 1", "access.today() - 1", "'2019-01-01'"):
            yield [noted, repaid(day=day)]
        yield [noted, ("owner", "UPDATE apa_ash_indu SET constate_on = access.today() - 1"),
               repaid(day="access.today() - 1")]  # fmt: skip
        yield [noted, repaid("60"), repaid("40")]
        yield [noted, repaid("60"), repaid("40.01")]
        yield [noted, repaid(), whole, repaid("1")]
        for less in ("remis = 40", "retire = 40", "recouvre = 40"):
            for montant in ("60", "60.01"):
                yield [noted, ("owner", f"UPDATE apa_ash_indu SET {less}"), repaid(montant)]
        yield [noted, ("owner", "UPDATE apa_ash_indu SET dossier_id = %s", self.sans.pk), repaid()]

    def sliced(self) -> Iterator[list[Step]]:
        """A debt is given up in slices under the threshold; why it was dropped is rewritten."""
        seuil = figure("recouvrement")
        paid = ("owner", LINE.format("verse_on = access.today()"), self.ligne.pk)
        change = "UPDATE apa_ash_indu SET montant = 20, {}".format
        born = {"etat": "non_recouvre", "recouvre": 0, "remis": 0, "retire": 0,
                "day": "access.today()", "barred": 731}  # fmt: skip
        query = INDU.format(**born)
        known = (self.team.nord.pk, self.paye.pk)

        def given_up(montant: Any, motif: str = "x") -> Step:
            return (*CAROLE, query.replace("'x', 100", f"'{motif}', {montant}"), *known)

        long_ago = "constate_on = access.today() - 9"
        proposed = f"propose_on = access.today(), propose_par_id = '{self.team.carole.pk}'"
        for beside in (
            "etat = 'constate'",
            f"etat = 'propose', {proposed}",
            "etat = 'non_recouvre'",
            "etat = 'non_recouvre', constate_on = access.today() - 1",
            f"etat = 'non_recouvre', mois = '{MOIS}', {long_ago}",
            f"etat = 'non_recouvre', {long_ago}",
            "etat = 'notifie'",
            f"prestataire_id = '{self.aide.pk}'",
            f"dossier_id = '{self.sans.pk}'",
        ):
            for montant in (seuil - 20, seuil):
                yield [paid, ("owner", change(beside)), given_up(montant)]
        apart = ("owner", change("etat = 'notifie'"))
        yield [paid, apart, given_up(seuil + 1)]
        for more in ("20", "20.01"):
            yield [paid, apart, given_up(seuil - 20), given_up(more, "y")]
        suite = "UPDATE apa_ash_indu SET suite = 'y'"
        sent_back = ("owner", "UPDATE apa_ash_indu SET suite = 'x'")
        for who in (CAROLE, REMI):
            yield [sent_back, (*who, suite)]
        yield [sent_back, (*CAROLE, suite + ", etat = 'retire'")]

    def of_invoices(self) -> Iterator[list[Step]]:
        """A line pays an invoice of another file, right or service, or pays it again."""
        t, nord, paye, pk = self.team, self.team.nord.pk, self.paye.pk, uuid4()
        invoice = (*CAROLE, FACTURE.format(**ENTERED), pk, nord, paye, self.accueil.pk,
                   self.droit.pk, t.carole.pk)  # fmt: skip
        usual = (self.lot.pk, self.droit.pk, BEFORE, 50, paye)
        mine = {"more": "facture_id", "value": f"'{pk}'::uuid"}
        lent = mine | {"value": f"'{self.theirs.pk}'::uuid"}
        yield [invoice, self.line_of(*usual, **mine)]
        yield [invoice, self.line_of(*usual, **lent)]
        of_sans = m.Droit.objects.get(dossier=self.sans).pk
        yield [self.line_of(self.lot.pk, of_sans, BEFORE, 50, paye, **lent)]
        former = uuid4()
        old = DROIT.replace("gen_random_uuid()", f"'{former}'")
        old = old.replace("(access.today(), NULL), 3", "('2010-01-01', '2010-02-01'), 2")
        right = ("owner", old, nord, paye, self.droit.decision_id, 500, 500, False)
        yield [invoice, right, self.line_of(self.lot.pk, former, BEFORE, 50, paye, **mine)]
        to_service = {
            "more": "facture_id, prestataire_id",
            "value": f"'{pk}'::uuid, '{self.aide.pk}'::uuid",
            "iban": f"'{self.aide.iban}'",
            "name": f"'{self.aide.nom}'",
            "hand": "NULL::uuid",
        }
        yield [invoice, self.line_of(*usual, **to_service)]
        again = self.line_of(*usual[:2], MOIS, *usual[3:], **mine)
        yield [invoice, self.line_of(*usual, **mine), again]

    def taken_over(self) -> Iterator[list[Step]]:
        """A line says that it was examined: in a run given up, of the same month, as it is now."""
        t, nord, sud, ligne = self.team, self.team.nord.pk, self.team.sud.pk, self.ligne.pk
        lot, new = self.lot.pk, uuid4()
        hand = f"examen = 'vu', examine_par_id = '{t.remi.pk}'"
        seen = ("owner", LINE.format(f"{hand}, anomalie = 'hausse'"), ligne)
        run = "UPDATE apa_ash_lotpaiement SET {} WHERE id = %s".format
        given_up = ("owner", run("etat = 'abandonne'"), lot)
        both = ("owner", OPENED, sud, t.paul.pk)
        follows = ("owner", LOT.replace("gen_random_uuid()", f"'{new}'"), nord, MOIS, "prepare",
                   t.paul.pk)  # fmt: skip
        said = {"more": "examine_par_id", "value": f"'{t.remi.pk}'::uuid", "examen": "'vu'"}
        quiet = self.line_of(new, self.droit.pk, MOIS, 500, self.paye.pk, **said)

        def bearing(anomalie: str) -> Step:
            query = quiet[len(PAUL)].replace(" '', false,", f" '{anomalie}', false,")
            return (*PAUL, query, *quiet[len(PAUL) + 1 :])

        line = bearing("hausse")
        for change in (
            [],
            [("owner", run(f"mois = '{BEFORE}'"), lot)],
            [both, ("owner", run(f"service_id = '{sud}'"), lot)],
            [("owner", LINE.format(f"mois_du = '{BEFORE}'"), ligne)],
            [("owner", LINE.format(f"dossier_id = '{self.nu.pk}'"), ligne)],
            [("owner", LINE.format("montant_brut = 499"), ligne)],
            [("owner", LINE.format(f"prestataire_id = '{self.aide.pk}'"), ligne)],
            [("owner", LINE.format(f"facture_id = '{self.theirs.pk}'"), ligne)],
        ):
            yield [seen, *change, given_up, follows, line]
        # Hours far above the plan may have grown since: what was said of them is said again, as is
        # why a line without an anomaly was set aside.
        far = ("owner", LINE.format("anomalie = 'heures_au_dela'"), ligne)
        yield [seen, far, given_up, follows, bearing("heures_au_dela")]
        yield [("owner", LINE.format(hand), ligne), given_up, follows, quiet]

    def withdrawn(self) -> Iterator[list[Step]]:
        """An invoice is withdrawn once paid; or entered by another, or upon another right."""
        t, nord, paye, pk = self.team, self.team.nord.pk, self.paye.pk, uuid4()
        query = FACTURE.format(**ENTERED)

        def enter(right: Any, by: Any) -> Step:
            return (*CAROLE, query, pk, nord, paye, self.accueil.pk, right, by)

        mine = enter(self.droit.pk, t.carole.pk)
        paid = ("owner", LINE.format("facture_id = %s, verse_on = access.today()"), pk,
                self.ligne.pk)  # fmt: skip
        yield [mine, paid, (*CAROLE, RETRAIT + " WHERE id = %s", pk)]
        yield [enter(self.droit.pk, t.remi.pk)]
        yield [("owner", "UPDATE apa_ash_droit SET forfait = true"), mine]
        same = ("owner", "UPDATE apa_ash_droit SET taux_participation = 0")
        yield [same, enter(m.Droit.objects.get(dossier=self.sans).pk, t.carole.pk)]
        ended = "UPDATE apa_ash_droit SET periode = daterange(lower(periode), access.today())"
        yield [("owner", ended + " WHERE dossier_id = %s", paye), mine]

    def reopened(self) -> Iterator[list[Step]]:
        """A debt is proposed twice, counted before it is told, or keeps more than was granted."""
        change = "UPDATE apa_ash_indu SET {}".format
        noted = ("owner", change("etat = 'notifie'"))
        propose = (
            *CAROLE,
            change(
                "etat = 'propose', propose_on = access.today(), propose_par_id = access.agent()"
            ),
        )
        old = f"propose_on = access.today() - 9, propose_par_id = '{self.team.carole.pk}'"
        yield [("owner", change(old)), (*CAROLE, change("etat = 'propose'"))]
        yield [propose, ("owner", change("propose_on = access.today() - 1")), propose]
        known = (self.team.nord.pk, self.paye.pk, self.indu.pk, self.team.carole.pk)
        yield [("owner", REMBOURSE, *known), (*CAROLE, change("recouvre = 50"))]

        def granted(nature: str, montant: str) -> list[Step]:
            asked = REMISE.format(
                day="access.today()", by="access.agent()", decided="'demandee', NULL, NULL, ''",
                nature=nature,
            )  # fmt: skip
            decide = DECIDE.format(sum=montant, day="access.today()", by="access.agent()")
            return [noted, (*CAROLE, asked), (*REMI, decide)]

        for nature, column in ((REMISSION, "remis"), (WITHDRAWAL, "retire")):
            more = ("owner", change(f"{column} = 50"))
            yield [*granted(nature, "40"), more, (*REMI, change(f"{column} = 40"))]
        settled = ("owner", change("remis = 40, recouvre = 60"))
        yield [*granted(REMISSION, "40"), settled, (*REMI, change("etat = 'remis'"))]
        repaid = (*REMI, change("remis = 100, etat = 'recouvre'"))
        yield [*granted(REMISSION, "100"), repaid]

    def undone_debts(self) -> Iterator[list[Step]]:
        """A debt is withdrawn with a death of another file, undone before, or by no decision."""
        retire = (*REMI, "UPDATE apa_ash_indu SET etat = 'retire'")
        died, undone = self.mistaken(json.dumps({}))
        change = "UPDATE apa_ash_decision SET {} WHERE nature IN ({})".format
        both = "'fin', 'annulation'"
        yield [("owner", "UPDATE apa_ash_indu SET recouvre = 50"), died, undone, retire]
        for changed in (
            change("nature = 'reprise'", "'annulation'"),
            change("prise_on = access.today() - 9", both),
            change(f"dossier_id = '{self.nu.pk}'", both),
            change(f"dossier_id = '{self.nu.pk}'", "'fin'"),
        ):
            yield [died, undone, ("owner", changed), retire]
        yield [died, *self.mistaken(None), retire]

    def written_once(self) -> Iterator[list[Step]]:
        """A request of tomorrow, a piece spared twice, a grid of another, a letter that tells."""
        t, nord, nu, paye = self.team, self.team.nord.pk, self.nu.pk, self.paye.pk
        asked = DEMANDE.format(complete="NULL", accuse="NULL")
        for day in ("access.today() - 60", "access.today() + 1"):
            yield [(*ALICE, asked.replace("access.today() - 60", day), nord, nu)]
        demande = m.Demande.objects.get(dossier=self.nu).pk
        yield from self.given_up_once(demande)
        missing = (*ALICE, PIECE.format(recue="NULL"), nord, nu, demande, "taxe_fonciere")
        spared = "UPDATE apa_ash_piece SET dispensee_on = access.today() - %s WHERE dossier_id = %s"
        yield [missing, (*ALICE, spared, 3, nu), (*ALICE, spared, 2, nu)]
        mine, theirs = uuid4(), uuid4()
        yield [("owner", EVALUATION_OF, mine, nord, paye, t.chloe.pk),
               ("owner", EVALUATION_OF, theirs, nord, nu, t.remi.pk),
               ("chloe", EVALUATION, GRILLE, nord, nu, theirs)]  # fmt: skip
        letter = COURRIER.format("access.today()").replace("pdf)", "pdf, decision_id)")
        letter = letter.removesuffix("'x')") + "'x', %s)"
        for decision in (self.droit.decision_id, None):
            yield [(*ALICE, letter, nord, paye, decision)]

    def given_up_once(self, demande: Any) -> Iterator[list[Step]]:
        """A request is given up as it comes, tomorrow, twice, taken back, or completed after."""
        change = "UPDATE apa_ash_demande SET {} WHERE id = %s".format
        given = "desistee_on = {}, desistee_par = 'courrier'".format
        up = (*ALICE, change(given("access.today()")), demande)
        yield [up]
        yield [(*ALICE, change(given("access.today() + 1")), demande)]
        again = DEMANDE.format(complete="NULL", accuse="NULL")
        again = again.replace("reference_externe)", "reference_externe, desistee_on, desistee_par)")
        again = again.replace("'', '')", "'', '', access.today(), 'courrier')")
        yield [(*ALICE, again, self.team.nord.pk, self.nu.pk)]
        none = "desistee_on = NULL, desistee_par = ''"
        for then in (given("access.today() - 1"), "desistee_par = 'guichet'", none):
            yield [up, (*ALICE, change(then), demande)]
        known = [
            ("owner", "DELETE FROM apa_ash_piece WHERE demande_id = %s", demande),
            ("owner", change("complete_on = NULL, accuse_on = NULL"), demande),
        ]
        complete = "complete_on = recue_on, accuse_on = access.today()"
        for before in ([up], []):
            yield [*known, *before, (*ALICE, change(complete), demande)]

    def answers_kept(self) -> Iterator[list[Step]]:
        """What was answered, or put aside, is answered again; a line joins a plan that was sent."""
        nord, nu, plan = self.team.nord.pk, self.nu.pk, self.plan.pk
        known = "UPDATE apa_ash_planaide SET {} WHERE id = %s".format
        answer = (*ALICE, known("observations = 'x'"), plan)
        sent = "etat = 'propose', envoye_on = access.today()"
        for before in (
            sent,
            f"{sent}, reponse_on = access.today()",
            "etat = 'sans_suite', envoye_on = access.today()",
        ):
            yield [("owner", known(before), plan), answer]
        # Another plan is a draft still: that is not the one that the line joins.
        yield [("owner", known(sent), plan), ("owner", PLAN, nord, self.paye.pk, "brouillon"),
               ("chloe", EVALUATION, LIGNE_PLAN, nord, nu, plan)]  # fmt: skip

    def relays(self) -> Iterator[list[Step]]:
        """A relay goes back, ends again, or rests on the decision of another file."""
        t, nord, paye, pk = self.team, self.team.nord.pk, self.paye.pk, uuid4()
        decision = self.droit.decision_id
        granted = ("owner", ACCORDE, decision)
        change = "UPDATE apa_ash_relais SET {}".format
        out = "etat = 'clos', sortie_on = entree_on + {}".format
        since = ("owner", change("entree_on = access.today() - 9"))
        yield [granted, (*ALICE, change("etat = 'refuse'"))]
        yield [granted, since, ("owner", change(out(1))), (*ALICE, change("sortie_on = entree_on"))]
        invoice = (*CAROLE, FACTURE.format(**ENTERED | {"kind": "relais_id"}), pk, nord, paye,
                   self.relais.pk, self.droit.pk, t.carole.pk)  # fmt: skip
        lines = LINE.format("facture_id = %s, verse_on = {}").format
        today_ = "access.today()"
        for invoiced, day in ((pk, today_), (pk, "NULL"), (self.theirs.pk, today_)):
            paid = ("owner", lines(day), invoiced, self.ligne.pk)
            yield [granted, since, invoice, paid, (*ALICE, change(out(1)))]
        within = ACCORDE.replace("plafond = 50", f"plafond = {figure('relais')}")

        def take(nature: str, of: Any, asked: Any) -> list[Step]:
            key, query = uuid4(), decided(nature)
            proposal = self.proposed(key, of=of, nature=f"'{nature}'", relais=named(asked))
            taken = ("owner", query, key, nord, of, t.remi.pk, None)
            return [("owner", *proposal[2:]), taken]

        mine, another = self.relais.pk, uuid4()
        beside = ("owner", RELAIS.replace("gen_random_uuid()", f"'{another}'"), nord, paye,
                  self.aidant.pk, decision)  # fmt: skip
        for of, nature, asked in (
            (paye, "relais", mine),
            (self.nu.pk, "relais", mine),
            (paye, "refus_relais", mine),
            (paye, "relais", another),
        ):
            steps = take(nature, of, asked)
            yield [beside, *steps, (*ALICE, within, steps[-1][2])]
        # There is one of its kind in the file: that is not the one that it names.
        other = take("fin", paye, None)
        yield [*take("relais", paye, mine), *other, (*ALICE, within, other[-1][2])]

    def counted(self) -> Iterator[list[Step]]:
        """A debt counts as repaid what was withheld from another file, or from another payee."""
        whole = (*PAUL, "UPDATE apa_ash_indu SET etat = 'recouvre', recouvre = montant")
        noted = ("owner", "UPDATE apa_ash_indu SET etat = 'notifie'")
        valide = ("owner", VALIDE, self.team.remi.pk)
        withheld = LINE.format("retenue = %s, ecarte = false, examen = '', examine_par_id = NULL")
        mine = ("owner", withheld, 100, self.ligne.pk)
        of_service = ("owner", "UPDATE apa_ash_indu SET prestataire_id = %s", self.aide.pk)
        yield [noted, mine, valide, whole]
        yield [noted, of_service, mine, valide, whole]
        theirs = (
            "INSERT INTO apa_ash_indu (id, service_id, dossier_id, mois, motif, montant, recouvre,"
            " remis, retire, constate_on, constate_par_id, prescrit_on, suite, etat) SELECT"
            " gen_random_uuid(), service_id, %s, mois, motif, montant, recouvre, remis, retire,"
            " constate_on, constate_par_id, prescrit_on, suite, etat FROM apa_ash_indu"
        )
        other = ("owner", theirs, self.sans.pk)
        yield [noted, other, ("owner", withheld, 200, self.sans_compte.pk), valide, whole]

    def proofs_asked(self) -> Iterator[list[Step]]:
        """Proofs are said asked long ago, awaited for less than a month, or received and erased."""
        query = (
            "INSERT INTO apa_ash_demandejustificatif (id, service_id, dossier_id, depuis, jusqu_on,"
            " precisions, demandee_on, demandee_par_id, attendue_on, recue_on) VALUES"
            " (gen_random_uuid(), %s, %s, access.today() - 90, access.today() - 60, '',"
            " access.today() {day}, access.agent(), {until}, {received})"
        ).format
        month = "(access.today() {day} + interval '1 month')::date"
        keys = (self.team.nord.pk, self.paye.pk)

        def ask(day: str = "", until: str = month, received: str = "NULL") -> Step:
            return (*CAROLE, query(day=day, until=until.format(day=day), received=received), *keys)

        yield [ask()]
        for day in ("- 1", "- 2", "+ 1"):
            yield [ask(day)]
        yield [ask(until=month + " - 1")]
        yield [ask(received="access.today()")]
        receive = "UPDATE apa_ash_demandejustificatif SET recue_on = {}".format
        for received in ("access.today()", "access.today() + 1"):
            yield [ask(), (*CAROLE, receive(received))]
        yield [ask(), ("owner", receive("access.today()")), (*CAROLE, receive("NULL"))]
