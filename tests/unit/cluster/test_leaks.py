"""Who looks for leaks finds them: every secret, in every form, and nothing but secrets."""

import base64
from pathlib import Path

import pytest

from e2e.leaks import Secret, leaks, processes, secrets_in, shown_in

VALUE = "Zm9vYmFy4dLq8sXw1nTgKp0c"
PASSWORD = Secret("mongo-operator/clusterPassword", VALUE)


def object_of(kind: str, **fields: object) -> dict[str, object]:
    return {"kind": kind, "metadata": {"name": "mongo"}, **fields}


@pytest.mark.parametrize(
    "text",
    [
        VALUE,
        f"mongodb://mongors:{VALUE}@mongo-0",
        f"it ended in {VALUE[3:]}",
        f"cut off after {VALUE[:17]}...",
        base64.b64encode(VALUE.encode()).decode(),
    ],
)
def test_a_planted_secret_is_told_with_its_place_and_not_with_its_value(text: str) -> None:
    found = list(leaks({"Pod mongo-0": text, "Pod mongo-1": "nothing"}, [PASSWORD]))
    assert found == ["mongo-operator/clusterPassword is to be read in Pod mongo-0"]
    assert VALUE[:8] not in found[0]
    assert VALUE not in repr(PASSWORD)


@pytest.mark.parametrize("text", ["", "clusterPassword", VALUE[:9], VALUE.lower()])
def test_what_gives_nothing_away_is_not_told(text: str) -> None:
    assert not list(leaks({"Pod mongo-0": text}, [PASSWORD]))


@pytest.mark.parametrize("shown", ["a%40b%2Fc%22de%3Af", 'a@b/c\\"de:f', 'a@b/c"de:f'])
def test_a_password_with_odd_characters_is_found_however_it_is_written(shown: str) -> None:
    assert list(leaks({"log": f"... {shown} ..."}, [Secret("s/password", 'a@b/c"de:f')]))


def test_passwords_keys_and_tokens_are_secret_and_names_are_not() -> None:
    data = {
        key: base64.b64encode(value.encode()).decode()
        for key, value in {
            "password": VALUE, "keyfile": f"{VALUE}\n", "tls.key": VALUE[::-1], "token": "short",
            "username": "mongors-users", "uri": f"mongodb://{VALUE}",
        }.items()
    }  # fmt: skip
    found = secrets_in([object_of("Secret", data=data), object_of("Pod", data=data)])
    assert {each.name for each in found} == {"mongo/password", "mongo/keyfile", "mongo/tls.key"}
    assert {each.value for each in found} == {VALUE, VALUE[::-1]}
    assert not secrets_in([object_of("Secret")])


def test_every_object_but_a_secret_is_shown_whole() -> None:
    status = {"conditions": [{"message": f"wrong: {VALUE}"}]}
    shown = shown_in([object_of("Secret", data={"password": VALUE}), object_of("X", status=status)])
    assert list(leaks(shown, [PASSWORD])) == [f"{PASSWORD.name} is to be read in X mongo"]


@pytest.mark.parametrize("file", ["cmdline", "environ"])
def test_what_a_process_was_started_with_is_looked_at(tmp_path: Path, file: str) -> None:
    for number, name in (("7", "mongod"), ("8", "other")):
        process = tmp_path / number
        process.mkdir()
        (process / "comm").write_text(f"{name}\n")
        for each in ("cmdline", "environ"):
            (process / each).write_text(f"{name}\0--x={VALUE}" if each == file else name)
    (tmp_path / "9").mkdir()  # one that has ended
    found = list(leaks(processes(proc=tmp_path), [PASSWORD]))
    assert found == [f"{PASSWORD.name} is to be read in process 7"]
