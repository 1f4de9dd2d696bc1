"""Table 1 as files for a manuscript: CSV, HTML, DOCX and LaTeX, with no cell that anything takes for a command."""

import io
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Pt

from backend.core.errors import InvalidInput
from backend.core.lists import table_response
from backend.dashboards.table_one import NOTE, ShownTable

FORMS = {"csv": "CSV", "html": "HTML", "docx": "DOCX", "latex": "LaTeX"}
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "²": r"\textsuperscript{2}", "–": "--",
}  # fmt: skip


def table_one_file(form: str, table: ShownTable, *, title: str, name: str) -> HttpResponseBase:
    """``name`` is the file's name without its suffix. Raises InvalidInput for a form that there is not."""
    if form == "csv":
        return table_response("csv", table.columns, table.rows(), name=name)
    makers = {
        "html": (_html, "text/html; charset=utf-8", "html"),
        "docx": (_docx, DOCX_TYPE, "docx"),
        "latex": (_latex, "text/x-tex; charset=utf-8", "tex"),
    }
    if form not in makers:
        raise InvalidInput(f"Table 1 can be exported as {', '.join(FORMS)}.")
    make, kind, suffix = makers[form]
    response = HttpResponse(make(table, title), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return response


def _html(table: ShownTable, title: str) -> str:
    context: dict[str, Any] = {"table": table, "rows": table.rows(), "title": title, "note": NOTE}
    return render_to_string("experiments/table_one_file.html", context)


def _docx(table: ShownTable, title: str) -> bytes:
    """A landscape page with one table."""
    document = Document()
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = page.page_height, page.page_width
    document.add_heading(title, level=1)
    lines = [table.columns, *table.rows()]
    made = document.add_table(rows=len(lines), cols=len(table.columns), style="Light Shading")
    for row, line in zip(made.rows, lines, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.font.size = Pt(8)
    document.add_paragraph(NOTE).runs[0].font.size = Pt(8)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _latex(table: ShownTable, title: str) -> str:
    """A table for booktabs, to be included in a document."""
    align = "ll" + "r" * len(table.groups) + "rrrlr"
    head = " & ".join(map(latex_text, table.columns))
    body = "\n".join(" & ".join(map(latex_text, row)) + r" \\" for row in table.rows())
    return "\n".join(
        [
            "% needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}",
            r"\begin{table}",
            rf"\caption{{{latex_text(title)}}}",
            r"\footnotesize",
            rf"\begin{{tabular}}{{{align}}}",
            r"\toprule",
            head + r" \\",
            r"\midrule",
            body,
            r"\bottomrule",
            r"\end{tabular}",
            "",
            latex_text(NOTE),
            r"\end{table}",
            "",
        ]
    )


def latex_text(text: str) -> str:
    """Every character that LaTeX would obey, as itself."""
    return "".join(_LATEX.get(character, character) for character in text)
