"""From what the API server answers to the kinds of failure that the operator knows.

Told apart by HTTP status and by the causes that come with it: the texts are for people. A 404 that
does not come from the API machinery (a proxy, an API that is not served just now) says nothing
about the object.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mongors.errors import Denied, Failure, NotNow, Refused, Rejected, Retry
from mongors.kube.request import Answer, Request

_LONGEST = 600
"""Characters of a server's message that are kept: it may quote the whole object."""


def is_absence(answer: Answer) -> bool:
    """Tell whether the API server itself says that the object does not exist."""
    if answer.status != 404:
        return False
    status = answer.json()
    details = status.get("details") or {}
    return status.get("reason") == "NotFound" and bool(details.get("name"))


def is_about_another(answer: Answer) -> bool:
    """Tell whether the object of that name is not the one that was meant.

    A patch with the uid of another object is answered as an attempt to change the uid.
    """
    return any(cause.get("field") == "metadata.uid" for cause in _causes(answer))


def is_in_passing_namespace(answer: Answer) -> bool:
    """Tell whether nothing can be made because the whole namespace is being deleted."""
    return any(cause.get("reason") == "NamespaceTerminating" for cause in _causes(answer))


def is_budget(answer: Answer) -> bool:
    """Tell whether a disruption budget speaks, and not a server that has too much to do."""
    return any(cause.get("reason") == "DisruptionBudget" for cause in _causes(answer))


def failure_of(request: Request, answer: Answer) -> Failure:
    """Make the failure that an answer other than success stands for."""
    message = f"{request}: {_message(request, answer)}"
    if _is_refusal(answer):
        return Refused(message)
    match answer.status:
        case 401 | 403:
            return Denied(message, request.verb, request.resource)
        case 400 | 405 | 406 | 413 | 415 | 422:
            return Rejected(message)
        case 429 if is_budget(answer):
            said = "; ".join(str(cause.get("message", "")) for cause in _causes(answer))
            return NotNow(f"{message} {said}".rstrip(), _seconds(answer.retry_after))
        case _:
            return Retry(message, _seconds(answer.retry_after))


def quiet_seconds(answer: Answer) -> float:
    """For how many seconds the API server asks to be left alone; a budget asks for one pod only."""
    if answer.status not in {429, 503} or is_budget(answer):
        return 0.0
    return _seconds(answer.retry_after) or 0.0


def _is_refusal(answer: Answer) -> bool:
    """Tell whether only what the request rested on does not hold any more."""
    match answer.status:
        case 403:
            return is_in_passing_namespace(answer)
        case 404:
            return is_absence(answer)
        case 422:
            return is_about_another(answer)
        case status:
            return status == 409


def _message(request: Request, answer: Answer) -> str:
    status = answer.json()
    reason = str(status.get("reason") or f"HTTP {answer.status}")
    if request.kind.name == "Secret":
        return f"{reason} {_fields(answer)}".rstrip()  # the text may quote what the Secret holds
    return str(status.get("message") or reason)[:_LONGEST]


def _fields(answer: Answer) -> str:
    return ", ".join(str(cause.get("field", "")) for cause in _causes(answer))[:_LONGEST]


def _causes(answer: Answer) -> Sequence[Mapping[str, Any]]:
    return (answer.json().get("details") or {}).get("causes") or ()


def _seconds(retry_after: str | None) -> float | None:
    try:
        return float(retry_after) if retry_after is not None else None
    except ValueError:
        return None  # the other form of the header is a date, which no API server sends
