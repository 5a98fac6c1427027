"""A stand-in for Percona's mongodb_exporter: see `modules/exporter`."""

from cluster.lab import builds
from cluster.lab.places import Places

from .archive import Entry, Image

EXPORTER = "docker.io/percona/mongodb_exporter:0.47.1"
"""The name under which the operator asks for it, unless told otherwise."""


def exporter_image(places: Places) -> Image:
    """One static program; the numeric user comes from the pod."""
    builds.ensure_built((builds.EXPORTER,), places)
    program = builds.program(builds.EXPORTER, "mongodb_exporter", places)
    return Image(
        name=EXPORTER,
        entries=(Entry("mongodb_exporter", content=program),),
        command=(),
        entrypoint=("/mongodb_exporter",),
    )
