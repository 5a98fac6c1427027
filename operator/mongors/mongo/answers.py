"""The answers of all members of a set; one that goes away is not waited for to the end."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

from mongors.observed.mongodb import Answer, State

GOING_SECONDS = 0.25
"""How much longer than the others a member may take whose pod goes, once another is elected.

A mongod that ends takes connections for a second or two and answers nothing any more; for so long
a handover would not be seen, and the Service of the primary not follow it.
"""

Asked = Coroutine[Any, Any, Answer]


async def all_answers(staying: Iterable[Asked], going: Mapping[int, Asked]) -> dict[int, Answer]:
    """Every member's answer by ordinal; one that is cut short counts as silent.

    While none of the others is primary, nobody is cut short: who goes may have to hand over first.
    """
    leaving = {at: asyncio.ensure_future(asked) for at, asked in going.items()}
    try:
        answers = list(await asyncio.gather(*staying))
        led = any(answer.state is State.PRIMARY for answer in answers)
        if leaving:
            await asyncio.wait(leaving.values(), timeout=GOING_SECONDS if led else None)
        answers += [_so_far(at, asked) for at, asked in leaving.items()]
    finally:
        for asked in leaving.values():
            asked.cancel()
    return {answer.ordinal: answer for answer in answers}


def _so_far(ordinal: int, asked: asyncio.Future[Answer]) -> Answer:
    if asked.done():
        return asked.result()
    said = "its pod is going, and it has not answered"
    return Answer(ordinal, State.UNREACHABLE, problem=said)
