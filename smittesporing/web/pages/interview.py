"""The interview with an index case."""

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.tracing.casebook import files
from smittesporing.tracing.casebook.book import open_book
from smittesporing.web.pages import render
from smittesporing.web.working import work_of


def show(request: Request) -> Response:
    with work_of(request, "case.read") as work:
        file = files.case_file(open_book(work), request.path_params["enrollment"])
        return render.page(request, "index/show.html", menu="personer", file=file, tab="intervju")
