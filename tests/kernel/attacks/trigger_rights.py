"""What opens a right, ends it, keeps it or pays it: each attempt differs by one leg of a guard."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from egide.systems.apa_ash.purposes import REVALORISATION
from tests.kernel.attacks.trigger_attempts import (
    BEFORE,
    CAMPAGNE,
    DECISION_NUE,
    DROIT,
    FIN,
    LIGNE_CAMPAGNE,
    PERIODE,
    Step,
    named,
)
from tests.kernel.attacks.trigger_legs import ALICE, REMI, Legs, decided

HEAD = ("remi", REVALORISATION)
SHORTER = PERIODE.format("daterange(lower(periode), access.today())")
GONE_ON = (
    f"WITH closed AS ({SHORTER} RETURNING *)"
    " INSERT INTO apa_ash_droit (id, service_id, dossier_id, decision_id, periode, gir, couple,"
    " ressources_mensuelles, plan_mensuel, taux_participation, participation, apa, forfait)"
    " SELECT gen_random_uuid(), service_id, dossier_id, %s, daterange(access.today(), NULL), gir,"
    " couple, ressources_mensuelles, plan_mensuel, 0, 0, 500, forfait FROM closed"
)
KEPT = "SELECT avant FROM apa_ash_decision WHERE id = %s"
UNTIL = "(access.today(), NULL)"


class Rights(Legs):
    """The scene, with what one hand tries upon the rights of a file."""

    def kinds(self) -> list[Callable[[], Iterator[list[Step]]]]:
        mine = [self.of_campaigns, self.photographs, self.shared, self.lasting, self.unjoined]
        return [*super().kinds(), *mine]

    def of_campaigns(self) -> Iterator[list[Step]]:
        """A right ends by a revaluation that no line of a campaign that goes on has decided."""
        t, nord, paye = self.team, self.team.nord.pk, self.paye.pk
        pk, campagne = uuid4(), uuid4()
        shown = ("owner", CAMPAGNE, campagne, nord, "en_cours", t.remi.pk)
        query = DECISION_NUE.replace("'accord'", "'revalorisation'")
        gone_on = (*HEAD, GONE_ON, paye, pk)

        def line(key: Any = pk, of: Any = paye) -> Step:
            return ("owner", LIGNE_CAMPAGNE, key, nord, campagne, of, self.droit.pk)

        taken = (*HEAD, query, pk, nord, paye, t.remi.pk)
        change = "UPDATE apa_ash_{}".format
        for known in (
            [line()],
            [],
            [line(uuid4())],
            [line(of=self.sans.pk)],
            [line(), ("owner", change("lignecampagne SET applique = false"))],
            [line(), ("owner", change("campagne SET etat = 'terminee'"))],
            [line(), ("owner", change("campagne SET effet_on = access.today() - 1"))],
        ):
            yield [shown, *known, taken, gone_on]
        yield [shown, line(), (*ALICE, query, pk, nord, paye, t.alice.pk), (*ALICE, SHORTER, paye)]
        # Whoever wrote the campaign too ends nothing: the right goes on, from its very day.
        yield [shown, line(), taken, (*HEAD, SHORTER, paye)]
        before = "UPDATE apa_ash_droit SET periode = daterange(lower(periode), access.today() - 1)"
        old = (*HEAD, before + " WHERE id = %s", self.droit.pk)
        yield [shown, line(), taken, gone_on, old]

    def tells(self, by: tuple[Any, ...], nature: str, column: str, value: Any) -> Step:
        """Take a decision of the file that is paid as an agent, which fills one column more."""
        _, query, key, nord, of, _, *rest = self.taken(decided(nature), self.paye, column, value)
        return (*by, query, key, nord, of, self.team.agents[by[0]].pk, *rest)

    def photographs(self) -> Iterator[list[Step]]:
        """A death keeps nothing, other days than those of the rights, or an end given up."""
        paye = self.paye.pk
        told = "UPDATE apa_ash_dossier SET fin_droit_on = access.today() + 5 WHERE id = %s"
        cut = PERIODE.format("daterange(lower(periode), access.today() + 6)")
        emptied = ("owner", PERIODE.format("'empty'"), paye)
        signed = [("owner", told, paye), ("owner", cut, paye)]
        longer = {"droits": {str(self.droit.pk): ["2001-01-01", None]}, "fin_droit_on": None}
        for known in ([], [emptied], signed):
            for kept in ({}, {"droits": {}}, longer):
                died = self.tells(ALICE, "fin", "avant", json.dumps(kept))
                yield [*known, died, ("owner", KEPT, died[3])]
        died = self.tells(REMI, "fin", "avant", json.dumps(longer))
        undo = self.tells(REMI, "annulation", "annule_id", died[3])
        yield [*signed, died, undo, (*REMI, FIN.format("NULL"), paye)]

    def shared(self) -> Iterator[list[Step]]:
        """A right shares the bills of its plan otherwise than it counts its participation."""
        for taux in ("0.2", "0", "0.9", "0.2001"):
            yield self.at(taux)

    def at(
        self,
        taux: str,
        *known: Step,
        part: str = "100",
        apa: str = "400",
        plan: int = 500,
        days: str = UNTIL,
    ) -> list[Step]:
        """Open a right as it was proposed, at a rate and over days."""
        _, signed, right = self.agreement()
        pk, helped = signed[3], signed[-1]
        asked = self.proposed(pk, plan=named(helped), part=part, apa=apa)
        who, purpose, query, *values = right("0, 0, %s", f"{taux}, {part}, %s", plan=plan)
        opened = (who, purpose, query.replace(UNTIL, days), *values[:-2], apa, False)
        return [*known, *self.opened(asked, signed, opened)]

    def lasting(self) -> Iterator[list[Step]]:
        """A right lasts a day, begins after its decision, or stops before a signed end."""
        told = "UPDATE apa_ash_dossier SET fin_droit_on = access.today() + 5 WHERE id = %s"
        end = ("owner", told, self.paye.pk)
        for days in (
            UNTIL,
            "('2040-01-01', '2040-01-02')",
            "(access.today(), access.today() + 1)",
            "(access.today() + 1, NULL)",
        ):
            yield self.at("0.2", days=days)
        for until in (5, 6):
            yield self.at("0.2", end, days=f"(access.today(), access.today() + {until})")

    def unjoined(self) -> Iterator[list[Step]]:
        """What an event raises is the right of its eve: another group went on from a former one."""
        granted = self.taken(decided("accord"), self.paye, "avant", None)
        former = DROIT.replace(UNTIL, "('2010-01-01', '2010-02-01')")
        long_ago = ("owner", former, *granted[3:5], granted[2], 1000, 500, False)
        other = ("owner", "UPDATE apa_ash_droit SET gir = 2 WHERE id = %s", self.droit.pk)
        assert str(BEFORE) > "2010-02-01"
        yield self.raised(other, granted, long_ago)
