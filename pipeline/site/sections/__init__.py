"""The pages of the site, a module each."""

from pipeline.site.exhibit import Page
from pipeline.site.sections import (
    account,
    changes,
    forest,
    mailboxes,
    maps,
    overview,
    policies,
    providers,
    risks,
    servers,
    spf,
    trusted,
    words,
)

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    providers.PAGE,
    mailboxes.PAGE,
    servers.PAGE,
    spf.PAGE,
    trusted.PAGE,
    forest.PAGE,
    maps.PAGE,
    risks.PAGE,
    policies.PAGE,
    changes.PAGE,
    account.PAGE,
    words.PAGE,
)
"""In the order of the navigation; the first is index.html."""
