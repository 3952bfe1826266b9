"""`egide protect`: hide in a table what could betray somebody, prove it, then write it."""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from egide.rules.money import format_nombre, format_taux
from egide.rules.secret_statistique.arrondi import BaseTropPetite
from egide.rules.secret_statistique.bornes import GRAND_TABLEAU, VALEUR_MAX
from egide.rules.secret_statistique.masque import Masque, PublicationRefusee, Statut, protect
from egide.rules.secret_statistique.parametres import bareme
from egide.rules.secret_statistique.primaire import Protection, find_sensibles, frequency
from egide.rules.secret_statistique.programme import SolveurAbsent
from egide.rules.secret_statistique.secondaire import ProtectionImpossible
from egide.rules.secret_statistique.statistique import DimensionRefusee, check_dimensions
from egide.rules.secret_statistique.systeme import Progress, silent
from egide.rules.secret_statistique.tableau import Tableau
from egide.site.compute import SHOWN
from egide.site.compute.table import CsvRefused
from egide.site.protect.alternatives import CleRefusee, perturb
from egide.site.protect.lecture import read_tableau
from egide.site.protect.sortie import write_bornes, write_rows

STATUTS = ("statut", "valeur_publiee")
BORNES = ("borne_inf", "borne_sup")
REFUSALS = (
    BaseTropPetite,
    CleRefusee,
    DimensionRefusee,
    ProtectionImpossible,
    PublicationRefusee,
    SolveurAbsent,
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `protect` among the commands of `egide`."""
    text = "protège un tableau par le secret statistique, et le prouve"
    parser = subparsers.add_parser("protect", help=text, description=text)
    add = parser.add_argument
    add("source", type=Path, metavar="TABLE.csv")
    add("--dimensions", type=_names, required=True, metavar="A,B,C", help="une à quatre colonnes")
    add("--value", default="effectif", metavar="COLONNE", help="les effectifs (« effectif »)")
    add("--hierarchy", type=Path, metavar="FILE.yaml", help="les groupes de codes, par dimension")
    add("--threshold", type=_positive, metavar="N", help="effectif à partir duquel on publie")
    add("--protection", type=_protection, metavar="BAS,HAUT", help="marges laissées au doute")
    add("-o", "--output", type=Path, metavar="OUT.csv")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--audit", action="store_true", help="ajoute l’intervalle de l’attaquant")
    other.add_argument(
        "--arrondi", type=_positive, metavar="BASE", help="arrondit au lieu de taire"
    )
    other.add_argument(
        "--bruit", type=_positive, metavar="N", help="bruite de N au plus, avec --cle"
    )
    add("--cle", type=Path, metavar="FICHIER", help="la clé secrète du bruit, 32 octets au moins")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Protect the table; on any defect or doubt, tell it and write nothing."""
    try:
        told = _protect(args)
    except CsvRefused as refused:
        for defect in refused.defects[:SHOWN]:
            _tell(defect)
        if len(refused.defects) > SHOWN:
            _tell(f"{args.source}: {len(refused.defects)} défauts au total")
        return 1
    except REFUSALS as refused:
        _tell(f"{args.source}:-:-: {refused}")
        return 1
    _tell(told)
    return 0


def _protect(args: argparse.Namespace) -> str:
    check_dimensions(args.dimensions)
    tableau = read_tableau(
        args.source,
        dimensions=args.dimensions,
        value=args.value,
        hierarchy=args.hierarchy,
        outputs=(*STATUTS, *BORNES),
    )
    systeme = tableau.systeme()
    seuil, protection = _parameters(args, day=datetime.now(UTC).date())  # noqa: TID251 - a command
    sensibles = find_sensibles(systeme, regles=[frequency(seuil, protection=protection)])
    if args.arrondi or args.bruit:
        values, told = perturb(
            systeme, sensibles=sensibles, base=args.arrondi, amplitude=args.bruit, cle=args.cle
        )
        rows: Iterable[list[str]] = (
            [*codes, Statut.PUBLIE, str(n)] for codes, n in zip(tableau.codes, values, strict=True)
        )
    else:
        progress = _progress(systeme.size)
        masque = protect(systeme, sensibles=sensibles, audit=args.audit, progress=progress)
        rows, told = _rows(masque, tableau=tableau, audit=args.audit), _report(masque)
    _write(rows, args=args)
    return told


def _parameters(args: argparse.Namespace, *, day: date) -> tuple[int, Protection]:
    figures = bareme(day)
    if figures.provisional and args.threshold is None:
        _tell("Le seuil déclaré n’est plus vérifié à ce jour : donnez --threshold ou revoyez-le.")
    declared = Protection(int(figures["protection_basse"]), int(figures["protection_haute"]))
    return args.threshold or int(figures["seuil_frequence"]), args.protection or declared


def _progress(size: int) -> Progress:
    """Tell how far the work is, but for a table that takes a minute at most."""
    if size <= GRAND_TABLEAU:
        return silent
    _tell(f"{size} cellules\u00a0: chemin lent, à lancer de nuit\u202f; rien ne sort sans preuve.")
    return lambda step, done, total: _tell(f"{step}\u00a0: {done} sur {total}")


def _write(rows: Iterable[list[str]], *, args: argparse.Namespace) -> None:
    header = [*args.dimensions, *STATUTS, *(BORNES if args.audit else ())]
    folder = args.output.parent if args.output else None
    try:
        with tempfile.TemporaryDirectory(prefix=".egide-protect-", dir=folder) as scratch:
            result = Path(scratch) / "result.csv"
            write_rows(result, header=header, rows=rows)
            if args.output:
                result.replace(args.output)
            else:
                sys.stdout.write(result.read_text(encoding="utf-8"))
    except OSError as error:
        place = args.output or args.source
        raise CsvRefused([f"{place}: écriture impossible ({error.strerror})"]) from error


def _rows(masque: Masque, *, tableau: Tableau, audit: bool) -> Iterator[list[str]]:
    for rank, codes in enumerate(tableau.codes):
        valeur = masque.valeur(rank)
        row = [*codes, masque.statut(rank), "" if valeur is None else str(valeur)]
        if audit:
            row += write_bornes(masque.intervalles.get(rank), valeur=valeur)
        yield row


def _report(masque: Masque) -> str:
    lost, whole = masque.perte
    share = format_taux(Fraction(lost, whole or 1), places=1)
    return (
        f"{format_nombre(Decimal(masque.systeme.size))} cellules\u00a0: "
        f"{masque.primaires} au secret primaire, {masque.secondaires} au secret secondaire "
        f"({share} de ce qui pouvait se publier)\u202f; attaque\u00a0: 0 violation."
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _positive(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= VALEUR_MAX:
        raise argparse.ArgumentTypeError(f"trouvé « {text} », attendu un entier à partir de 1")
    return int(text)


def _protection(text: str) -> Protection:
    low, _, high = text.partition(",")
    if not (low.isdecimal() and high.isdecimal()) or max(int(low), int(high)) > VALEUR_MAX:
        raise argparse.ArgumentTypeError(f"trouvé « {text} », attendu deux entiers BAS,HAUT")
    return Protection(int(low), int(high))


def _tell(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()
