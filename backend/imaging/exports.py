"""The report of a delivery as a table, streamed row by row."""

import csv
from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from backend.imaging.models import ImportedFile

COLUMNS = ("file", "outcome", "reason", "sop_instance_uid")
CHUNK_ROWS = 2000


class _Echo:
    """A file that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def report_csv(files: QuerySet[ImportedFile], *, name: str) -> StreamingHttpResponse:
    """A download of what became of the files. Every value is PETRA's own: none can be a formula or name a person."""
    response = StreamingHttpResponse(_lines(files), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(files: QuerySet[ImportedFile]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    rows = files.values_list("ordinal", "outcome", "reason", "sop_instance_uid")
    for row in rows.iterator(chunk_size=CHUNK_ROWS):
        yield writer.writerow(row)
