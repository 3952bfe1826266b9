"""`egide audit`: seal the trail, verify its seals, export the public key.

What has passed its time is dropped by `egide retention run`, which knows the legal delay.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from egide.kernel.offers import Command, Job, Outcome


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("seal", help="scelle ce qui est validé")
    verify = actions.add_parser("verify", help="vérifie la trace contre ses sceaux")
    verify.add_argument(
        "--public-key",
        action="append",
        type=Path,
        metavar="FICHIER",
        help="clé publique gardée ailleurs ; se répète après un changement de clé",
    )
    actions.add_parser("key", help="donne la clé publique des sceaux")


COMMANDS = (
    Command(
        name="audit",
        help="scelle la trace, et la vérifie",
        run="egide.kernel.audit.commands:run",
        add_arguments=_arguments,
    ),
)

JOBS = (
    Job(
        name="partitions",
        label="Mois à venir de la trace",
        cron="30 0 * * *",
        run="egide.kernel.audit.commands:keeping",
    ),
    Job(
        name="seal",
        label="Scellement de la trace",
        cron="*/5 * * * *",
        run="egide.kernel.audit.commands:sealing",
    ),
    Job(
        name="verify",
        label="Vérification des sceaux",
        cron="45 2 * * *",
        run="egide.kernel.audit.commands:verifying",
    ),
)


def keeping(*, tell: Callable[..., None]) -> Outcome:
    """Make the months of the trail a year ahead: without one, nothing more is read nor written."""
    from django.db import connection  # noqa: PLC0415

    from egide.kernel.catalogue.declarations import REGISTRY  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT audit.keep_partitions(%s)", [[c.system for c in REGISTRY]])
    tell("Les mois à venir sont prêts.")
    return Outcome()


def sealing(*, tell: Callable[..., None]) -> Outcome:
    """Seal what was committed since."""
    return _do(Namespace(action="seal"), tell=tell)


def verifying(*, tell: Callable[..., None]) -> Outcome:
    """Verify the trail with the public key that is beside the private one."""
    return _do(Namespace(action="verify", public_key=None), tell=tell)


def run(args: Namespace, *, tell: Callable[..., None]) -> int:
    """Do what was asked; what prevents it is one line."""
    return _do(args, tell=tell).code


def _do(args: Namespace, *, tell: Callable[..., None]) -> Outcome:
    # Only a command that is called pays for Django and for cryptography.
    from django.conf import settings  # noqa: PLC0415

    from egide.kernel.audit import keys, seals  # noqa: PLC0415

    actions = {"seal": _seal, "verify": _verify, "key": _key}
    try:
        return actions[args.action](args, keys.place(Path(settings.HOME)), tell)
    except (keys.CleRefusee, seals.ScellementRefuse) as refusal:
        tell(str(refusal), error=True)
        return Outcome(code=1)


def _seal(_args: Namespace, path: Path, tell: Callable[..., None]) -> Outcome:
    from egide.kernel.audit.seals import seal  # noqa: PLC0415

    added = seal(path)
    rows = sum(segment.count for new in added for segment in new.segments)
    tell(f"Sceaux ajoutés : {len(added)} ; lignes scellées : {rows}.")
    return Outcome(effect=rows)


def _verify(args: Namespace, path: Path, tell: Callable[..., None]) -> Outcome:
    from egide.kernel.audit import keys, verify  # noqa: PLC0415

    named = args.public_key or [path.with_suffix(".pub")]
    # An instance that never sealed has no key yet: nothing to trust, and nothing to check.
    trusted = keys.trusted([p for p in named if args.public_key or p.exists()])
    report = verify.verify(path, trusted=trusted)
    for line in report.defects:
        tell(line)
    tell(
        f"Sceaux : {report.seals} ; lignes vérifiées : {report.rows - report.waiting} ;"
        f" en attente de sceau : {report.waiting} ; défauts : {len(report.defects)}."
    )
    return Outcome(code=1 if report.defects else 0)


def _key(_args: Namespace, path: Path, tell: Callable[..., None]) -> Outcome:
    from egide.kernel.audit import keys  # noqa: PLC0415

    tell(keys.public_pem(keys.private_key(path).public_key()).rstrip())
    return Outcome()
