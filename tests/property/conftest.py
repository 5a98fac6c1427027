"""Two ways to search: short and always the same, or long and at random.

`MONGORS_PROPERTY_EXAMPLES=5000 pytest tests/property` looks for what nobody thought of.
"""

import os

from hypothesis import HealthCheck, Phase, settings

_COMMON = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
)

settings.register_profile(
    "short", _COMMON, derandomize=True, max_examples=60, stateful_step_count=30, database=None
)
settings.register_profile(
    "long",
    _COMMON,
    max_examples=int(os.environ.get("MONGORS_PROPERTY_EXAMPLES") or 1000),
    stateful_step_count=80,
    print_blob=True,
)
settings.load_profile("long" if os.environ.get("MONGORS_PROPERTY_EXAMPLES") else "short")
