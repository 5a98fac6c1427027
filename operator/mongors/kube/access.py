"""Which rights the operator has, as the API server's authorizers see it.

A quota, an admission plugin and a webhook all refuse with the same 403 as a missing right does.
The texts differ, but texts are for people; so the API server is asked whether the right is there.
"""

from mongors.errors import Failure
from mongors.kube.failures import failure_of
from mongors.kube.kinds import KINDS
from mongors.kube.request import APPLY, Request
from mongors.kube.transport import Transport

_REVIEW = KINDS["SelfSubjectAccessReview"]
_RBAC = "rbac.authorization.k8s.io"


async def may(transport: Transport, verb: str, asked: Request) -> bool:
    """Tell whether the operator may do this to what is asked for; everybody may ask that."""
    attributes = {
        "verb": verb,
        "group": asked.kind.group,
        "version": asked.kind.version,
        "resource": asked.kind.plural,
        "subresource": asked.subresource,
        "namespace": asked.namespace or "",
        "name": "" if verb == "create" else asked.name,
    }
    body = {
        "apiVersion": _REVIEW.api_version,
        "kind": _REVIEW.name,
        "spec": {"resourceAttributes": attributes},
    }
    request = Request("create", _REVIEW, None, body=body)
    answer = await transport.send(request)
    if not answer.succeeded:
        raise failure_of(request, answer)
    return bool((answer.json().get("status") or {}).get("allowed"))


async def missing_right(transport: Transport, denied: Request) -> tuple[str, str] | None:
    """Name the right that an answer of 403 is about: verb and resource; None if it is about none.

    An apply may create. Who binds a role needs more than the right to bindings: the right to bind
    that role, or all that it gives. A server that does not answer leaves it at what it said.
    """
    said = denied.verb, denied.resource
    creates = denied.content_type == APPLY and not denied.subresource
    try:
        for verb in (denied.verb, "create") if creates else (denied.verb,):
            if not await may(transport, verb, denied):
                return verb, denied.resource
    except Failure:
        return said
    bound = (denied.body or {}).get("roleRef")
    if bound is not None:
        return "bind", f"{bound['kind'].lower()}s.{_RBAC} {bound['name']}"
    return said if denied.kind.group == _RBAC else None
