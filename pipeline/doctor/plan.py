"""What a crawl with these settings asks of each seed. Nothing is looked at."""

from pipeline.doctor.check import Check, State
from pipeline.plan import Plan
from pipeline.settings import Settings
from schemas import APEX, POLICIES
from stages.dns.apex import questions_of as of_apex
from stages.dns.stage import of_host, questions_of
from stages.policy.stage import CERTAIN, services_of


def plan(settings: Settings) -> Check:
    """The plan, and its DNS questions a seed; hosts and addresses are asked for once a run."""
    found = f"{settings.plan}, {questions_a_seed(settings)} questions a seed"
    if POLICIES in settings.plan.tables:
        fewest, most = questions_for_policies(settings)
        found += f", {fewest} to {most} more for one with mail"
    if settings.sts_policies:
        found += "; MTA-STS policies are fetched"
    advice = "--plan policy tells who is behind a gateway" if settings.plan is Plan.MAIL else ""
    return Check("plan", State.OK, found, advice)


def questions_a_seed(settings: Settings) -> int:
    """Of every seed; with the two for its addresses in plan full, where hosts would ask them."""
    count = len(questions_of("."))
    if APEX in settings.plan.tables:
        count += len(of_apex(".")) + len(of_host("."))
    return count


def questions_for_policies(settings: Settings) -> tuple[int, int]:
    """The fewest, where no DKIM selector can be there, and the most."""
    services, selectors = len(services_of(".")), len(settings.dkim_selectors)
    return services + min(CERTAIN, selectors), services + selectors
