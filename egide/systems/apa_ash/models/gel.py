"""What keeps a file beyond its time: a dispute, an inquiry; with its reason and its term."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from egide.kernel.access.models import Agent
from egide.kernel.access.rows import ServiceBound
from egide.systems.apa_ash.models.dossier import Dossier


class Gel(ServiceBound):
    """A hold on the destruction of one file, until a day that is always known."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="gel")
    motif = models.CharField("motif", max_length=300)
    jusqu_on = models.DateField("jusqu’au")
    pose_on = models.DateField("posé le")
    pose_par = models.ForeignKey(Agent, models.PROTECT, related_name="+")

    class Meta(ServiceBound.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(name="gel_has_a_motif", condition=~Q(motif="")),
            models.CheckConstraint(
                name="gel_ends_after_it_begins", condition=Q(jusqu_on__gte=F("pose_on"))
            ),
        ]
