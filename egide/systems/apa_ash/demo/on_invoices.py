"""What is spent upon invoices, the proofs that are asked, and who answers for an estate."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from egide.rules.age import age_on
from egide.rules.apa.delais import echeance
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.effectivite import compute_relais
from egide.rules.apa.montants import (
    majoration_hospitalisation_aidant,
    majoration_repit_annuelle,
)
from egide.rules.apa.ponctuel import partager_facture, plafond_ponctuel
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.chance import Chance, euros
from egide.systems.apa_ash.demo.decisions import Rights
from egide.systems.apa_ash.demo.letters import write_letter
from egide.systems.apa_ash.demo.names import NOMS
from egide.systems.apa_ash.demo.posting import ONE_DAY
from egide.systems.apa_ash.demo.world import World
from egide.systems.apa_ash.demo.writings import Written
from egide.systems.apa_ash.letters.justificatifs import DemandeJustificatifs
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.personne import QualiteSuccession, SourceSuccession
from egide.systems.apa_ash.models.ponctuel import EtatRelais, JustificatifRelais, NaturePonctuelle
from egide.systems.apa_ash.purposes import Role

# One file in so many has each of them.
REPIT, PONCTUELLE, RELAIS, JUSTIFICATIFS, SUCCESSION = 8, 10, 40, 50, 2
ONCE = (
    (NaturePonctuelle.AIDE_TECHNIQUE, "Siège de douche et barres d’appui", 14_000, 32_000),
    (NaturePonctuelle.AMENAGEMENT, "Rampe d’accès et main courante", 26_000, 68_000),
    (NaturePonctuelle.HEBERGEMENT, "Cinq jours d’hébergement temporaire", 30_000, 52_000),
)
SMALLEST = Decimal(120)
# How long ago an expense was made, at most: the run of the month pays it.
RECENT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class OnInvoices:
    """Draw them from a chance of their own: they move nothing of the other files."""

    chance: Chance

    def add(self, rights: Rights) -> None:
        """Add to a file what its rights allow, once in a while."""
        if rights.deces_on and self.chance.one_in(SUCCESSION):
            self._succession(rights)
        droit = rights.droit
        if droit is None or droit.forfait or not droit.apa or droit.periode.upper is not None:
            return
        carers = rights.file.person.aidants
        if carers and self.chance.one_in(REPIT):
            carers[0].indispensable = True  # what both increases of the plan demand
            self._spend(rights, droit, self._repit(rights, droit))
        if self.chance.one_in(PONCTUELLE):
            self._spend(rights, droit, self._once(rights, droit))
        if carers and self.chance.one_in(RELAIS):
            self._relais(rights, droit, carers[0])
        if self.chance.one_in(JUSTIFICATIFS):
            self._justificatifs(rights)

    def _repit(self, rights: Rights, droit: m.Droit) -> m.AidePonctuelle:
        most = majoration_repit_annuelle(rights.plans[droit.pk].plan.effet_on)
        return self._aide(
            rights,
            droit,
            nature=NaturePonctuelle.REPIT,
            objet="Accueil de jour et garde à domicile",
            montant=min(most, euros(self.chance.whole(25_000, 55_000))),
        )

    def _once(self, rights: Rights, droit: m.Droit) -> m.AidePonctuelle | None:
        plan = rights.plans[droit.pk]
        most = plafond_ponctuel(plan.plan.effet_on, gir=plan.plan.gir, plan_mensuel=plan.total)
        nature, objet, low, high = self.chance.pick(ONCE)
        montant = min(most, euros(self.chance.whole(low, high)))
        if montant < SMALLEST:
            return None
        return self._aide(rights, droit, nature=nature, objet=objet, montant=montant)

    def _aide(
        self, rights: Rights, droit: m.Droit, *, nature: str, objet: str, montant: Decimal
    ) -> m.AidePonctuelle:
        aide = m.AidePonctuelle(
            id=self.chance.uuid(),
            **rights.file.keys,
            plan_id=rights.plans[droit.pk].plan.pk,
            nature=nature,
            objet=objet,
            montant=montant,
        )
        rights.file.world.rows.add(aide)
        return aide

    def _spend(self, rights: Rights, droit: m.Droit, aide: m.AidePonctuelle | None) -> None:
        """Let a receipted invoice of a part of an aid come in, more often than not."""
        if aide is None or self.chance.one_in(3):
            return
        if day := self._recent(rights, droit):
            part = aide.montant * self.chance.whole(3, 10) / 10
            self._facture(rights, droit, aide, on=day, montant=part)

    def _recent(self, rights: Rights, droit: m.Droit) -> date | None:
        """Draw a recent day of a right on which figures are verified."""
        last = _today(rights.file.world) - timedelta(days=3)
        first = max(droit.periode.lower, last - RECENT)
        return (
            first + timedelta(days=self.chance.whole(0, (last - first).days))
            if first <= last
            else None
        )

    def _facture(
        self, rights: Rights, droit: m.Droit, aide: m.AidePonctuelle, *, on: date, montant: Decimal
    ) -> None:
        file, montant = rights.file, montant.quantize(Decimal("0.01"))
        partage = partager_facture(montant, reste=aide.montant, taux=droit.taux_participation)
        file.world.rows.add(
            m.Facture(
                id=self.chance.uuid(),
                **file.keys,
                aide_id=aide.pk,
                droit_id=droit.pk,
                reference=f"F{on:%y}-{self.chance.whole(100, 9999):04d}",
                depense_on=on,
                montant=montant,
                retenu=partage.retenu,
                taux_participation=droit.taux_participation,
                a_verser=partage.apa,
                saisie_on=min(on + timedelta(days=2), file.world.on),
                saisie_par_id=file.world.team.of(file.service, role=Role.CONTROLEUR).pk,
            )
        )

    def _relais(self, rights: Rights, droit: m.Droit, aidant: m.Aidant) -> None:
        """Let a carer go to hospital: half of the relays wait for their decision."""
        day = self._recent(rights, droit)
        if day is None:
            return
        aidant.indispensable = True
        relais = m.Relais(
            id=self.chance.uuid(),
            **rights.file.keys,
            aidant_id=aidant.pk,
            entree_on=day,
            objet="Garde de nuit à domicile",
            cout=euros(self.chance.whole(60_000, 130_000)),
            etat=EtatRelais.DEMANDE,
        )
        if self.chance.one_in(2):
            self._grant(rights, droit, relais)
        rights.file.world.rows.add(relais)

    def _grant(self, rights: Rights, droit: m.Droit, relais: m.Relais) -> None:
        file, on = rights.file, relais.entree_on
        feuille = compute_apa_domicile(
            on=on,
            age=age_on(file.identite.naissance_on, on=on),
            gir=droit.gir,
            couple=droit.couple,
            ressources_mensuelles=droit.ressources_mensuelles,
            plan_mensuel=droit.plan_mensuel,
        )
        decision = m.Decision(
            id=self.chance.uuid(),
            **file.keys,
            nature=NatureDecision.RELAIS,
            prise_on=on,
            notifiee_on=on,
            effet_on=on,
            feuille=feuille.as_json(),
            prise_par_id=file.world.team.of(file.service, role=Role.RESPONSABLE).pk,
        )
        file.world.rows.add(decision)
        relais.etat, relais.decision_id = EtatRelais.ACCORDE, decision.pk
        relais.justificatif, relais.justifie_on = JustificatifRelais.BULLETIN, on
        relais.plafond = majoration_hospitalisation_aidant(on)
        relais.retenu = compute_relais(feuille, cout=relais.cout).retenu

    def _justificatifs(self, rights: Rights) -> None:
        """Let the control ask for the proofs of a season; some delays have passed."""
        file = rights.file
        asked = file.world.on - timedelta(days=self.chance.whole(5, 50))
        attendue_on, period = echeance("production_justificatifs", asked), timedelta(days=90)
        file.world.rows.add(
            m.DemandeJustificatif(
                id=self.chance.uuid(),
                **file.keys,
                depuis=asked - period,
                jusqu_on=asked - ONE_DAY,
                demandee_on=asked,
                demandee_par_id=file.world.team.of(file.service, role=Role.CONTROLEUR).pk,
                attendue_on=attendue_on,
            )
        )
        # A dozen: nobody is late with proofs that no letter asked for.
        said = DemandeJustificatifs(
            depuis=asked - period, jusqu_on=asked - ONE_DAY, attendue_on=attendue_on
        )
        written = Written(asked, said, role=Role.CONTROLEUR)
        file.world.rows.add(write_letter(rights, written, chance=self.chance))

    def _succession(self, rights: Rights) -> None:
        """Let the town hall or the family say which notary settles the estate."""
        file, dead_on = rights.file, rights.deces_on
        assert dead_on  # noqa: S101 -- the caller checked
        where = file.person.coordonnees
        file.world.rows.add(
            m.Succession(
                id=self.chance.uuid(),
                **file.keys,
                qualite=QualiteSuccession.NOTAIRE,
                nom=f"Maître {self.chance.pick(NOMS)}",
                adresse=f"{self.chance.whole(1, 60)} place de l’Hôtel-de-Ville",
                code_postal=where.code_postal,
                commune=where.commune,
                depuis_on=min(dead_on + timedelta(days=20), file.world.on),
                source=SourceSuccession.FAMILLE,
            )
        )


def _today(world: World) -> date:
    return min(world.on, world.anchor)
