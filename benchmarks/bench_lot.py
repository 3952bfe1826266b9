"""The run of a month for 40,000 people: prepared by one agent, validated and issued by another.

Each person is paid on their own account, and one in two has a service paid beside them. Each act is
one request, under the role of payment, with row policies, the guards of the lines and the trail.
"""

import os
import uuid
from datetime import date
from typing import Any

from benchmarks import instance
from benchmarks.work import Worker, timed, today

PEOPLE = int(os.environ.get("EGIDE_BENCH_PEOPLE", "40000"))
SERVICES = 20
NAMES = ("egide_bench_lot",)
PAYER = "FR7630001007941234567890185"
FIRST = [
    {"anomalie": anomalie, "motif": "Premier versement, RIB vérifié"}
    for anomalie in ("compte_modifie", "service_compte_modifie")
]

# The rights begin this month: none is in arrears. The accounts were known before.
ACCOUNTS = """
UPDATE apa_ash_droit SET periode = daterange(%(mois)s, NULL);

INSERT INTO apa_ash_comptebancaire (id, service_id, dossier_id, titulaire, iban, saisi_on)
SELECT md5('compte' || id)::uuid, service_id, id, 'Jeanne', 'FR76' || lpad(numero, 23, '0'),
    '2025-06-01'
FROM (SELECT id, service_id, replace(numero, '-', '') AS numero FROM apa_ash_dossier) d;

INSERT INTO apa_ash_prestataire (id, organisme_id, nom, siret, finess, adresse, tarif_horaire, iban,
    actif, iban_saisi_on)
SELECT md5('service' || i)::uuid, %(organisme)s, 'Aide ' || i, lpad(i::text, 14, '0'), '',
    '1 rue Neuve', 16.40, 'FR76' || lpad('9' || i, 23, '0'), true, '2025-06-01'
FROM generate_series(1, %(services)s) i;

UPDATE apa_ash_ligneplan SET mode = 'prestataire',
    prestataire_id = md5('service' || 1 + get_byte(uuid_send(id), 15) %% %(services)s)::uuid
WHERE nature = 'toilette' AND get_byte(uuid_send(id), 0) < 128
"""


def prepare_data() -> tuple[Any, date]:
    """Make people who are paid this month for the first time; give their team and the month."""
    from django.db import connection, transaction

    from benchmarks.population import create_team, populate

    team = create_team(services=1)
    populate(team.services, first=1, last=PEOPLE)
    mois = today().replace(day=1)
    values = {"mois": mois, "organisme": team.head.organisme_id, "services": SERVICES}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL egide.maintenance = 'on'")
        for statement in ACCOUNTS.split(";\n"):
            cursor.execute(statement, values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return team, mois


def measure() -> None:
    """Lead the run through its three acts, print the time of each."""
    from django.core.management import call_command
    from django.db import connection

    from egide.systems.apa_ash.fichiers.jours_bancaires import prochain_jour_bancaire
    from egide.systems.apa_ash.policy import PAIEMENTS
    from egide.systems.apa_ash.purposes import PAIEMENT
    from egide.systems.apa_ash.services import emission, lot

    call_command("migrate", verbosity=0)
    team, mois = prepare_data()
    payer, head, pk = Worker(team.payer, PAIEMENT), Worker(team.head, PAIEMENT), uuid.uuid4()
    (service,) = team.services
    made, _ = timed(lambda: payer.act(lot.prepare_lot, lot_id=pk, service_id=service.pk, mois=mois))
    lines = head.act(lambda p: PAIEMENTS.rows(p).count())
    print(f"{PEOPLE} personnes, {lines} lignes")
    print(f"préparation  {made:6.2f} s")
    # A first payment is looked at: nobody was paid on these accounts before.
    kept, _ = timed(lambda: [payer.act(lot.keep_anomalies, lot_id=pk, **said) for said in FIRST])
    print(f"examen       {kept:6.2f} s   en deux fois")
    validated, _ = timed(lambda: head.act(lot.validate_lot, lot_id=pk))
    print(f"validation   {validated:6.2f} s")
    issued, _ = timed(
        lambda: head.act(
            emission.issue_lot,
            lot_id=pk,
            iban_debiteur=PAYER,
            execution_on=prochain_jour_bancaire(today()),
        )
    )
    print(f"émission     {issued:6.2f} s")
    connection.close()


def main() -> None:
    """Measure in a database that is dropped at the end."""
    base = instance.server_url()
    with instance.scratch(base, *NAMES) as names:
        instance.setup(instance.address(base, database=names[0]))
        measure()


if __name__ == "__main__":
    main()
