r"""What a mail server says of itself: its software in banner and EHLO, its extensions in EHLO.

Pure, over :class:`stages.smtp.reply.Reply`. A server that names no software gets none: a guess
from its manners (which extensions, in which order) would be inference, not a record.
"""

import re
from typing import NamedTuple

from stages.smtp.reply import Reply

_TELLING = 512
"""Characters of a line that are looked at: the length RFC 5321 allows (section 4.5.3.1.5)."""


class Software(NamedTuple):
    """An MTA and its version where stated."""

    name: str
    version: str | None


def extensions(ehlo: Reply) -> tuple[str, ...]:
    """The keyword lines of a reply to EHLO (RFC 5321 section 4.1.1.1), as sent."""
    return tuple(stripped for line in ehlo.texts[1:] if (stripped := line.strip()))


def offers_starttls(ehlo: Reply) -> bool:
    """Whether a reply to EHLO lists STARTTLS (RFC 3207), in any case."""
    return any(line.upper().split()[:1] == [b"STARTTLS"] for line in ehlo.lines[1:])


def software(banner: Reply | None, ehlo: Reply | None) -> Software | None:
    """What the first telling line names: of the banner, else the first of the EHLO reply."""
    lines = (banner.texts if banner else ()) + (ehlo.texts[:1] if ehlo else ())
    return next((found for line in lines if (found := software_of(line))), None)


def software_of(line: str) -> Software | None:
    """What one line, without its code, names; the first row of the table that fits counts."""
    line = line[:_TELLING]
    folded = line.lower()
    for name, literal, pattern in _PATTERNS:
        if literal in folded and (match := pattern.search(line)):
            version = match.groupdict().get("version")
            return Software(name, version.rstrip(".-") if version else None)
    return None


_NEXT = r"(?:(?:[ (/\[-]|version:?|release|v(?=\d))*(?P<version>\d[\w.+-]*))?"
"""A version right after the name, in the ways banners write one; optional like the next two."""
_LATER = r"(?:.*\bVersion:? *(?P<version>\d[\d.]*))?"
_IN_BRACKETS = r"(?:.*\((?P<version>\d[\d.]*)\))?"
_SENDMAIL = r"(?:.*?(?<![\w.])(?:SMI-)?(?P<version>[58]\.\d+(?:\.\w+)*(?:\+\d[\w.]*)?))?"
"""Sendmail's own version, not its configuration's or the system's: 5.x or 8.x, the first."""

