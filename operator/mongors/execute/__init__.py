"""The only place that changes anything: one `match` over the actions of a plan."""

from mongors.execute.executor import Executor
from mongors.execute.objects import KEYFILE_BYTES, PASSWORD_BYTES, Writer

__all__ = ["KEYFILE_BYTES", "PASSWORD_BYTES", "Executor", "Writer"]
