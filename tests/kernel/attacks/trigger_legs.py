"""What each leg of a guard refuses: attempts that differ from an allowed one by that leg alone."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION, PAIEMENT
from tests.kernel.attacks.trigger_attempts import (
    BEFORE,
    COMPLETED,
    DECISION,
    DEMANDE,
    DROIT,
    EMIS,
    FICHIER,
    FIN,
    LIGNE,
    LOT,
    LUMP,
    LUMP_RIGHT,
    MOIS,
    PERIODE,
    SEAL,
    SILENCE,
    SUSPENDED,
    VALIDE,
    VISITE,
    VU,
    Scene,
    Step,
    figure,
    named,
)
from tests.personas import today

ALICE, REMI = ("alice", INSTRUCTION), ("remi", INSTRUCTION)
PAUL, SECOND = ("paul", PAIEMENT), ("remi", PAIEMENT)
EVENT = (
    "INSERT INTO apa_ash_ressources (id, service_id, dossier_id, annee_reference, couple, source,"
    " recueillies_on, ressources_mensuelles, neutralisation, en_vigueur, effet_on, avant_id)"
    " SELECT gen_random_uuid(), service_id, dossier_id, annee_reference, couple, source,"
    " recueillies_on, 0, neutralisation, true, access.today() + %s, id FROM apa_ash_ressources"
    " WHERE id = %s"
)
SAME = (
    "UPDATE apa_ash_droit SET plan_mensuel = b.plan_mensuel, couple = b.couple,"
    " ressources_mensuelles = b.ressources_mensuelles FROM apa_ash_droit b"
    " WHERE b.id = %s AND apa_ash_droit.gir = 2"
)
LINE = "UPDATE apa_ash_paiement SET {} WHERE id = %s"
STOP = "UPDATE apa_ash_interruption SET periode = daterange({}) WHERE dossier_id = %s"
OTHER = f"(SELECT id FROM apa_ash_lotpaiement WHERE mois = '{BEFORE}')"
START = "date_trunc('month', access.today())::date"
DOSSIER = (
    "INSERT INTO apa_ash_dossier (id, service_id, numero, etat, etat_droit, instructeur_id,"
    " ouvert_on, dernier_contact_on, echeance, departement_secours, motif_fin) VALUES"
    " (gen_random_uuid(), %s, '2026-99999', 'recu', '', %s, access.today(), access.today(), '',"
    " '01', '')"
)
OPENED = (
    "INSERT INTO access_habilitationservice (id, organisme_id, habilitation_id, service_id)"
    " SELECT gen_random_uuid(), organisme_id, id, %s FROM access_habilitation WHERE agent_id = %s"
)
REVISION = (
    "INSERT INTO apa_ash_demande (id, service_id, dossier_id, nature, canal, recue_on, complete_on,"
    " residence_stable, urgence_attestee_par, reference_externe) VALUES (gen_random_uuid(), %s, %s,"
    " 'revision', 'courrier', access.today(), access.today(), true, '', '')"
)
LITIGE = (
    "INSERT INTO apa_ash_litigesecours (id, service_id, dossier_id, departement, etat, motif,"
    " conteste_on, transmis_on, repondu_on, echeance_avant) VALUES (gen_random_uuid(), %s, %s,"
    " '69', '{etat}', 'x', access.today() - 9, access.today() - 9, {day}, '')"
)
# An event of life of last month: its resources count from the first of this one, or before.
EVENT_ON = previous_month(MOIS)
FOLLOWED = "UPDATE apa_ash_dossier SET instructeur_id = %s WHERE id = %s"


def decided(
    nature: str, *, taken: str = "access.today()", effective: str = "access.today()"
) -> str:
    """Write a decision of a nature, taken on a day and effective on another."""
    query = DECISION.replace("'accord'", f"'{nature}'")
    return query.replace("access.today(), access.today()", f"{taken}, {effective}")


class Legs(Scene):
    """The scene, with the near misses of each guard besides."""

    def kinds(self) -> list[Callable[[], Iterator[list[Step]]]]:
        money = [
            self.lines_of_another,
            self.kept_accounts,
            self.own_accounts,
            self.paid_before,
            self.first_steps,
            self.last_steps,
        ]
        files = [
            self.appointments,
            self.constats,
            self.given_up,
            self.handed_over,
            self.asked_again,
            self.over_with_its_right,
            self.given_back_end,
            self.replayed,
            self.replayed_deaths,
            self.maintained,
            self.discharges,
            self.resumptions,
            self.deceased,
            self.undone,
            self.dying,
        ]
        rights = [
            self.days,
            self.emptied,
            self.given_back,
            self.gone_on,
            self.within,
            self.agreements,
            self.other_means,
            self.earlier,
            self.revalued,
            self.silent,
            self.urgent,
        ]
        return [*super().kinds(), *money, *files, *rights]

    def lines_of_another(self) -> Iterator[list[Step]]:
        """What another set aside is put back, and what another said is said again."""
        remi, ligne = self.team.remi.pk, self.ligne.pk
        said = "ecarte = true, examen = 'non', examine_par_id = %s"
        aside = ("owner", LINE.format(said), remi, ligne)
        yield [aside, (*PAUL, LINE.format("ecarte = false"), ligne)]
        mine = "examen = 'x', examine_par_id = access.agent()"
        yield [aside, (*PAUL, LINE.format(mine), ligne)]
        seen = ("owner", VU + " WHERE id = %s", remi, ligne)
        yield [seen, (*PAUL, LINE.format("examen = 'autre'"), ligne)]

    def kept_accounts(self) -> Iterator[list[Step]]:
        """Hours nobody reported, or no account at all, are kept with a reason."""
        said = LINE.format("anomalie = %s, examen = 'vu', examine_par_id = %s")
        for anomalie in ("heures_non_recues", "compte_absent", "service_sans_compte", "hausse"):
            kept = ("owner", said, anomalie, self.team.paul.pk, self.ligne.pk)
            yield [kept, (*SECOND, VALIDE, self.team.remi.pk)]

    def own_accounts(self) -> Iterator[list[Step]]:
        """An agent keeps, or pays, an account that they entered: a person's, or a service's."""
        t, ligne = self.team, self.ligne.pk
        person = ("owner", "UPDATE apa_ash_comptebancaire SET saisi_par_id = %s", t.remi.pk)
        service = ("owner", "UPDATE apa_ash_prestataire SET iban_saisi_par_id = %s", t.remi.pk)
        paid = ("owner", LINE.format("prestataire_id = %s"), self.aide.pk, ligne)
        keeps = (*SECOND, VU + " WHERE id = %s", t.remi.pk, ligne)
        seen = ("owner", VU + " WHERE id = %s", t.paul.pk, ligne)
        for who, words in (
            ([person], ("compte_modifie", "compte_partage")),
            ([service, paid], ("service_compte_modifie",)),
        ):
            for word in words:
                flagged = ("owner", LINE.format("anomalie = %s"), word, ligne)
                yield [*who, flagged, keeps]
                yield [*who, flagged, seen, (*SECOND, VALIDE, t.remi.pk)]

    def paid_before(self) -> Iterator[list[Step]]:
        """Whoever entered an account pays it once another run has: that one, and no other."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        entered = ("owner", LINE.format("saisi_par_id = %s"), t.remi.pk, self.ligne.pk)
        issued = LOT.replace("prepare_on)", "prepare_on, valide_par_id, valide_on)")
        issued = issued.replace(
            "access.today())", f"access.today(), '{t.remi.pk}', access.today())"
        )
        line = LIGNE.format(iban="c.iban", more="verse_on", value="access.today()", examen="''")
        line = line.replace(
            "gen_random_uuid(), c.service_id, %s", f"gen_random_uuid(), c.service_id, {OTHER}"
        )
        paid = ("owner", line, self.droit.pk, BEFORE, 500, paye)
        past = f"UPDATE apa_ash_paiement SET {{}} WHERE lot_id = {OTHER}".format
        for state, change in (
            ("emis", "retenue = 0"),
            ("valide", "retenue = 0"),
            (
                "emis",
                f"ecarte = true, verse_on = NULL, examen = 'x', examine_par_id = '{t.paul.pk}'",
            ),
            ("emis", "iban = 'FR3'"),
            ("emis", "titulaire = 'y'"),
            ("emis", f"dossier_id = '{self.sans.pk}'"),
            ("emis", f"prestataire_id = '{self.aide.pk}'"),
            ("emis", f"lot_id = '{self.lot.pk}', mois_du = '{BEFORE}'"),
        ):
            yield [entered, ("owner", issued, nord, BEFORE, state, t.paul.pk), paid,
                   ("owner", past(change)),
                   (*SECOND, VALIDE + " WHERE id = %s", t.remi.pk, self.lot.pk)]  # fmt: skip

    def first_steps(self) -> Iterator[list[Step]]:
        """A run is born validated or issued; its lines are paid by another file than its table."""
        t, nord = self.team, self.team.nord.pk
        for columns, values in (
            ("valide_par_id, valide_on", f"'{t.remi.pk}', access.today()"),
            ("emis_on", "access.today()"),
        ):
            born = LOT.replace("prepare_on)", f"prepare_on, {columns})")
            born = born.replace("access.today())", f"access.today(), {values})")
            yield [(*PAUL, born, nord, BEFORE, "prepare", t.paul.pk)]
        yield [(*PAUL, LOT, nord, BEFORE, "abandonne", t.paul.pk)]
        # Nothing of it is kept, whatever another run keeps.
        aside = LINE.format("ecarte = true, examen = 'non', examine_par_id = %s")
        moved = f"UPDATE apa_ash_paiement SET ecarte = false, lot_id = {OTHER} WHERE id = %s"
        yield [("owner", LOT, nord, BEFORE, "prepare", t.paul.pk),
               ("owner", moved, self.sans_compte.pk),
               ("owner", aside, t.paul.pk, self.ligne.pk),
               (*SECOND, VALIDE + " WHERE id = %s", t.remi.pk, self.lot.pk)]  # fmt: skip

    def last_steps(self) -> Iterator[list[Step]]:
        """A run is paid and issued by another file than its table, or by another's; on its day."""
        t, nord, lot = self.team, self.team.nord.pk, self.lot.pk
        valide = ("owner", VALIDE, t.remi.pk)
        dated = "UPDATE apa_ash_paiement SET verse_on = {} WHERE NOT ecarte".format
        paid = (*SECOND, dated("access.today()"))
        table = ("owner", FICHIER, nord, lot, SEAL)
        transfers = ("owner", FICHIER.replace("'csv'", "'sepa'"), nord, lot, SEAL)
        other = ("owner", LOT, nord, BEFORE, "prepare", t.paul.pk)
        of_other = ("owner", FICHIER.replace("%s::uuid AS lot", f"{OTHER} AS lot"), nord, SEAL)
        yield [table, paid]
        for filed in ([table], [transfers], [other, of_other]):
            yield [valide, *filed, paid]
            yield [valide, *filed, ("owner", paid[2]), (*SECOND, EMIS + " WHERE id = %s", lot)]
        yield [valide, table, paid, (*PAUL, EMIS)]
        long_ago = EMIS.replace("= access.today()", "= '2020-01-01'")
        yield [valide, table, ("owner", dated("'2020-01-01'")), (*SECOND, long_ago)]
        moved = "UPDATE apa_ash_lotpaiement SET emis_on = access.today() - 1"
        yield [valide, table, paid, (*SECOND, EMIS), (*SECOND, moved)]
        yield [valide, table, paid, (*SECOND, dated("NULL"))]
        said = "examen = 'x', examine_par_id = access.agent()"
        yield [valide, table, paid, (*SECOND, LINE.format(said), self.ligne.pk)]

    def appointments(self) -> Iterator[list[Step]]:
        """A file, or a visit, is given to an agent of another service, at once or later."""
        t, nord, nu = self.team, self.team.nord.pk, self.nu.pk
        # Another service, another role, a term that passed, another département; then a colleague.
        for agent in (t.bruno, t.chloe, t.edith, t.victor, t.nora, t.alice):
            yield [(*ALICE, DOSSIER, nord, agent.pk)]
        # Who opens two services appoints in each the agents of that one alone.
        both = ("owner", OPENED, t.sud.pk, t.alice.pk)
        yield [both, (*ALICE, DOSSIER, nord, t.bruno.pk)]
        followed = ("owner", FOLLOWED, t.alice.pk, nu)
        for agent in (t.bruno, t.remi):
            yield [followed, (*ALICE, FOLLOWED, agent.pk, nu)]
        visits = "UPDATE apa_ash_visite SET evaluateur_id = %s"
        planned = ("owner", VISITE.format("NULL"), nord, nu, t.chloe.pk)
        yield [planned, ("chloe", EVALUATION, visits, t.alice.pk)]

    def constats(self) -> Iterator[list[Step]]:
        """However a file ends, the day on which it was found so is written, and is no other."""
        nu = self.nu.pk
        change = "UPDATE apa_ash_dossier SET {} WHERE id = %s".format
        said = ("owner", "SELECT fin_constatee_on FROM apa_ash_dossier WHERE id = %s", nu)
        by, rejet = self.team.remi.pk, decided("rejet")
        refused = ("owner", rejet, uuid4(), self.team.nord.pk, nu, by, None)
        for told, after in (
            (self.told_end("access.today()", of=nu), "fin_droit_on = access.today()"),
            (refused, "etat = 'rejete'"),
            (self.taken(decided("fin"), self.nu, "avant", "{}"), "etat = 'clos'"),
        ):
            yield [told, (*ALICE, change(after), nu), said]
        running = PERIODE.format("daterange(lower(periode), access.today() + 9)")
        paye = self.paye.pk
        yield [("owner", running, paye), self.told_end("access.today()", of=paye),
               (*ALICE, FIN.format("access.today()"), paye)]  # fmt: skip

    def given_up(self) -> Iterator[list[Step]]:
        """An end is given up, or brought forward, by a decision that says nothing of it."""
        t, nord, nu = self.team, self.team.nord.pk, self.nu.pk
        ended = ("owner", FIN.format("access.today()"), nu)

        def take(
            nature: str, of: Any, taken: str = "access.today()", on: str = "access.today() + 1"
        ) -> Step:
            query = decided(nature, taken=taken, effective=on)
            return ("owner", query, uuid4(), nord, of, t.alice.pk, None)

        for nature, day in (
            ("reprise", "NULL"),
            ("accord", "NULL"),
            ("fin", "NULL"),
            ("accord", "access.today() - 1"),
            ("maintien", "access.today() - 1"),
        ):
            yield [ended, take(nature, nu), (*ALICE, FIN.format(day), nu)]
        other = take("maintien", nu, on="access.today() + 2")
        yield [ended, other, (*ALICE, FIN.format("NULL"), nu)]
        for nature, day in (("maintien", "NULL"), ("fin", "access.today() - 1")):
            on = "access.today() + 1" if nature == "maintien" else day
            for allowing in (
                take(nature, nu, on=on),
                take(nature, self.paye.pk, on=on),
                take(nature, nu, "access.today() - 9", on=on),
            ):
                yield [ended, allowing, (*ALICE, FIN.format(day), nu)]

    def handed_over(self) -> Iterator[list[Step]]:
        """A request ends with the answer of another département, once it is admitted, that day."""
        nord, nu = self.team.nord.pk, self.nu.pk
        ended = ("owner", FIN.format("access.today() + 9"), nu)

        def admitted(day: str = "access.today()", of: Any = nu, etat: str = "accepte") -> Step:
            return ("owner", LITIGE.format(day=day, etat=etat), nord, of)

        for known in (
            [admitted()],
            [],
            [admitted(of=self.paye.pk)],
            [admitted(etat="refuse")],
            [admitted("access.today() - 1")],
            [ended, admitted()],
        ):
            yield [*known, (*ALICE, FIN.format("access.today()"), nu)]
        tomorrow = "access.today() + 1"
        yield [admitted(tomorrow), (*ALICE, FIN.format(tomorrow), nu)]

    def asked_again(self) -> Iterator[list[Step]]:
        """A past end is given up by a new request of the living, received since it was signed."""
        nord, nu, paye = self.team.nord.pk, self.nu.pk, self.paye.pk
        again = (
            "UPDATE apa_ash_dossier SET etat = '{}', etat_droit = '', fin_droit_on = {},"
            " echeance = 'accuse', echeance_on = access.today()"
        ).format

        def ended(last: str = "access.today() - 5", etat: str = "clos") -> Step:
            days = f"fin_droit_on = {last}, fin_constatee_on = access.today() - 20"
            return (
                "owner", f"UPDATE apa_ash_dossier SET etat = '{etat}', {days} WHERE id = %s", nu
            )  # fmt: skip

        def asked(of: Any = nu, *, ago: int = 3, nature: str = "premiere") -> Step:
            query = DEMANDE.format(complete="NULL", accuse="NULL").replace("- 60", f"- {ago}")
            return ("owner", query.replace("premiere", nature), nord, of)

        begun = (*ALICE, f"{again('recu', 'NULL')} WHERE id = %s", nu)
        died = "UPDATE apa_ash_identite SET deces_on = access.today() - 5 WHERE dossier_id = %s"
        dead = ("owner", died, nu)
        yield [ended(), asked(), begun]
        yield [ended(), asked(ago=20), begun]
        for before in (
            [ended()],
            [ended(), asked(paye)],
            [ended(), asked(nature="revision")],
            [ended(), asked(ago=21)],
            [ended("access.today()"), asked()],
            [ended(), asked(), dead],
        ):
            yield [*before, begun]
        for last in ("access.today() - 5", "access.today()"):
            yield [ended(last, "ouvert"), asked(), begun]
        earlier = (*ALICE, f"{again('recu', 'access.today() - 9')} WHERE id = %s", nu)
        yield [ended(), asked(), earlier]
        # The end is given up, and the right goes on.
        goes_on = "UPDATE apa_ash_dossier SET fin_droit_on = NULL WHERE id = %s"
        yield [ended(etat="ouvert"), asked(), (*ALICE, goes_on, nu)]
        admitted = LITIGE.format(day="access.today() - 9", etat="accepte")
        closed = (*ALICE, FIN.format("greatest(access.today() - 9, ouvert_on)"), nu)
        yield [("owner", admitted, nord, nu), asked(), closed]

    def over_with_its_right(self) -> Iterator[list[Step]]:
        """A suspension ends with the right that it stopped, once over, and on no other day."""
        nord, nu, paye = self.team.nord.pk, self.nu.pk, self.paye.pk

        def tried(
            until: str, *, open_: bool = True, last: str = "- 5", of: Any = paye
        ) -> list[Step]:
            days = f"daterange(access.today() - 60, {'NULL' if open_ else 'access.today() - 30'})"
            ended = f"UPDATE apa_ash_dossier SET fin_droit_on = access.today() {last} WHERE id = %s"
            return [
                ("owner", SUSPENDED.format(days), nord, paye),
                ("owner", ended, of),
                (*ALICE, STOP.format(f"access.today() - 60, access.today() {until}"), paye),
            ]

        yield tried("- 4")
        yield tried("- 4", of=nu)
        yield tried("- 4", open_=False)
        yield tried("- 9")
        yield tried("+ 1", last="- 0")

    def given_back_end(self) -> Iterator[list[Step]]:
        """An undone death gives a file the end that it had, and no other."""
        nu, ended = self.nu, ("owner", FIN.format("access.today()"), self.nu.pk)
        for kept in (None, str(today() + timedelta(days=40))):
            fin = self.taken(decided("fin"), nu, "avant", json.dumps({"fin_droit_on": kept}))
            undoes = self.taken(decided("annulation"), nu, "annule_id", fin[2])
            for day in ("NULL", "access.today() + 40"):
                yield [ended, fin, undoes, (*ALICE, FIN.format(day), nu.pk)]

    def maintained(self) -> Iterator[list[Step]]:
        """An end is given up by one hand, another file's, past, over, or on another day."""
        t, nord, paye, pk = self.team, self.team.nord.pk, self.paye.pk, uuid4()
        ends = "UPDATE apa_ash_dossier SET etat = '{}', fin_droit_on = {} WHERE id = %s".format
        ahead, morrow = "access.today() + 5", "access.today() + 6"

        def give_up(day: str = morrow) -> Step:
            query = decided("maintien", effective=day)
            return (*REMI, query, pk, nord, paye, t.remi.pk, None)

        def asked(day: str = morrow, by: str = "alice") -> Step:
            return self.proposed(pk, by=by, nature="'maintien'", effet=day)

        open_ = ("owner", ends("ouvert", ahead), paye)
        yield [open_, asked(), give_up()]
        yield [open_, give_up()]
        yield [open_, asked(by="remi"), give_up()]
        yield [open_, asked(), give_up("access.today() + 7")]
        yield [asked(), give_up()]
        yield [("owner", ends("ouvert", ahead), self.nu.pk), asked(), give_up()]
        yield [("owner", ends("clos", ahead), paye), asked(), give_up()]
        later = "access.today() + 7"
        yield [open_, asked(later), give_up(later)]
        past = ("owner", ends("ouvert", "access.today() - 1"), paye)
        yield [past, asked("access.today()"), give_up("access.today()")]

    def gone_on(self) -> Iterator[list[Step]]:
        """A right goes on after its end by what gives that end up, and from its own first day."""
        nord, paye = self.team.nord.pk, self.paye.pk
        morrow, endless = "access.today() + 6", "daterange(lower(periode), NULL)"
        ended = ("owner", PERIODE.format(f"daterange(lower(periode), {morrow})"), paye)
        for nature, of, taken, effective, days in (
            ("maintien", paye, "access.today()", morrow, endless),
            ("reprise", paye, "access.today()", morrow, endless),
            ("maintien", self.nu.pk, "access.today()", morrow, endless),
            ("maintien", paye, "access.today() - 9", morrow, endless),
            ("maintien", paye, "access.today()", "access.today() + 7", endless),
            ("maintien", paye, "access.today()", morrow, "daterange(lower(periode) - 31, NULL)"),
        ):
            query = decided(nature, taken=taken, effective=effective)
            gives_up = ("owner", query, uuid4(), nord, of, self.team.remi.pk, None)
            yield [ended, gives_up, (*ALICE, PERIODE.format(days), paye)]

    def within(self) -> Iterator[list[Step]]:
        """A right opens beyond the end that was signed, or up to it."""
        end = "UPDATE apa_ash_dossier SET fin_droit_on = access.today() + 5 WHERE id = %s"
        for until in ("NULL", "access.today() + 7", "access.today() + 6"):
            asked, signed, right = self.agreement()
            opened = right("(access.today(), NULL)", f"(access.today(), {until})")
            yield [("owner", end, self.paye.pk), *self.opened(asked, signed, opened)]

    def replayed(self) -> Iterator[list[Step]]:
        """What a later decision of the day replaced is done again, and what it says itself."""
        paye, nu, nord = self.paye, self.nu, self.team.nord.pk
        morrow = "access.today() + 6"

        def take(nature: str, day: str, of: m.Dossier = paye) -> Step:
            query = decided(nature, effective=day)
            return ("owner", query, uuid4(), nord, of.pk, self.team.remi.pk, None)

        def both(first: Step, last: Step, *end: Step) -> Iterator[list[Step]]:
            *known, written = end
            yield [*known, first, last, written]
            yield [*known, last, first, written]

        filed = ("owner", FIN.format("access.today()"), nu.pk)
        given_up = (*ALICE, FIN.format("NULL"), nu.pk)
        maintained = take("maintien", "access.today() + 1", nu)
        yield from both(maintained, take("fin", "access.today()", nu), filed, given_up)
        cut = PERIODE.format(f"daterange(lower(periode), {morrow})")
        fin, kept = take("fin", "access.today() + 5"), take("maintien", morrow)
        endless = (*ALICE, PERIODE.format("daterange(lower(periode), NULL)"), paye.pk)
        yield from both(kept, fin, ("owner", cut, paye.pk), endless)
        yield from both(fin, kept, (*ALICE, cut, paye.pk))

    def replayed_deaths(self) -> Iterator[list[Step]]:
        """What an undone death emptied is emptied again, or given back after another end."""
        paye, nord = self.paye, self.team.nord.pk
        emptied, later = PERIODE.format("'empty'"), decided("fin", effective=f"date '{BEFORE}'")
        again = ("owner", later, uuid4(), nord, paye.pk, self.team.remi.pk, None)
        for upper in (None, str(today() + timedelta(days=40))):
            known = json.dumps({"droits": {str(self.droit.pk): [str(BEFORE), upper]}})
            died = decided("fin", effective=f"date '{BEFORE}'")
            death = self.taken(died, paye, "avant", known)
            undone = self.taken(decided("annulation"), paye, "annule_id", death[2])
            back = f"daterange('{BEFORE}', {named(upper)})"
            if upper is None:
                yield [death, (*ALICE, emptied, paye.pk)]
                yield [death, undone, (*ALICE, emptied, paye.pk)]
            given = (*ALICE, PERIODE.format(back), paye.pk)
            for after in ([], [again]):
                yield [("owner", emptied, paye.pk), death, undone, *after, given]
                yield [death, undone, *after, given]

    def discharges(self) -> Iterator[list[Step]]:
        """A stay that ended ends again, or began on another day than it did."""
        nord, paye = self.team.nord.pk, self.paye.pk
        stay = SUSPENDED.replace("'suspension'", "'had'")
        over = ("owner", stay.format("daterange('2020-01-01', '2020-02-01')"), nord, paye)
        yield [over, (*ALICE, STOP.format("'2020-01-01', '2020-01-15'"), paye)]
        running = ("owner", stay.format("daterange('2020-01-01', NULL)"), nord, paye)
        for first in ("2020-01-20", "2020-01-01"):
            yield [running, (*ALICE, STOP.format(f"'{first}', '2020-02-01'"), paye)]

    def resumptions(self) -> Iterator[list[Step]]:
        """A suspension ends by an old decision, another file's, or once it is over."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        stopped = SUSPENDED.format(f"daterange({START}, {{}})").format
        day = f"{START} + 5"
        for taken, of, until in (
            ("access.today()", paye, "NULL"),
            ("date '2020-01-01'", paye, "NULL"),
            ("access.today()", self.nu.pk, "NULL"),
            ("access.today()", paye, f"{START} + 9"),
        ):
            resumed = decided("reprise", taken=taken, effective=day)
            yield [("owner", stopped(until), nord, paye),
                   ("owner", resumed, uuid4(), nord, of, t.alice.pk, None),
                   (*ALICE, STOP.format(f"{START}, {day}"), paye)]  # fmt: skip

    def deceased(self) -> Iterator[list[Step]]:
        """A death rests on another file's decision, an old one, or an end that keeps nothing."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        known = json.dumps({"droits": {}})
        died = "UPDATE apa_ash_identite SET deces_on = access.today() WHERE dossier_id = %s"
        day = "access.today()"
        for taken, of, kept, told in (
            (day, paye, known, day),
            (day, self.nu.pk, known, day),
            ("date '2020-01-01'", paye, known, day),
            (day, paye, None, day),
            (day, paye, known, f"{day} - 1"),
        ):
            fin = decided("fin", taken=taken, effective=told)
            fin = fin.replace("plan_id)", "plan_id, avant)")
            fin = fin.replace("%s, %s)", "%s, %s, %s)")
            yield [("owner", fin, uuid4(), nord, of, t.alice.pk, None, kept), (*ALICE, died, paye)]

    def dying(self) -> Iterator[list[Step]]:
        """A death that no decision may tell: of somebody dead, unborn, or who dies tomorrow."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        said = ("owner", "SELECT deces_on FROM apa_ash_identite WHERE dossier_id = %s", paye)
        dead = ("owner", "UPDATE apa_ash_identite SET deces_on = access.today()")
        born = "(SELECT naissance_on FROM apa_ash_identite LIMIT 1)"
        for nature, known, day in (
            ("fin", [], "access.today()"),
            ("fin", [], "access.today() - 200"),
            ("fin", [], "access.today() + 1"),
            ("fin", [], f"{born} - 1"),
            ("fin", [dead], "access.today()"),
            ("reprise", [], "access.today()"),
        ):
            query = decided(nature, effective=day).replace("plan_id)", "plan_id, avant)")
            query = query.replace("%s, %s)", "%s, %s, %s)")
            kept = json.dumps({"droits": {}})
            yield [*known, (*ALICE, query, uuid4(), nord, paye, t.alice.pk, None, kept), said]

    def undone(self) -> Iterator[list[Step]]:
        """A death is put on another day rather than undone, or undone by what undoes another."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        end = uuid4()
        death = "UPDATE apa_ash_identite SET deces_on = {} WHERE dossier_id = %s".format
        for nature, told, left in (
            ("annulation", "access.today()", "NULL"),
            ("annulation", "access.today()", "access.today() - 3"),
            ("reprise", "access.today()", "NULL"),
            ("annulation", "access.today() - 4", "NULL"),
        ):
            undoes = decided(nature).replace("plan_id)", "annule_id)")
            yield [("owner", death("access.today()"), paye),
                   ("owner", decided("fin", effective=told), end, nord, paye, t.alice.pk, None),
                   ("owner", undoes, uuid4(), nord, paye, t.remi.pk, end),
                   (*ALICE, death(left), paye)]  # fmt: skip

    def days(self) -> Iterator[list[Step]]:
        """A right begins later, or goes on after its end; a decision is taken tomorrow."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        later = PERIODE.format("daterange(lower(periode) + 31, upper(periode))")
        yield [(*ALICE, later, paye)]
        ended = ("owner", PERIODE.format("daterange(lower(periode), access.today())"), paye)
        yield [ended, (*ALICE, PERIODE.format("daterange(lower(periode), NULL)"), paye)]
        for taken in ("access.today() + 5", "access.today()"):
            resumed = decided("reprise", taken=taken)
            yield [(*ALICE, resumed, uuid4(), nord, paye, t.alice.pk, None)]

    def emptied(self) -> Iterator[list[Step]]:
        """A right is emptied by a death that is another's, old, unsaid, or of a later day."""
        known = json.dumps({"droits": {str(self.droit.pk): [str(BEFORE), None]}})
        for of, taken, kept, effective in (
            (self.paye, "access.today()", known, f"date '{BEFORE}'"),
            (self.nu, "access.today()", known, f"date '{BEFORE}'"),
            (self.paye, "date '2020-01-01'", known, f"date '{BEFORE}'"),
            (self.paye, "access.today()", json.dumps({"droits": {}}), f"date '{BEFORE}'"),
            (self.paye, "access.today()", known, f"date '{BEFORE}' + 9"),
        ):
            fin = decided("fin", taken=taken, effective=effective)
            yield [self.taken(fin, of, "avant", kept),
                   (*ALICE, PERIODE.format("'empty'"), self.paye.pk)]  # fmt: skip

    def given_back(self) -> Iterator[list[Step]]:
        """A right is given back by an undone death that is not its own, or to another day."""
        paye, nu = self.paye, self.nu
        known = json.dumps({"droits": {str(self.droit.pk): [str(BEFORE), None]}})
        emptied = ("owner", PERIODE.format("'empty'"), paye.pk)
        back = f"daterange('{BEFORE}', NULL)"
        for died, undone, nature, days in (
            (paye, paye, "annulation", back),
            (nu, nu, "annulation", back),
            (nu, paye, "annulation", back),
            (paye, paye, "reprise", back),
            (paye, paye, "annulation", f"daterange('{BEFORE}'::date - 31, NULL)"),
        ):
            fin = self.taken(decided("fin"), died, "avant", known)
            undoes = self.taken(decided(nature), undone, "annule_id", fin[2])
            yield [emptied, fin, undoes, (*ALICE, PERIODE.format(days), paye.pk)]
        fin = self.taken(decided("fin"), paye, "avant", known)
        other = self.taken(decided("fin"), paye, "avant", json.dumps({"droits": {}}))
        undoes = self.taken(decided("annulation"), paye, "annule_id", other[2])
        yield [emptied, fin, other, undoes, (*ALICE, PERIODE.format(back), paye.pk)]

    def taken(self, query: str, of: m.Dossier, column: str, value: Any) -> Step:
        """Take a decision of a file as the owner, which fills one column more."""
        query = query.replace("plan_id)", f"plan_id, {column})").replace("%s, %s)", "%s, %s, %s)")
        nord = self.team.nord.pk
        return ("owner", query, uuid4(), nord, of.pk, self.team.alice.pk, None, value)

    def opened(self, asked: Step, signed: Step, right: Step) -> list[Step]:
        """Open a right in the place of the one that runs."""
        return [("owner", PERIODE.format("'empty'"), self.paye.pk), asked, signed, right]

    def agreement(self) -> tuple[Step, Step, Callable[..., Step]]:
        """Propose and sign an agreement on the plan of the file, whose right is written at will."""
        pk, plan = uuid4(), self.droit.decision.plan_id
        where = (self.team.nord.pk, self.paye.pk)

        def right(old: str = "", new: str = "", *, plan: int = 400, lump: bool = False) -> Step:
            assert old in DROIT
            return (*REMI, DROIT.replace(old, new), *where, pk, plan, 400, lump)

        signed = (*REMI, DECISION, pk, *where, self.team.remi.pk, plan)
        return self.proposed(pk, plan=named(plan)), signed, right

    def agreements(self) -> Iterator[list[Step]]:
        """A right that its agreement, its plan or its proposal do not allow."""
        asked, signed, right = self.agreement()
        yield self.opened(asked, signed, right())
        yield self.opened(asked, signed, right(lump=True))
        yield self.opened(
            asked, signed, right("(access.today(), NULL)", "(access.today() - 40, NULL)")
        )
        yield self.opened(asked, signed, right("NULL), 3", "NULL), 1"))
        yield self.opened(asked, signed, right(plan=1500))
        pk, plan = signed[3], signed[-1]
        dearer = self.proposed(pk, plan=named(plan), part="5")
        yield self.opened(dearer, signed, right())
        yield self.opened(dearer, signed, right("0, 0, %s", "0.0125, 5, %s"))
        old = decided("accord", taken="date '2020-01-01'")
        yield self.opened(asked, ("owner", old, *signed[3:]), right())
        elsewhere = m.PlanAide.objects.get(dossier=self.sans).pk
        yield self.opened(asked, ("owner", *signed[2:-1], elsewhere), right())
        dropped = ("owner", "UPDATE apa_ash_planaide SET etat = 'sans_suite' WHERE id = %s", plan)
        yield [*self.opened(asked, signed, dropped), right()]

    def other_means(self) -> Iterator[list[Step]]:
        """A right rests on resources set aside, on another file's, or on those of a day to come."""
        change = "UPDATE apa_ash_ressources SET {}".format
        for resources in (
            "en_vigueur = true",
            "en_vigueur = false",
            f"dossier_id = '{self.sans.pk}'",
        ):
            asked, signed, right = self.agreement()
            yield [("owner", change(resources)), *self.opened(asked, signed, right())]
        replaced = ("owner", change("ressources_mensuelles = 900, en_vigueur = false"))
        for days in (0, 9):
            asked, signed, right = self.agreement()
            event = ("owner", EVENT, days, self.ressources.pk)
            yield [replaced, event, *self.opened(asked, signed, right())]

    def raised(
        self,
        *known: Step,
        apa: str = "600",
        plan: int = 1000,
        first: date = EVENT_ON,
        effet: date = EVENT_ON,
        event: date = EVENT_ON,
        ended: date | None = None,
    ) -> list[Step]:
        """Raise a right from an event of life that a revision studies; `known` changes the rows."""
        pk, helped, paye = uuid4(), self.droit.decision.plan_id, self.paye.pk
        where = (self.team.nord.pk, paye)
        told = f"UPDATE apa_ash_ressources SET effet_on = '{event}', neutralisation = 'x'"
        asked = self.proposed(pk, plan=named(helped), apa=apa, effet=f"'{effet}'")
        decision = DECISION.replace("today(), access.today()", f"today(), '{effet}'")
        right = DROIT.replace("(access.today(), NULL)", f"('{first}', NULL)")
        assert str(effet) in decision and str(first) in right
        return [
            ("owner", told),
            ("owner", REVISION, *where),
            ("owner", PERIODE.format(f"daterange(lower(periode), '{ended or effet}')"), paye),
            *known,
            asked,
            (*REMI, decision, pk, *where, self.team.remi.pk, helped),
            (*REMI, right, *where, pk, plan, apa, False),
        ]

    def earlier(self) -> Iterator[list[Step]]:
        """An event raises the right that went on, of its file, group and plan."""
        change = "UPDATE apa_ash_droit SET {} WHERE dossier_id = %s".format
        paye, sans = self.paye.pk, self.sans.pk
        yield self.raised()
        yield self.raised(apa="500")
        yield self.raised(plan=999)
        yield self.raised(first=EVENT_ON + timedelta(days=1))
        yield self.raised(("owner", change("gir = 2"), paye))
        yield self.raised(("owner", change("forfait = true"), paye))
        ended = f"periode = daterange(lower(periode), '{EVENT_ON}')"
        yield self.raised(("owner", change(ended), sans), ("owner", change("apa = 600"), paye))
        yield self.raised(event=EVENT_ON + timedelta(days=1))
        # The day is that of its decision, whatever went on before.
        yield self.raised(effet=today(), ended=EVENT_ON)

    def revalued(self) -> Iterator[list[Step]]:
        """A campaign goes on from another group than its own: another file's, or a former one's."""
        ended, *before, right = next(self.revaluations())
        assert "NULL), gir" in right[2]
        theirs = (
            "UPDATE apa_ash_droit SET gir = 2, periode = daterange(lower(periode), access.today())"
            " WHERE dossier_id = %s"
        )
        other = ("owner", theirs, self.sans.pk)
        granted = self.taken(decided("accord"), self.paye, "avant", None)
        former = DROIT.replace("(access.today(), NULL), 3", "('2010-01-01', '2010-02-01'), 2")
        long_ago = ("owner", former, *granted[3:5], granted[2], 500, 500, False)
        same = ("owner", SAME, self.droit.pk)
        for known, group in (
            ([], "gir"),
            ([], "2"),
            ([other, same], "2"),
            ([granted, long_ago, same], "2"),
        ):
            query = right[2].replace("NULL), gir", f"NULL), {group}")
            yield [ended, *known, *before, (*right[:2], query, *right[3:])]

    def silent(self) -> Iterator[list[Step]]:
        """What silence grants is a lump sum, of the first group, whole, from its own day on."""
        yield from self.lumps_of("forfait_tacite", since=SILENCE, until="NULL")
        for low in ("montant", "plafond"):
            *before, signed, right = next(
                self.lumps_of("forfait_tacite", since=SILENCE, until="NULL")
            )
            query = signed[2].replace(f'"{low}": "9000"', f'"{low}": "100"')
            yield [*before, (*signed[:2], query, *signed[3:]), right]
        # What is complete today is granted by no silence yet.
        soon = echeance("decision", today()) + timedelta(days=1)
        complete = (
            "recue_on = access.today(), complete_on = access.today(), accuse_on = access.today()"
        )
        asked = ("owner", f"UPDATE apa_ash_demande SET {complete}")
        yield [asked, *next(self.lumps_of("forfait_tacite", since=soon, until="NULL"))]
        given_up = "UPDATE apa_ash_demande SET desistee_on = recue_on, desistee_par = 'courrier'"
        lump = next(self.lumps_of("forfait_tacite", since=SILENCE, until="NULL"))
        yield [("owner", given_up), *lump]

    def urgent(self) -> Iterator[list[Step]]:
        """What urgency grants is a lump sum too, which ends within two months of its request."""
        said = "nature = 'urgence', urgence_attestee_par = 'x', complete_on = recue_on"
        urgent = ("owner", f"UPDATE apa_ash_demande SET {said}")
        # Decided to begin some days after the request: the near misses fall between the two.
        since = COMPLETED + timedelta(days=5)
        for steps in self.lumps_of("urgence", since=since, until=f"'{SILENCE}'"):
            yield [urgent, *steps]
        for days in (-1, 0):
            first = COMPLETED + timedelta(days=days)
            yield [urgent, *next(self.lumps_of("urgence", since=first, until=f"'{SILENCE}'"))]
        for end in (f"'{SILENCE + timedelta(days=1)}'", "NULL"):
            yield [urgent, *next(self.lumps_of("urgence", since=COMPLETED, until=end))]

    def lumps_of(self, nature: str, *, since: date, until: str) -> Iterator[list[Step]]:
        """The lump sum that a nature grants, then the near misses: one leg differs in each."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        pk, lump = uuid4(), figure("forfait", on=since)
        asked = self.proposed(pk, nature=f"'{nature}'")
        query = LUMP.replace("'forfait_tacite'", f"'{nature}'").replace(str(SILENCE), str(since))
        signed = (*REMI, query, pk, nord, paye, t.remi.pk, None)
        first = f"('{SILENCE}', NULL), 1"
        assert first in LUMP_RIGHT
        for days, gir, whole in ((0, 1, True), (0, 2, True), (0, 1, False), (3, 1, True),
                                 (-3, 1, True)):  # fmt: skip
            day = since + timedelta(days=days)
            right = LUMP_RIGHT.replace(first, f"('{day}', {until}), {gir}")
            yield self.opened(asked, signed, (*REMI, right, nord, paye, pk, lump, lump, whole))
        shared = LUMP_RIGHT.replace(first, f"('{since}', {until}), 1")
        shared = shared.replace("%s, 0, 0, %s", "%s, 0.1, 10, %s")
        assert "0.1, 10" in shared
        yield self.opened(asked, signed, (*REMI, shared, nord, paye, pk, lump, lump - 10, True))
