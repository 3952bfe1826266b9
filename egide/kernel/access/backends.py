"""How an agent is found again at each request: with its organisme, in one statement."""

from uuid import UUID

from django.contrib.auth.backends import ModelBackend

from egide.kernel.access.models import Agent


class AgentBackend(ModelBackend):
    """Sign agents in by their password, as Django does."""

    def get_user(self, user_id: UUID) -> Agent | None:
        """Read the agent of a session, unless its account was closed."""
        agent = Agent.objects.select_related("organisme").filter(pk=user_id).first()
        return agent if agent is not None and self.user_can_authenticate(agent) else None