_TABLE: tuple[tuple[str, str, str], ...] = (
    # Rows that others would hide: a product that carries another's name in its own.
    ("MetaInfo Sendmail", "metainfo sendmail", _SENDMAIL),
    ("Microsoft IIS", "microsoft", r" E?SMTP MAIL.*Version: *(?P<version>[\d.]+)"),
    # Mail servers
    ("Sendmail", "sendmail", _SENDMAIL),
    ("Postfix", "postfix", r"(?: \(| )?(?P<version>\d[\d.]*)?"),
    ("Postfix", "postcow", ""),  # mailcow's name for it
    ("Exim", "exim", _NEXT),
    ("Microsoft Exchange", "microsoft esmtp mail service", ""),
    ("Microsoft Exchange", "microsoft exchange internet mail service", _NEXT),
    ("Google gsmtp", "gsmtp", ""),
    ("OpenSMTPD", "opensmtpd", _NEXT),
    ("Haraka", "haraka", _NEXT),
    ("PowerMTA", "powermta", r"(?:\(TM\))?" + _NEXT),
    ("Ecelerity", "ecelerity", _NEXT),
    ("KumoMTA", "kumomta", _NEXT),
    ("GreenArrow", "greenarrow", _NEXT),
    ("Halon", "halon", _NEXT),
    ("ZoneMTA", "zonemta", _NEXT),
    ("ZoneMTA", "zone-mta", _NEXT),
    ("Postal", "esmtp postal", _NEXT),
    ("Amazon SES", "simpleemailservice-", ""),
    ("Stalwart", "stalwart", r"(?: E?SMTP)?" + _NEXT),
    ("Maddy", "maddy", _NEXT),
    ("s/qmail", "s/qmail", _NEXT),
    ("indimail", "indimail", _NEXT),
    ("qmail", "qmail", r"(?:-smtpd)?" + _NEXT),
    ("qmail", "netqmail", _NEXT),
    ("Courier", "courier", r"(?: Mail Server)?" + _NEXT),
    ("Dovecot", "dovecot", _NEXT),
    ("MailEnable", "mailenable service", _LATER),
    ("hMailServer", "hmailserver", _NEXT),
    ("SmarterMail", "smartermail", r"(?: Enterprise| Professional)?" + _NEXT),
    ("IceWarp", "icewarp", _NEXT),
    ("Merak", "merak", _NEXT),
    ("MDaemon", "mdaemon", _NEXT),
    ("Kerio Connect", "kerio connect", _NEXT),
    ("Kerio Connect", "kerio mailserver", _NEXT),  # its name until version 7
    ("CommuniGate Pro", "communigate pro", _NEXT),
    ("Axigen", "axigen", _NEXT),
    ("Zimbra", "zimbra", _NEXT),
    ("SurgeMail", "surgesmtp", _NEXT),
    ("SurgeMail", "surgemail", _NEXT),
    ("XMail", "xmail", _NEXT),
    ("Mercury", "mercury", r"(?:/32)?" + _NEXT + r"(?=.* server ready)"),
    ("ArGoSoft", "argosoft mail server", _IN_BRACKETS),
    ("IMail", "imail", _NEXT),
    ("Mail-Max", "mail-max", _NEXT),
    ("MailSite", "mailsite", r"(?: E?SMTP Receiver)?" + _NEXT),
    ("VOPMail", "vopmail", r"(?: E?SMTP Receiver)?" + _NEXT),
    ("SLMail", "slmail", _NEXT),
    ("VPOP3", "vpop3", _NEXT),
    ("MERCUR", "mercur", r" SMTP-Server" + _NEXT),
    ("NTMail", "ntmail", _NEXT),
    ("NTMail", "windowsnt smtp server", _NEXT),
    ("Post.Office", "post.office", _NEXT),
    ("ZMailer", "zmailer server", _NEXT),
    ("PMail Server", "pmailserver", r"(?: \[[^]]*\])?" + _NEXT),
    ("WinWebMail", "winwebmail", _NEXT),
    ("WinRoute", "winroute pro", _NEXT),
    ("Tobit David", "david.fx", _NEXT),
    ("CCProxy", "ccproxy", _NEXT),
    ("AnalogX Proxy", "analogx proxy", _NEXT),
    ("FTGate", "ftgate", _NEXT),
    ("EMWAC IMS", "ims smtp receiver", _NEXT),
    ("Eudora Internet Mail Server", "eudora internet mail server", _NEXT),
    ("AppleShare IP Mail Server", "appleshare ip mail server", _NEXT),
    ("Lyris ListManager", "lyris listmanager", _NEXT),
    ("Citadel", "citadel", _NEXT),
    ("Coremail", "coremail", _NEXT),
    ("Nemesis", "nemesis", r" E?SMTP"),
    ("SAP", "sap", r" (?P<version>\d[\w.()]*) E?SMTP"),
    ("Domino", "domino", r"(?: Release (?P<version>\d[^()]*?) *[()])?"),
    ("Domino", "lotus notes", ""),
    ("Domino", "lotus smtp mta", ""),
    ("GroupWise", "groupwise", r" (?:Internet Agent|SMTP/MIME Daemon)" + _NEXT),
    ("Netscape Messaging Server", "netscape messaging server", r"(?: -)?" + _NEXT),
    ("iPlanet Messaging Server", "iplanet messaging server", _NEXT),
    ("Oracle Messaging Server", "oracle communications messaging server", _NEXT),
    ("Oracle Messaging Server", "oracle communications messaging exchange server", _NEXT),
    ("Sun Java Messaging Server", "sun java", r"[\w() ]* Messaging Server" + _NEXT),
    ("Sun Internet Mail Server", "sun internet mail server", r" sims\.(?P<version>[\w.]+)"),
    ("Critical Path Messaging Server", "inscribe messaging server", _NEXT),
    ("Apache James", "james", r"(?: SMTP)? Server" + _NEXT),
    ("IntraStore", "intrastore", ""),
    ("IBM VM SMTP", "ibm vm smtp", r"(?: (?P<version>Level \w+|V\w+))?"),
    ("OpenVMS", "openvms", ""),
    ("Twisted", "no uce no ube no relay probes", ""),  # its factory setting
    ("Perl", "esmtp perl", ""),
    # Filters and appliances
    ("OpenBSD spamd", "spamd ip-based spam blocker", ""),
    ("Barracuda", "esmtp", r" \([0-9a-f]{32}\)"),
    ("Symantec Messaging Gateway", "symantec messaging gateway", _NEXT),
    ("Symantec Mail Security", "symantec mail security", _NEXT),
    ("Norton Antivirus for Gateways", "navieg", _NEXT),
    ("SonicWall Email Security", "sonicwall", _NEXT),
    ("McAfee WebShield", "webshield", r"(?: SMTP| ASaP)?" + _NEXT),
    ("McAfee WebShield", "virusscreen asap", _NEXT),
    ("InterScan", "interscan", r"(?: [\w ]*?)?" + _NEXT),
    ("MAILsweeper", "mailsweeper", r"(?: E?SMTP Receiver)?" + _NEXT),
    ("MailCleaner", "mailcleaner", _NEXT),
    ("MailMarshal", "mailmarshal", _NEXT),
    ("NoSpamProxy", "nospamproxy", _NEXT),
    ("ASSP", "assp", _NEXT),
    ("Cellopoint", "cellopoint e-mail firewall", _NEXT),
    ("CSM Internet Mail Scanner", "csm internet mail scanner", _NEXT),
    ("Check Point FireWall-1", "checkpoint firewall-1", ""),
    ("Cisco PIX", "smtp/cmap", ""),
    ("Cisco PIX", "********", r"\**$"),  # a firewall that stars the banner out
    ("FWTK smap", "smtp/smap", ""),
    ("Raptor", "generic smtp handler", ""),
)
"""Name; the literal that gives it away, lower-case; what must or may follow, with the version."""


def _pattern(literal: str, rest: str) -> re.Pattern[str]:
    """The literal standing alone: "postfix.example.net" is a host that may run anything."""
    end = r"(?!\w|[.-]\w)" if literal[-1].isalnum() else ""
    return re.compile(rf"(?<![\w.@-]){re.escape(literal)}{end}{rest}", re.IGNORECASE)


_PATTERNS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (name, literal, _pattern(literal, rest)) for name, literal, rest in _TABLE
)
