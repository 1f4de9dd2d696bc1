"""What a bulk action did, told once on the page that comes after it."""

from django.http import HttpRequest

_KEY = "bulk_result"
NAMED = 20


def keep_result(request: HttpRequest, *, sentence: str, left_out: dict[str, list[str]], blinded_count: int) -> None:
    """For the next page; of each reason the number and the first pseudonyms."""
    lines = [
        {"reason": reason, "count": len(names), "names": sorted(names)[:NAMED]}
        for reason, names in sorted(left_out.items())
    ]
    if blinded_count:
        lines.append({"reason": "you have still to read them", "count": blinded_count, "names": []})
    request.session[_KEY] = {"sentence": sentence, "left_out": lines}


def shown_result(request: HttpRequest) -> dict | None:
    """The result that was kept, once."""
    return request.session.pop(_KEY, None)
