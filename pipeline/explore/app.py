"""The application: paths, what each shows, and one clear line where there is nothing to show."""

from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from pipeline import damage, markup
from pipeline.errors import ConfigError
from pipeline.explore import address, company, domain, history, include
from pipeline.explore.catalogue import Catalogue
from pipeline.explore.guard import Guard
from pipeline.explore.search import alike, exact
from pipeline.terminal import clean
from stages.seeds.entry import Rejected
from stages.seeds.name import domain as domain_name

Values = Mapping[str, object]

_MEDIA = {"css": "text/css", "js": "text/javascript"}
_SHARED = ("site.css", "theme.js", "tables.js")
"""Assets of the report that serve here too."""


def application(catalogue: Catalogue, host: str) -> Starlette:
    """The application over an open run, for requests to a host."""
    pages = Pages(catalogue)
    return Starlette(
        routes=[
            Route("/", pages.search),
            Route("/assets/{name}", pages.asset),
            Route("/domain/{name}", pages.domain),
            Route("/domain/{name}/history", pages.history),
            Route("/address/{name:path}", pages.address),
            Route("/company/{name:path}", pages.company),
            Route("/include/{name}", pages.include),
        ],
        middleware=[Middleware(Guard, host=host)],
        exception_handlers={HTTPException: pages.refused, Exception: pages.broken},
    )


class Pages:
    """What each path shows. No state but what was read at the start: threads may share it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._environment = _environment(catalogue)
        self._assets = _assets()
        # Now rather than with the first question: seconds for Ibis, tenths for the templates.
        import_module("stages.inference.providers.rules")
        for name in self._environment.list_templates():
            self._environment.get_template(name)

    def search(self, request: Request) -> Response:
        """The way to a page of just that name; else names like it."""
        text = request.query_params.get("q", "").strip()
        if not text:
            return self._render("index.html", {})
        found = exact(self._catalogue, text)
        if len(found) == 1:
            return RedirectResponse(found[0].path, 303)
        hits = found or list(alike(self._catalogue, text))
        values = {"text": text, "hits": hits, "exact": bool(found)}
        return self._render("search.html", values, 200 if hits else 404)

    def domain(self, request: Request) -> Response:
        """A seed and the evidence about it."""
        name = _name(request)
        try:
            return self._render("domain.html", domain.page(self._catalogue, name))
        except ConfigError as error:
            said = str(error)
            why = said if said.endswith("?") else f"{said}."
            runs = len(self._catalogue.run.warehouse.runs())
            return self._render("error.html", {"why": why, "name": name, "runs": runs}, 404)

    def history(self, request: Request) -> Response:
        """A domain over the runs."""
        return self._render("history.html", history.page(self._catalogue, _name(request)))

    def address(self, request: Request) -> Response:
        """An address or a network."""
        text = request.path_params["name"]
        try:
            asked = address.network(text)
        except ValueError as error:
            raise HTTPException(400, f"{clean(text)} is no address or network.") from error
        return self._render("address.html", address.page(self._catalogue, asked))

    def company(self, request: Request) -> Response:
        """A company and its domains."""
        name = request.path_params["name"]
        return self._found("company.html", company.page(self._catalogue, name), name)

    def include(self, request: Request) -> Response:
        """A name that SPF records include."""
        name = _name(request)
        return self._found("include.html", include.page(self._catalogue, name), name)

    def asset(self, request: Request) -> Response:
        """A style or a script."""
        name = request.path_params["name"]
        if name not in self._assets:
            raise HTTPException(404, "There is no such file.")
        return Response(self._assets[name], media_type=_MEDIA[name.rpartition(".")[2]])

    def refused(self, _: Request, error: Exception) -> Response:
        """One clear line."""
        assert isinstance(error, HTTPException)
        return self._render("error.html", {"why": error.detail}, error.status_code)

    def broken(self, _: Request, error: Exception) -> Response:
        """The same of a bug; Starlette raises it again, so it is in the log."""
        if damaged := damage.named(error):
            return self._render("error.html", {"why": f"{damaged}."}, 500)
        return self._render("error.html", {"why": f"A bug of ours: {type(error).__name__}."}, 500)

    def _found(self, template: str, values: Values | None, name: str) -> Response:
        if values is None:
            raise HTTPException(404, f"This run knows no {template[:-5]} {clean(name)}.")
        return self._render(template, values)

    def _render(self, template: str, values: Values, status: int = 200) -> Response:
        return HTMLResponse(self._environment.get_template(template).render(values), status)


def _name(request: Request) -> str:
    text = request.path_params["name"]
    try:
        return domain_name(text.strip(), exact=True)
    except Rejected as error:
        raise HTTPException(400, f"{clean(text)} is no domain: {error.reason}.") from error


def _environment(catalogue: Catalogue) -> Environment:
    environment = markup.environment("pipeline.explore")
    environment.filters["grouped"] = lambda number: f"{number:,}"
    environment.globals["run"] = catalogue.run.id
    environment.globals["warehouse"] = catalogue.run.warehouse.root
    return environment


def _assets() -> Mapping[str, bytes]:
    site, own = files("pipeline.site") / "assets", files("pipeline.explore") / "assets"
    shared = {name: (site / name).read_bytes() for name in _SHARED}
    return {**shared, "explore.css": (own / "explore.css").read_bytes()}
