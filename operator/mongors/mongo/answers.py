"""The answers of all members of a set; one that goes away is not waited for to the end."""

import asyncio
from collections.abc import Container, Coroutine, Mapping
from typing import Any

from mongors.observed.mongodb import Answer, State

GOING_SECONDS = 0.25
"""How much longer than the others a member may take whose pod goes, once another is elected.

A mongod that ends takes connections for a second or two and answers nothing any more; for so long
a handover would not be seen, and the Service of the primary not follow it.
"""

Asked = Coroutine[Any, Any, Answer]
"""The answer of one mongod, to be awaited."""


async def all_answers(asked: Mapping[int, Asked], going: Container[int]) -> dict[int, Answer]:
    """Every member's answer by ordinal; one that goes and is cut short counts as silent.

    While none of the others is primary, nobody is cut short: who goes may have to hand over first.
    """
    asking = {at: asyncio.ensure_future(each) for at, each in asked.items()}
    staying = [each for at, each in asking.items() if at not in going]
    leaving = [each for at, each in asking.items() if at in going]
    try:
        led = any(each.state is State.PRIMARY for each in await asyncio.gather(*staying))
        if leaving:
            await asyncio.wait(leaving, timeout=GOING_SECONDS if led else None)
        return {at: _so_far(at, each) for at, each in asking.items()}
    finally:
        for each in leaving:
            each.cancel()


def _so_far(ordinal: int, asked: asyncio.Future[Answer]) -> Answer:
    if asked.done():
        return asked.result()
    said = "its pod is going, and it has not answered"
    return Answer(ordinal, State.UNREACHABLE, problem=said)
