"""`egide audit`: seal the trail, verify its seals, export the public key, purge a month."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from egide.kernel.offers import Command

# CNIL 2017-142: the trail of accesses is kept six months.
KEPT_MONTHS = 6


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        message = f"« {text} » : un mois est attendu, AAAA-MM"
        raise ArgumentTypeError(message) from None


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
    purge = actions.add_parser("purge", help="retire un mois échu de la trace des accès")
    purge.add_argument("--system", required=True, metavar="SYSTÈME")
    purge.add_argument("--month", required=True, type=_month, metavar="AAAA-MM")


COMMANDS = (
    Command(
        name="audit",
        help="scelle la trace, et la vérifie",
        run="egide.kernel.audit.commands:run",
        add_arguments=_arguments,
    ),
)


def run(args: Namespace, *, tell: Callable[..., None]) -> int:
    """Do what was asked; what prevents it is one line."""
    # Only a command that is called pays for Django and for cryptography.
    from django.conf import settings  # noqa: PLC0415

    from egide.kernel.audit import keys, seals  # noqa: PLC0415

    actions = {"seal": _seal, "verify": _verify, "key": _key, "purge": _purge}
    try:
        return actions[args.action](args, keys.place(Path(settings.HOME)), tell)
    except (keys.CleRefusee, seals.ScellementRefuse) as refusal:
        tell(str(refusal), error=True)
        return 1


def _seal(_args: Namespace, path: Path, tell: Callable[..., None]) -> int:
    from egide.kernel.audit.seals import seal  # noqa: PLC0415

    added = seal(path)
    rows = sum(segment.count for new in added for segment in new.segments)
    tell(f"Sceaux ajoutés : {len(added)} ; lignes scellées : {rows}.")
    return 0


def _verify(args: Namespace, path: Path, tell: Callable[..., None]) -> int:
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
    return 1 if report.defects else 0


def _key(_args: Namespace, path: Path, tell: Callable[..., None]) -> int:
    from egide.kernel.audit import keys  # noqa: PLC0415

    tell(keys.public_pem(keys.private_key(path).public_key()).rstrip())
    return 0


def _purge(args: Namespace, path: Path, tell: Callable[..., None]) -> int:
    from egide.kernel.audit import chain, seals  # noqa: PLC0415

    today = datetime.now(UTC)  # noqa: TID251 - a command reads the clock
    age = (today.year - args.month.year) * 12 + today.month - args.month.month
    if age <= KEPT_MONTHS:
        tell(f"{args.month:%Y-%m} : la trace des accès se garde {KEPT_MONTHS} mois.", error=True)
        return 1
    place = chain.Place("trail", args.system, args.month)
    (segment,) = seals.purge(path, place).segments
    tell(f"{place} : lignes retirées : {segment.count} ; racine : {segment.root.hex()}.")
    return 0
