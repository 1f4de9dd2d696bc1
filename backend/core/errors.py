"""What the domain refuses, as sentences for people; HTTP codes are given to them at the edge, here once."""


class DomainError(Exception):
    """A rule of the domain forbids it; the message says what to do instead."""


class NotFound(DomainError):
    """It does not exist, or the person may not learn that it does."""

    def __init__(self, message: str = "There is nothing here that you can see.") -> None:
        super().__init__(message)


class Forbidden(DomainError):
    """The person is a member of the cohort, but has not the role."""


class InvalidInput(DomainError):
    """A value that was sent cannot be accepted."""


class Conflict(DomainError):
    """The state of the thing does not allow it now."""


class ClaimLost(DomainError):
    """Another worker holds the job now, or it was cancelled; nothing of this attempt may be recorded."""


_STATUS = {NotFound: 404, Forbidden: 403, InvalidInput: 400, Conflict: 409, ClaimLost: 409}


def http_status(error: DomainError) -> int:
    """The HTTP status of a domain error."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
