"""Lines of forms that need no memory of the lines before: plain, hosts, dnset."""

import datetime as dt
from collections.abc import Iterator
from ipaddress import ip_address

from stages.labels.entry import Entry, Reason, Refused, listed_name, wildcard

_LOCAL = frozenset(
    {
        *("localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost"),
        *("ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters"),
        *("ip6-allhosts", "0.0.0.0"),  # noqa: S104 - a line of such files, not a socket
    }
)
_SPECIAL = ("$", "#$", ";$", ":$")


def entry(
    number: int, text: str, *, except_for: bool = False, since: dt.date | None = None
) -> Entry:
    """The entry of a name that may be a wildcard; Refused if it is no name."""
    name, itself, below = wildcard(text)
    verdict = not except_for
    return Entry(
        number,
        listed_name(name),
        verdict if itself else None,
        verdict if below else None,
        since,
    )


def plain(number: int, line: str) -> Iterator[Entry]:
    """A name, or a wildcard; `#`, `;` and `//` begin a comment."""
    text = line.partition("#")[0].partition(";")[0].partition("//")[0].strip()
    if text:
        if len(text.split()) > 1:
            raise Refused(Reason.SYNTAX)
        yield entry(number, text)


def hosts(number: int, line: str) -> Iterator[Entry]:
    """An address and the names that it is to have (hosts(5)); names of the machine itself are none.

    Of a line with good names and bad ones the good are taken before Refused is raised.
    """
    address, *names = line.partition("#")[0].split() or [""]
    if not address:
        return
    if not _is_address(address) or not names:
        raise Refused(Reason.SYNTAX)
    refused = None
    for name in names:
        if name.lower() in _LOCAL:
            refused = Refused(Reason.LOCAL)
            continue
        try:
            yield Entry(number, listed_name(name), itself=True, below=None)
        except Refused as error:
            refused = error
    if refused:
        raise refused


def dnset(number: int, line: str) -> Iterator[Entry]:
    """A name, `!` before an exception, with its value (rbldnsd(8)); directives are skipped."""
    text = line.strip()
    if not text or text.startswith((*_SPECIAL, "#", ";", ":")):
        return
    except_for = text.startswith("!")
    words = text.removeprefix("!").split(maxsplit=1)
    if not words:
        raise Refused(Reason.SYNTAX)
    yield entry(number, words[0], except_for=except_for)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
