"""What a crawl with these settings asks of each seed. Nothing is looked at."""

from pipeline.doctor.check import Check, State
from pipeline.plan import Plan
from pipeline.settings import Settings
from schemas import POLICIES
from stages.dns.stage import questions_of
from stages.policy.stage import CERTAIN, services_of


def plan(settings: Settings) -> Check:
    """The plan, and its DNS questions a seed; hosts and addresses are asked for once a run."""
    found = f"{settings.plan}, {len(questions_of('.'))} questions a seed"
    if POLICIES in settings.plan.tables:
        fewest, most = questions_for_policies(settings)
        found += f", {fewest} to {most} more for one with mail"
    advice = "" if settings.plan is Plan.POLICY else "--plan policy tells who is behind a gateway"
    return Check("plan", State.OK, found, advice)


def questions_for_policies(settings: Settings) -> tuple[int, int]:
    """The fewest, where no DKIM selector can be there, and the most."""
    services, selectors = len(services_of(".")), len(settings.dkim_selectors)
    return services + min(CERTAIN, selectors), services + selectors
