"""From whom members copy: asking one to copy from another, and waking those that copy already.

Members that copy learn of many things only with the next operation, so the primary writes notes:
no-ops in the oplog, as servers write them for themselves, of which no application is told.
"""

import asyncio

from mongors.errors import Failure, Refused
from mongors.mongo.commands import write_to_majority
from mongors.mongo.session import Session

NOTES = ((50, 0.0), (150, 0.01))
"""How many notes a member is given until it copies from another one, and seconds between them: at
first, and once it has gone without a source. Measured: 8, and after one second."""

WAKING_NOTES, WAKING_MS, WAKING_PAUSE_SECONDS = 6, 100, 0.05
"""How many notes a new primary writes at most, how long each may take to be with a majority, and
the pause between them: it takes no writes for some 50 ms. Less than a second for all of them, since
nobody is shown as primary before."""

_NOTE = {
    "appendOplogNote": 1,
    "data": {"mongors": "for members that copy"},
    "writeConcern": {"w": 1},  # a majority may be waiting for this very change
}


async def copy_from(mongod: Session, primary: Session, source: str) -> None:
    """Have a secondary copy from this host, and see that it does; Refused when it does not.

    It follows when the next operation arrives. Should the new source have nothing then that the
    member does not have itself, it goes without any for a second; asked once more, it chooses the
    same one after that.
    """
    for notes, pause in NOTES:
        await mongod.run({"replSetSyncFrom": source})
        if await _arrives(mongod, primary, source, notes, pause):
            return
    raise Refused(f"it does not copy from {source} yet")


async def _arrives(
    mongod: Session, primary: Session, source: str, notes: int, pause: float
) -> bool:
    """Whether a note came from there that was written after the member was seen to copy there."""
    follows, awaited = False, None
    for _ in range(notes):
        written = (await primary.run(_NOTE))["operationTime"]
        awaited = awaited or (written if follows else None)
        await asyncio.sleep(pause)
        status = await mongod.run({"replSetGetStatus": 1})
        followed, follows = follows, status.get("syncSourceHost") == source
        if followed and not follows:
            return False
        if awaited is not None and status["optimes"]["appliedOpTime"]["ts"] >= awaited:
            return True
    return False


async def wake(primary: Session) -> None:
    """Have a majority hear of a new primary's first writes; after some tries they are left to it.

    Who copies from it already may miss what it writes as it takes over, and waits for the next
    operation, or 5 s: so long would all wait whose writes only repeat those of a moment before.
    """
    for _ in range(WAKING_NOTES):
        try:
            await write_to_majority(primary, _NOTE, "admin", WAKING_MS)
        except Failure:
            await asyncio.sleep(WAKING_PAUSE_SECONDS)
        else:
            return
