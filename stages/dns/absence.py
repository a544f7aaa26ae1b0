"""What to ask where a name does not exist: whether its registered domain does.

NXDOMAIN of a name below a domain that somebody holds is a slip of theirs; below one that nobody
holds it is open to whoever registers that. Pure.
"""

from certs.registered import registered_domain
from schemas.outcomes import Outcome
from stages.dns.answer import Answer


def registered_above(answer: Answer) -> tuple[str, ...]:
    """The registered domain to ask for after an answer, or nothing.

    NXDOMAIN is of the last name of a chain of aliases (RFC 6604 section 3), so the domain is
    that one's. A name that is its own registered domain has been asked for already.
    """
    if answer.outcome is not Outcome.NXDOMAIN:
        return ()
    asked = answer.question.name
    domain = registered_domain((asked, *answer.cname_chain)[-1])
    return (domain,) if domain and domain != asked else ()
