"""Writes the site: pages from templates, assets, and the files that links lead to."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from textwrap import dedent

import vl_convert
from jinja2 import Environment
from markupsafe import Markup, escape

from pipeline import markup
from pipeline.errors import ConfigError
from pipeline.site.census import Census
from pipeline.site.exhibit import Filled, Page, Part


def write(census: Census, pages: Sequence[Page], folder: Path, tell: Callable[[str], None]) -> int:
    """Write a site into a folder, which is made; bytes written. ``tell`` hears of each page.

    ConfigError for a folder that holds something else: a site of another night is replaced.
    """
    _claim(folder)
    environment = _environment()
    frame = {**_frame(census), "pages": pages}
    written = 0
    for page in pages:
        tell(page.title)
        filled = [(part, part.fill(census)) for part in page.parts]
        sections = [(part, _render(environment, filling)) for part, filling in filled]
        text = environment.get_template("page.html").render(
            **frame, page=page, sections=sections, scripts=_scripts(filled)
        )
        written += _put(folder / f"{page.slug}.html", text.encode())
        for _, filling in filled:
            written += sum(_put(folder / path, data) for path, data in filling.files.items())
    tell("assets")
    return written + sum(_put(folder / "assets" / name, data) for name, data in _assets().items())


_CODE = re.compile(r"`([^`]*)`")
_LINK = re.compile(r"\[([^]]*)\]\(([^)]*)\)")
_MARK = "assets/site.css"


def _claim(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise ConfigError(f"{folder} holds something that is no report: choose an empty folder")


def _environment() -> Environment:
    environment = markup.environment("pipeline.site")
    environment.filters["prose"] = _prose
    environment.filters["dedent"] = lambda text: dedent(text).strip()
    return environment


def _prose(text: str) -> Markup:
    """Text of ours: what stands between backticks is code, [text](page) is a link."""
    coded = _CODE.sub(r"<code>\1</code>", str(escape(text)))
    return Markup(_LINK.sub(r'<a href="\2">\1</a>', coded))  # noqa: S704 - escaped


def _render(environment: Environment, filling: Filled) -> str:
    return environment.get_template(filling.template).render(**filling.values)


def _scripts(filled: Sequence[tuple[Part, Filled]]) -> tuple[str, ...]:
    """Scripts that the parts of a page need beside those of all pages."""
    wanted = [name for _, filling in filled for name in filling.values.get("scripts", ())]  # type: ignore[attr-defined]
    return tuple(dict.fromkeys(wanted))


def _frame(census: Census) -> Mapping[str, object]:
    """What every page says of the run."""
    record = census.record
    began = dt.datetime.fromtimestamp(record.began, dt.UTC)
    return {
        "run": census.run.id,
        "began": f"{began:%Y-%m-%d}",
        "alarms": record.end.alarms if record.end else (),
        "complete": record.end is None or record.end.state == "complete",
        "version": version("mailcensus"),
        "warehouse": census.run.warehouse.root,
    }


def _assets() -> dict[str, bytes]:
    folder = files("pipeline.site") / "assets"
    own = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return {
        **own,
        "vega.js": vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").encode(),
    }


def _put(path: Path, data: bytes) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return len(data)
