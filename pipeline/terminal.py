"""What may go to a terminal."""


def clean(text: str) -> str:
    """Text with what is not printable (controls, line ends, direction marks) written as escapes."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )
