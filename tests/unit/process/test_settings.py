"""The settings: names, defaults, and what is refused."""

import pytest
from pydantic import ValidationError

from mongors.settings import LogFormat, Settings, variable


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.of({}) == Settings()


def test_every_setting_is_a_variable_with_our_prefix() -> None:
    environment = {"MONGORS_REST_SECONDS": "3.5", "MONGORS_LOG_FORMAT": "human"}
    settings = Settings.of(environment)
    assert settings.rest_seconds == 3.5
    assert settings.log_format is LogFormat.HUMAN


def test_namespaces_are_a_list_with_commas() -> None:
    assert Settings.of({"MONGORS_NAMESPACES": " a, b ,,a"}).namespaces == ("a", "b")
    assert Settings.of({"MONGORS_NAMESPACES": ""}).namespaces == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MONGORS_WORKERS", "0"),
        ("MONGORS_WORKERS", "many"),
        ("MONGORS_REST_SECONDS", "-1"),
        ("MONGORS_HEALTH_PORT", "70000"),
        ("MONGORS_LOG_FORMAT", "xml"),
        ("MONGORS_LEASE_RENEW_WITHIN_SECONDS", "15"),
        ("MONGORS_LEASE_RENEW_EVERY_SECONDS", "9"),
    ],
)
def test_a_wrong_value_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        Settings.of({name: value})


def test_a_misspelt_setting_is_found() -> None:
    environment = {"MONGORS_WORKER": "3", "MONGORS_WORKERS": "3", "PATH": "/bin"}
    assert Settings.unknown(environment) == ("MONGORS_WORKER",)


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, variable(name)
