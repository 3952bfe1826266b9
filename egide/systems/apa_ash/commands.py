"""What this system adds to the `egide` command."""

from argparse import ArgumentParser
from uuid import UUID

from egide.kernel.offers import Command


def _revalorisation(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["run"])
    parser.add_argument("campagne", type=UUID, metavar="CAMPAGNE", help="son identifiant")
    parser.add_argument("--agent", required=True, metavar="IDENTIFIANT", help="qui agit")


COMMANDS = (
    Command(
        name="revalorisation",
        help="mène une campagne du 1er janvier à son terme",
        run="egide.systems.apa_ash.management.revalorisation:run",
        add_arguments=_revalorisation,
    ),
)
