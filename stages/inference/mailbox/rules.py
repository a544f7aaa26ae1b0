"""How much each signal says about who keeps the mailboxes: rules as data.

Weights are logarithms of odds and add up; those of one kind count once a keeper. They were fitted
by ``scripts.calibrate`` on worlds of 3,000 domains with seeds 1 to 4 (1,068 domains behind
gateways and forwarders that anything was known of) and rounded; worlds of other seeds test them.
So they are calibrated for the world, which is made up: nothing is claimed of the Internet.

What they say agrees with what a gateway's customers do: autodiscover is what their users live by, a
DKIM key was set up for the mailboxes' own outgoing mail; the include of a hoster is often a
default, a token outlives the trial it was made for, an alias for a key outlives the account.
SPF_OTHER, SPF_SOFT and SPF_RANGE are not fitted: worlds lack them, or the many senders that no
map has.
"""

from schemas.mailbox_evidence import Signal

WEIGHTS = {
    Signal.LOWER_MX: 3.5,
    Signal.OWN_MX: 2.5,
    Signal.DKIM_CNAME: 3.3,
    Signal.DKIM_GONE: 0.0,
    Signal.DKIM_SELECTOR: 2.7,
    Signal.AUTODISCOVER: 3.3,
    Signal.AUTODISCOVER_HOST: 0.1,
    Signal.OWN_AUTODISCOVER: 2.6,
    Signal.SPF_INCLUDE: 3.8,
    Signal.SPF_HOST: 0.7,
    Signal.SPF_OTHER: 1.0,
    Signal.SPF_SOFT: 0.7,
    Signal.SPF_RANGE: 1.0,
    Signal.OWN_HOST: 3.6,
    Signal.OWN_SPF: 0.0,
    Signal.TOKEN: 0.0,
    Signal.TENANT: 0.4,
}

UNKNOWN = 0.0
"""Weight of a keeper that shows no sign: one that we do not know, or that hides well."""

ENOUGH = 0.55
"""Probability from which on a keeper is named: a single thing that says nothing names nobody."""
