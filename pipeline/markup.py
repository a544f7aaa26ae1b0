"""Templates of pages: what is put into them is text, what they lack is an error."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.terminal import clean


def environment(package: str) -> Environment:
    """Templates of a package; the filter ``clean`` takes control characters out of foreign text."""
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["clean"] = clean
    return made
