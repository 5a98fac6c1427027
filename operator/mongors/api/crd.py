"""The CustomResourceDefinition, made from the models: `python -m mongors.api.crd` prints it."""

import sys
from typing import Any

import yaml

from mongors.api.identity import API_VERSION, GROUP, KIND, NAME_FORM, NAME_LENGTH, PLURAL
from mongors.api.rules import with_rules
from mongors.api.schema import Schema, structural
from mongors.api.spec import MongoReplicaSet, MongoReplicaSetSpec
from mongors.api.status import Status

HEADER = "# Made from the models in operator/mongors/api by `make crd`; edits here are lost.\n"

_OBJECT_FIELDS: Schema = {
    "apiVersion": {"type": "string", "description": f"Always {GROUP}/{API_VERSION}."},
    "kind": {"type": "string", "description": f"Always {KIND}."},
    "metadata": {"type": "object"},  # Kubernetes describes it, and forbids us to
}

_COLUMNS = (
    ("READY", ".status.ready", "Members in service and members wanted.", 0),
    ("PRIMARY", ".status.primary", "Pod of the primary.", 0),
    ("VERSION", ".status.version", "MongoDB version that all members run.", 0),
    ("PHASE", ".status.phase", "The situation in one word.", 0),
    ("AGE", ".metadata.creationTimestamp", "Time since the resource was made.", 0),
    ("FCV", ".status.featureCompatibilityVersion", "Version of the data's format.", 1),
    ("VOTERS", ".status.votingMembers", "Members that vote.", 1),
    ("PLAN", ".status.plan", "What the operator is doing or waiting for.", 1),
)
_COLUMN_TYPES = {"AGE": "date", "VOTERS": "integer"}


def definition() -> dict[str, Any]:
    """Return the CustomResourceDefinition as the API server takes it."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{PLURAL}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": KIND,
                "listKind": f"{KIND}List",
                "plural": PLURAL,
                "singular": KIND.lower(),
                "shortNames": ["mrs"],
                "categories": ["mongors"],
            },
            "versions": [_version()],
        },
    }


def render() -> str:
    """Return the definition as YAML, as it lies in crds/."""
    text = yaml.safe_dump(definition(), sort_keys=False, width=100, allow_unicode=True)
    return HEADER + str(text)


def _version() -> dict[str, Any]:
    return {
        "name": API_VERSION,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [
            _column(name, path, description, priority)
            for name, path, description, priority in _COLUMNS
        ],
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.members",
                "statusReplicasPath": ".status.members",
                "labelSelectorPath": ".status.selector",
            },
        },
        "schema": {"openAPIV3Schema": _whole()},
    }


def _column(name: str, path: str, description: str, priority: int) -> dict[str, Any]:
    kind = _COLUMN_TYPES.get(name, "string")
    column = {"name": name, "type": kind, "description": description, "jsonPath": path}
    return column | ({"priority": priority} if priority else {})


def _whole() -> Schema:
    """Join the parts; the object's own fields are Kubernetes' and may not be restricted here."""
    whole = with_rules(structural(MongoReplicaSet), (NAME_LENGTH, NAME_FORM))
    properties = {
        **_OBJECT_FIELDS,
        "spec": structural(MongoReplicaSetSpec),
        "status": structural(Status),
    }
    return {**whole, "properties": properties, "required": ["spec"]}


def main() -> None:
    """Print the definition."""
    sys.stdout.write(render())


if __name__ == "__main__":
    main()
