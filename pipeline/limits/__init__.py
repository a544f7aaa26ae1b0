"""How gently others are approached: limits on connections to servers, and the opt-out list.

`Polite` wraps what contacts mail servers and policy hosts, `Consent` the stages of seeds; neither
the runner nor the stages know.
"""

from pipeline.limits.consent import Consent
from pipeline.limits.limits import Caps, GivenUp, Limits
from pipeline.limits.optout import OptOutList
from pipeline.limits.polite import Polite

__all__ = ["Caps", "Consent", "GivenUp", "Limits", "OptOutList", "Polite"]
