"""The service extensions that a mail server lists in its reply to EHLO.

Pure, over :class:`stages.smtp.reply.Reply`.
"""

from stages.smtp.reply import Reply


def extensions(ehlo: Reply) -> tuple[str, ...]:
    """The keyword lines of a reply to EHLO (RFC 5321 section 4.1.1.1), as sent."""
    return tuple(stripped for line in ehlo.texts[1:] if (stripped := line.strip()))


def offers_starttls(ehlo: Reply) -> bool:
    """Whether a reply to EHLO lists STARTTLS (RFC 3207), in any case."""
    return any(line.upper().split()[:1] == [b"STARTTLS"] for line in ehlo.lines[1:])
