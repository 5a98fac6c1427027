"""What a person is told when something cannot be done: one sentence, and what to do. Pure."""

from difflib import get_close_matches

from mongors.errors import Denied, Failure, NotNow, Refused, Rejected


class Unable(Exception):  # noqa: N818 - an answer, not a bug
    """Something that cannot be done, in a sentence for the person who asked for it."""


NO_DEFINITION = (
    "this cluster does not know MongoReplicaSet: install the operator with its definition "
    "(helm upgrade --install, or kubectl apply --server-side -f deploy/manifests/mongors.yaml), "
    "or name another cluster with --context"
)


def sentence(failure: Failure, server: str) -> str:
    """Say what went wrong with the API server, where, and what to do."""
    said = failure.message.rstrip(".")
    match failure:
        case Denied():
            return (
                f"your login may not {failure.verb} {failure.resource} ({said}): ask for that "
                "right, or name another login with --context or --kubeconfig"
            )
        case NotNow():
            return (
                f"the disruption budget does not allow it now ({said}): somebody else is out of "
                "service; try again once kubectl mongors status shows all members in service"
            )
        case Refused():
            return f"it changed meanwhile ({said}): look again, and try again"
        case Rejected():
            return f"the request was not accepted: {said}"
        case _:
            return (
                f"the API server {server or 'of this context'} does not answer as it should "
                f"({said}): see whether kubectl get --raw /readyz works, or name another cluster "
                "with --context"
            )


def no_such_set(name: str, namespace: str, others: list[str]) -> str:
    """Say that there is no such set, and which there are."""
    close = get_close_matches(name, others, n=1)
    if close:
        hint = f"did you mean {close[0]}?"
    elif others:
        hint = f"there are {', '.join(sorted(others)[:10])}"
    else:
        hint = "there is none at all; name another namespace with -n"
    return f"there is no MongoReplicaSet {name} in namespace {namespace}: {hint}"


def no_such_member(member: str, members: list[str]) -> str:
    """Say that a set has no such member, and which it has."""
    return f"{member} is no member of this set: name one of {', '.join(members) or 'none yet'}"
