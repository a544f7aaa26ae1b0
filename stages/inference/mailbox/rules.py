"""How much each signal says about who keeps the mailboxes: rules as data.

Weights are logarithms of odds: how much likelier the signal is where the keeper keeps the
mailboxes than where it does not. They add up, as if signals were independent; those of one kind
count once a keeper. What a gateway's customers teach: a DKIM key behind the gateway was set up
for the mailboxes' own outgoing mail; autodiscover is what their users live by; an SPF include
may be a leftover or the DNS host's default; a token outlives the trial it was made for.
"""

from schemas.mailbox_evidence import Signal

WEIGHTS = {
    Signal.LOWER_MX: 4.0,
    Signal.DKIM_CNAME: 3.0,
    Signal.DKIM_SELECTOR: 2.5,
    Signal.AUTODISCOVER: 3.0,
    Signal.SPF_INCLUDE: 1.5,
    Signal.SPF_SOFT: 0.7,
    Signal.SPF_RANGE: 0.7,
    Signal.TOKEN: 0.7,
    Signal.OWN_AUTODISCOVER: 2.0,
    Signal.OWN_SPF: 0.5,
}

UNKNOWN = 1.0
"""Weight of a keeper that shows no sign: one that we do not know, or that hides well."""

ENOUGH = 0.5
"""Probability from which on a keeper is named."""
