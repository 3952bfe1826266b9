"""What moves a file from a state to another, and what it waits for, without what allows it."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from egide.systems.apa_ash.purposes import EVALUATION
from tests.kernel.attacks.trigger_attempts import DECISION, MOIS, PLAN, SUSPENDED, VISITE, Step
from tests.kernel.attacks.trigger_legs import ALICE, LITIGE, Legs

CHLOE = ("chloe", EVALUATION)
NOW, FAR = "access.today()", "access.today() + 400"
STAND = (
    "UPDATE apa_ash_dossier SET etat = '{etat}', etat_droit = '{droit}', echeance = '{waits}',"
    " echeance_on = {on}, revision_on = {revision}, fin_droit_on = {fin} WHERE id = %s"
)
ASIDE = "UPDATE apa_ash_litigesecours SET echeance_avant = '{}', echeance_avant_on = {}"
TRANSMISSION, COMPETENCE = "transmission_secours", "competence_secours"


GIVEN_UP = (
    "UPDATE apa_ash_demande SET desistee_on = recue_on, desistee_par = 'courrier'"
    " WHERE dossier_id = %s"
)
COMPLETED_TODAY = "UPDATE apa_ash_demande SET complete_on = access.today() WHERE dossier_id = %s"


def moved(**columns: str) -> str:
    """Write a move: the columns as SQL, of one file."""
    told = ", ".join(f"{name} = {value}" for name, value in columns.items())
    return f"UPDATE apa_ash_dossier SET {told} WHERE id = %s"


# The deadline that a state ends with: none.
OVER = {"echeance": "''", "echeance_on": "NULL"}
DECIDE = {"echeance": "'decision'", "echeance_on": NOW}


class States(Legs):
    """The scene, with the moves of a file that is asked, studied, under a right, or over."""

    def kinds(self) -> list[Callable[[], Iterator[list[Step]]]]:
        moves = [self.steps, self.refused_plans, self.decided_moves, self.suspended_moves]
        moves += [self.undone_moves, self.admitted_moves, self.born, self.at_once]
        moves += [self.gave_up_moves, self.begun_again_moves]
        waits = [self.unexpected, self.put_off, self.disputed, self.given_back_waits, self.revised]
        return [*super().kinds(), *moves, *waits]

    def standing(self, etat: str, waits: str = "visite", **more: str) -> Step:
        """Put the bare file, as the owner, in a state."""
        known = {"droit": "", "on": NOW, "revision": "NULL", "fin": "NULL"} | more
        if not waits:
            known["on"] = "NULL"
        return ("owner", STAND.format(etat=etat, waits=waits, **known), self.nu.pk)

    def move(self, by: tuple[str, Any] = ALICE, **columns: str) -> Step:
        return (*by, moved(**columns), self.nu.pk)

    def took(self, nature: str, *, of: Any = None, back: int = 0, **more: Any) -> Step:
        """Take a decision, as the owner: it rests on nothing that is tried here."""
        query, values = DECISION.replace("'accord'", f"'{nature}'"), list(more.values())
        query = query.replace("access.today()", f"access.today() - {back}", 1)
        query = query.replace("plan_id)", ", ".join(["plan_id", *more]) + ")")
        query = query.replace("%s, %s)", "%s, %s" + ", %s" * len(values) + ")")
        owned = (self.team.nord.pk, of or self.nu.pk, self.team.remi.pk, None)
        return ("owner", query, uuid4(), *owned, *values)

    def disputed_by(self, etat: str, of: Any = None) -> Step:
        day = NOW if etat in ("accepte", "refuse") else "NULL"
        query = LITIGE.format(etat=etat, day=day)
        if etat == "conteste":
            query = query.replace("access.today() - 9, access.today() - 9", f"{NOW} - 9, NULL")
        return ("owner", query, self.team.nord.pk, of or self.nu.pk)

    def steps(self) -> Iterator[list[Step]]:
        """The team closes what it evaluates, opens it, or begins what the instruction begins."""
        for etat, after in (
            ("recu", {"etat": "'complet'", "echeance": "'visite'"}),
            ("complet", {"etat": "'clos'", **OVER}),
            ("visite", {"etat": "'ouvert'", **OVER}),
            ("ouvert", {"etat": "'complet'", "etat_droit": "'ouvert'"}),
            ("complet", {"etat": "'evalue'", **DECIDE}),
        ):
            yield [self.standing(etat), self.move(CHLOE, **after)]
        yield [self.standing("complet", droit="ouvert"), self.move(CHLOE, etat_droit="'suspendu'")]

    def refused_plans(self) -> Iterator[list[Step]]:
        """A request is rejected beside a plan that nobody refused, or that another followed."""
        nord, nu = self.team.nord.pk, self.nu.pk
        told = "UPDATE apa_ash_planaide SET etat = %s, envoye_on = {} WHERE dossier_id = %s".format
        for by in (CHLOE, ALICE):
            for etat, sent in (("refuse", NOW), ("accepte", NOW), ("refuse", "NULL")):
                answered = ("owner", told(sent), etat, nu)
                stands = self.standing("propose", "reponse")
                yield [answered, stands, self.move(by, etat="'rejete'", **OVER)]
                under = self.standing("propose", "reponse", droit="ouvert")
                back = self.move(by, etat="'ouvert'", etat_droit="''", **OVER)
                yield [answered, under, back]
        theirs = ("owner", told(NOW), "refuse", self.paye.pk)
        yield [theirs, stands, self.move(CHLOE, etat="'rejete'", **OVER)]
        former = ("owner", told(f"{NOW} - 9"), "refuse", nu)
        later = ("owner", PLAN, nord, nu, "accepte")
        sent = "UPDATE apa_ash_planaide SET envoye_on = access.today() WHERE etat = 'accepte'"
        rejected = self.move(CHLOE, etat="'rejete'", **OVER)
        stands = self.standing("propose", "reponse")
        yield [former, later, ("owner", sent), stands, rejected]
        yield [former, self.asked("premiere", 3), stands, rejected]
        yield [former, self.asked("revision", 3), stands, rejected]

    def decided_moves(self) -> Iterator[list[Step]]:
        """A file moves by the decision of another, of another day or nature, or a former one."""
        accepted = self.standing("accepte", "decision")
        rejected = self.move(etat="'rejete'", **OVER)
        yield [accepted, rejected]
        yield [accepted, self.took("rejet"), rejected]
        for amiss in (
            self.took("rejet", of=self.paye.pk),
            self.took("rejet", back=2),
            self.took("accord"),
            self.took("fin"),
        ):
            yield [accepted, amiss, rejected]
        later = "UPDATE apa_ash_decision SET ecrite_a = now() + interval '1 hour' WHERE nature = %s"
        for last in ("rejet", "fin"):
            both = [self.took("rejet"), self.took("fin"), ("owner", later, last)]
            yield [accepted, *both, rejected]
        closed = self.move(etat="'clos'", **OVER)
        for kept in (None, json.dumps({"droits": {}})):
            yield [accepted, self.took("fin", avant=kept), closed]

    def suspended_moves(self) -> Iterator[list[Step]]:
        """A right opens as if nothing stopped it, or is said to be stopped by nothing."""
        stopped = ("owner", SUSPENDED.format(f"daterange('{MOIS}', NULL)"), self.team.nord.pk)
        accepted = [self.standing("accepte", "decision"), self.took("accord")]
        for stop in ([], [(*stopped, self.nu.pk)], [(*stopped, self.sans.pk)]):
            for etat in ("ouvert", "suspendu"):
                yield [*accepted, *stop, self.move(etat=f"'{etat}'", **OVER)]
        for before, after, nature in (
            ("ouvert", "suspendu", "suspension"),
            ("suspendu", "ouvert", "reprise"),
        ):
            for taken in ([], [self.took(nature)]):
                yield [self.standing(before, ""), *taken, self.move(etat=f"'{after}'")]
                under = self.standing("complet", droit=before)
                yield [under, *taken, self.move(etat_droit=f"'{after}'")]

    def undone_moves(self) -> Iterator[list[Step]]:
        """An undone death gives back another state, or deadline, than the one that it took."""
        known = {"etat": "complet", "etat_droit": "ouvert", "echeance": "pieces"}
        for nature, of, back in (
            ("annulation", self.nu.pk, 0),
            ("annulation", self.paye.pk, 0),
            ("annulation", self.nu.pk, 2),
            ("reprise", self.nu.pk, 0),
        ):
            died = self.took("fin", back=9, avant=json.dumps(known | {"echeance_on": str(MOIS)}))
            undone = self.took(nature, of=of, back=back, annule_id=died[2])
            steps = [self.standing("clos", ""), died, undone]
            waits = {"echeance": "'pieces'", "echeance_on": f"'{MOIS}'"}
            given = {"etat": "'complet'", "etat_droit": "'ouvert'"} | waits
            for amiss in ({}, {"etat_droit": "''"}, {"echeance": "'accuse'"}):
                yield [*steps, self.move(**given | amiss)]
            # The file stands again: what was expected before the death is not, any more.
            stands = self.standing("complet", droit="ouvert")
            yield [*steps, stands, self.move(**waits)]

    def admitted_moves(self) -> Iterator[list[Step]]:
        """A request is closed by no answer, another's, or that of another day; or is rejected."""
        ended = {"fin_droit_on": NOW}
        for etat, answers in (
            ("clos", [self.disputed_by("accepte")]),
            ("rejete", [self.disputed_by("accepte")]),
            ("clos", [self.disputed_by("refuse")]),
            ("clos", [self.disputed_by("accepte", of=self.paye.pk)]),
            ("clos", []),
        ):
            told = [self.standing("complet"), self.took("reprise"), *answers]
            yield [*told, self.told_end(NOW, of=self.nu.pk),
                   self.move(etat=f"'{etat}'", **OVER, **ended)]  # fmt: skip
        tomorrow = self.told_end(f"{NOW} + 1", of=self.nu.pk)
        late = {"fin_droit_on": f"{NOW} + 1"}
        yield [self.standing("complet"), self.disputed_by("accepte"), tomorrow,
               self.move(etat="'clos'", **OVER, **late)]  # fmt: skip

    def gave_up_moves(self) -> Iterator[list[Step]]:
        """A request ends as given up though nobody did, or a former one was."""
        gone = self.move(etat="'retiree'", **OVER)
        back = self.move(etat="'ouvert'", etat_droit="''", **OVER)
        for steps, after in (
            (self.standing("complet"), gone),
            (self.standing("complet", droit="ouvert"), back),
        ):
            yield [steps, after]
            yield [("owner", GIVEN_UP, self.nu.pk), steps, after]
            later = self.asked("revision", 0)
            yield [("owner", GIVEN_UP, self.nu.pk), later, steps, after]

    def begun_again_moves(self) -> Iterator[list[Step]]:
        """A file that is over begins again upon its former request, a revision, or of the dead."""
        again = self.move(etat="'recu'", echeance="'accuse'", echeance_on=NOW, revision_on="NULL")
        dead = "UPDATE apa_ash_identite SET deces_on = access.today() WHERE dossier_id = %s"
        over = self.standing("rejete", "", revision=NOW)
        for steps in (
            [],
            [self.asked("premiere", 0)],
            [self.asked("revision", 0)],
            [self.asked("premiere", 0), ("owner", GIVEN_UP, self.nu.pk)],
            [self.asked("premiere", 0), ("owner", dead, self.nu.pk)],
            [self.asked("premiere", 0), ("owner", COMPLETED_TODAY, self.nu.pk)],
            [self.asked("premiere", 1), self.took("rejet")],
            [self.asked("premiere", 0), self.took("rejet", of=self.paye.pk)],
            [self.asked("premiere", 1), self.took("accord")],
        ):
            yield [*steps, over, again]
        fresh = self.asked("premiere", 0)
        yield [fresh, over, self.move(revision_on="NULL")]
        far = self.move(etat="'recu'", echeance="'accuse'", echeance_on=NOW, revision_on=FAR)
        yield [fresh, over, far]
        stands = self.standing("recu", "accuse", revision=NOW)
        yield [fresh, stands, self.move(revision_on="NULL")]

    def asked(self, nature: str, days_ago: int) -> Step:
        """Receive another request of the bare file, as the owner."""
        query = (
            "INSERT INTO apa_ash_demande (id, service_id, dossier_id, nature, canal, recue_on,"
            " desistee_par, residence_stable, urgence_attestee_par, reference_externe) VALUES"
            " (gen_random_uuid(), %s, %s, %s, 'courrier', access.today() - %s::int, '', true, '',"
            " '')"
        )
        return ("owner", query, self.team.nord.pk, self.nu.pk, nature, days_ago)

    def born(self) -> Iterator[list[Step]]:
        """A file is entered as if it had been decided."""
        insert = (
            "INSERT INTO apa_ash_dossier (id, service_id, numero, etat, etat_droit, instructeur_id,"
            " ouvert_on, dernier_contact_on, echeance, departement_secours, motif_fin, revision_on,"
            " fin_droit_on) VALUES (gen_random_uuid(), %s, '2026-99998', {etat}, {droit}, %s,"
            " access.today(), access.today(), '', '01', '', {revision}, {fin})"
        ).format
        plain = {"etat": "'recu'", "droit": "''", "revision": "NULL", "fin": "NULL"}
        for amiss in (
            {},
            {"etat": "'complet'"},
            {"revision": NOW},
            {"fin": NOW},
        ):
            for by in (ALICE, ("owner",)):
                query = insert(**plain | amiss)
                yield [(*by, query, self.team.nord.pk, self.team.alice.pk)]

    def at_once(self) -> Iterator[list[Step]]:
        """Two files are moved by one statement; one of them, by the same one, is not."""
        both = [
            ("owner", moved(etat="'recu'", echeance="'accuse'", echeance_on=NOW), file.pk)
            for file in (self.nu, self.paye)
        ]
        later = "UPDATE apa_ash_dossier SET echeance_on = echeance_on + {} WHERE id IN (%s, %s)"
        one = later.format("CASE WHEN numero = %s THEN 1 ELSE 0 END")
        yield [*both, (*ALICE, later.format("1"), self.nu.pk, self.paye.pk)]
        yield [*both, (*ALICE, one, self.nu.numero, self.nu.pk, self.paye.pk)]

    def unexpected(self) -> Iterator[list[Step]]:
        """A file waits for what is not of its state, or for nothing."""
        for by in (CHLOE, ALICE):
            yield [self.standing("complet"), self.move(by, echeance="'decision'")]
            yield [self.standing("complet"), self.move(by, **OVER)]
            yield [self.standing("ouvert"), self.move(by, **OVER)]
            yield [self.standing("ouvert", revision=NOW), self.move(by, **OVER)]
            yield [self.standing("ouvert", fin=NOW), self.move(by, **OVER)]
            revision = {"echeance": "'revision'"}
            for fin, asked, day in (
                ("NULL", NOW, NOW),
                (NOW, NOW, NOW),
                ("NULL", FAR, NOW),
                ("NULL", "NULL", NOW),
            ):
                stands = self.standing("ouvert", fin=fin, revision=asked)
                yield [stands, self.move(by, **revision, echeance_on=day)]
            for day in (NOW, FAR):
                ended = {"echeance": "'fin_droit'", "echeance_on": day}
                yield [self.standing("ouvert", fin=NOW), self.move(by, **ended)]
            yield [self.standing("suspendu"), self.move(by, echeance="'mise_en_demeure'")]
        yield [self.standing("complet"), self.move(CHLOE, etat="'evalue'")]

    def put_off(self) -> Iterator[list[Step]]:
        """What is expected is put off for years, or as if a visit were to come."""
        t, nord, nu = self.team, self.team.nord.pk, self.nu.pk
        waits = {"echeance_on": FAR}
        for by in (CHLOE, ALICE):
            yield [self.standing("visite"), self.move(by, **waits)]
        for made, of, back, what in (
            ("NULL", nu, 30, "visite"),
            ("NULL", nu, 29, "visite"),
            ("NULL", nu, 30, "proposition"),
            ("NULL", self.paye.pk, 30, "visite"),
            (NOW, nu, 30, "visite"),
        ):
            query = VISITE.format(made).replace("access.today(), ''", f"{FAR} - {back}, ''")
            yield [("owner", query, nord, of, t.chloe.pk), self.standing("ouvert", what),
                   self.move(CHLOE, **waits)]  # fmt: skip

    def disputed(self) -> Iterator[list[Step]]:
        """A dispute that is not there, of another file, or at another step, is waited for."""
        near = {"echeance_on": NOW}
        for by in (CHLOE, ALICE):
            yield [self.standing("complet"), self.move(by, echeance=f"'{COMPETENCE}'")]
        for of in (self.nu.pk, self.paye.pk):
            for etat, what in (
                ("conteste", TRANSMISSION),
                ("conteste", COMPETENCE),
                ("transmis", COMPETENCE),
                ("transmis", TRANSMISSION),
                ("refuse", COMPETENCE),
            ):
                told = {"echeance": f"'{what}'"}
                known = self.disputed_by(etat, of=of)
                yield [self.standing("complet"), known, self.move(**told | near)]
                yield [self.standing("complet"), known, self.move(**told, echeance_on=FAR)]
                over = [self.standing("rejete", ""), known]
                yield [*over, self.move(**told | near)]
        disputing = self.standing("complet", COMPETENCE)
        yield [disputing, self.move(CHLOE, echeance_on=f"{NOW} + 9")]
        yield [disputing, self.move(CHLOE, etat="'evalue'")]
        refused = "UPDATE apa_ash_planaide SET etat = 'refuse', envoye_on = access.today()"
        proposed = self.standing("propose", COMPETENCE)
        for by in (CHLOE, ALICE):
            yield [("owner", refused), proposed, self.move(by, etat="'rejete'")]

    def given_back_waits(self) -> Iterator[list[Step]]:
        """A dispute gives back another thing than it put aside, or puts aside another thing."""
        aside = ("owner", ASIDE.format("accuse", NOW))
        closed = self.disputed_by("refuse")
        for waits in (COMPETENCE, "visite"):
            for given, day in (("accuse", NOW), ("pieces", NOW), ("accuse", FAR)):
                back = {"echeance": f"'{given}'", "echeance_on": day}
                yield [closed, aside, self.standing("complet", waits), self.move(**back)]
        asks = LITIGE.replace("echeance_avant)", "echeance_avant, echeance_avant_on)")
        asks = asks.replace("{day}, '')", "{day}, 'visite', {on})")
        for etat, on, of in (
            ("conteste", NOW, self.nu.pk),
            ("transmis", NOW, self.nu.pk),
            ("conteste", FAR, self.nu.pk),
            ("conteste", NOW, self.paye.pk),
        ):
            query = asks.format(etat=etat, day="NULL", on=on)
            if etat == "conteste":
                query = query.replace("access.today() - 9, access.today() - 9", f"{NOW} - 9, NULL")
            yield [self.standing("complet"), (*ALICE, query, self.team.nord.pk, of)]

    def revised(self) -> Iterator[list[Step]]:
        """A revision is put off, or taken away, by no decision, or by one that says another day."""
        kept = json.dumps({"revision_on": str(MOIS)})
        agreed = {"revision_on": str(MOIS)}
        for taken in (
            [self.took("accord", **agreed)],
            [self.took("accord", of=self.paye.pk, **agreed)],
            [self.took("accord", back=2, **agreed)],
            [self.took("reprise", **agreed)],
            [self.took("fin", avant=kept)],
            [self.took("fin", avant=None)],
            [],
        ):
            for day in (f"'{MOIS}'", "NULL", FAR):
                stands = self.standing("ouvert", "", revision=f"{NOW} + 40")
                yield [*taken, stands, self.move(revision_on=day)]
        died = self.took("fin", back=9, avant=kept)
        undone = self.took("annulation", annule_id=died[2])
        for day in (f"'{MOIS}'", "NULL"):
            stands = self.standing("ouvert", "", revision=f"{NOW} + 40")
            yield [died, undone, stands, self.move(revision_on=day)]
