"""Storage growth: the claims first, online; then the StatefulSet anew, over the pods that run."""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.api.quantity import canonical, is_smaller
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import GrowClaim, Remake
from mongors.planning.waits import Wait


def grow_claims(desired: Desired, observed: Observed) -> Iterator[GrowClaim | Wait]:
    """Ask for larger volumes, where the class lets them grow; they never shrink (rule 62)."""
    size = desired.spec.storage.size
    small = [
        (ordinal, claim)
        for ordinal, claim in sorted(observed.claims.items())
        if ordinal in observed.pods and is_smaller(claim.requested, size)
    ]
    if small and observed.volumes_can_grow is False:
        yield Wait(
            Reason.GROWTH_REFUSED,
            f"the volumes stay as large as they are: their StorageClass does not allow to grow "
            f"them to {size}. Set allowVolumeExpansion on it if its provisioner can; the set runs "
            "on meanwhile",
        )
        return
    for ordinal, claim in small:
        yield GrowClaim(desired.names.claim(ordinal), claim.uid, size)
    yield from _growing(desired, observed)


def remake_statefulset(desired: Desired, observed: Observed) -> Iterator[Remake]:
    """Give the StatefulSet its new claim template, which no StatefulSet takes while it exists.

    Only once every volume has grown. The pods stay as they are: the new one adopts them.
    """
    live, size = observed.statefulset, desired.spec.storage.size
    if live is None or live.deleting:
        return
    templates = (each["spec"]["resources"]["requests"]["storage"] for each in live.claim_templates)
    has_grown = all(
        claim.capacity is not None and not is_smaller(claim.capacity, size)
        for ordinal, claim in observed.claims.items()
        if ordinal in observed.pods
    )
    if has_grown and any(is_smaller(each, size) for each in templates):
        name = desired.names.name
        yield Remake(name, live.uid, f"new volumes get {canonical(size)}")


def _growing(desired: Desired, observed: Observed) -> Iterator[Wait]:
    growing = [
        f"{desired.names.claim(ordinal)} has {claim.capacity} of {claim.requested}"
        + (f" ({claim.trouble})" if claim.trouble else "")
        for ordinal, claim in sorted(observed.claims.items())
        if ordinal in observed.pods  # no volume grows that no pod has mounted
        and claim.requested
        and claim.capacity
        and is_smaller(claim.capacity, claim.requested)
    ]
    if growing:
        yield Wait(Reason.GROWING, f"volumes are growing: {', '.join(growing)}")
