"""The command and the nightly job that retention adds, known before Django is set up."""

from argparse import ArgumentParser
from datetime import date

from egide.kernel.offers import Command, Job


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["run"])
    parser.add_argument(
        "--on", type=date.fromisoformat, metavar="AAAA-MM-JJ", help="le jour de l’échéance"
    )
    parser.add_argument("--dry-run", action="store_true", help="compte sans rien détruire")


COMMAND = Command(
    name="retention",
    help="détruit ce dont la durée de conservation est passée",
    run="egide.kernel.retention.command:run",
    add_arguments=_arguments,
)

# At night, while nobody works in the files; a day that the server slept through is made up by the
# next night, since a run takes all that has passed.
JOB = Job(
    name="retention",
    label="Destruction au terme",
    cron="15 1 * * *",
    run="egide.kernel.retention.command:nightly",
)
