"""The program as a person runs it: what it prints, what it asks for, and how it ends."""

import json
from dataclasses import replace

import pytest
import yaml
from click.testing import CliRunner

from mongors.cli.app import COMMANDS, ERROR, NOT_READY, READY, program
from mongors.desired import labels
from unit.builders import running, wanted
from unit.cli import looks
from unit.cli.worlds import Fake, world_of, world_with


@pytest.fixture
def fake() -> Fake:
    """A healthy set of three."""
    desired = wanted(3)
    return world_with(desired, running(desired))


def test_help_names_every_command_as_the_command_itself_does() -> None:
    text = CliRunner().invoke(program, ["--help"]).output
    for name, short in COMMANDS.items():
        assert f"{name} " in text
        assert short in text
        assert CliRunner().invoke(program, [name, "--help"]).exit_code == READY


def test_a_ready_set_ends_with_0(fake: Fake) -> None:
    result = fake.run("status", "mongo")
    assert result.exit_code == READY, result.output
    assert "mongo in default is ready" in result.output
    assert "zone-2" in result.output


@pytest.mark.parametrize("command", ["status", "explain"])
def test_a_set_that_is_not_ready_ends_with_2(command: str) -> None:
    assert world_of(looks.without_majority()).run(command, "mongo").exit_code == NOT_READY


def test_the_status_for_programs_is_whole(fake: Fake) -> None:
    said = json.loads(fake.run("status", "mongo", "-o", "json").output)
    assert said["ready"] is True
    assert said["primary"] == "mongo-0"
    assert [each["state"] for each in said["members"]] == ["PRIMARY", "SECONDARY", "SECONDARY"]
    assert said["oplogSeconds"] == 3600
    assert yaml.safe_load(fake.run("status", "mongo", "-o", "yaml").output) == said


def test_options_of_the_place_are_taken_in_any_position(fake: Fake) -> None:
    fake.api.objects.clear()
    fake.run("-n", "shop", "--context", "far", "status", "mongo")
    fake.run("status", "-n", "shop", "mongo", "--context", "far")
    assert [(each.namespace, each.context) for each in fake.places] == [("shop", "far")] * 2


class TestErrors:
    """Each is one sentence that says what is wrong and what to do, and ends with 1."""

    def test_of_a_set_that_is_not_there(self, fake: Fake) -> None:
        result = fake.run("status", "mongi")
        assert result.exit_code == ERROR
        assert "no MongoReplicaSet mongi in namespace default: did you mean mongo?" in result.stderr

    def test_of_a_cluster_without_the_definition(self, fake: Fake) -> None:
        fake.api.knows_sets = False
        result = fake.run("status", "mongo")
        assert (result.exit_code, result.stdout) == (ERROR, "")
        assert "does not know MongoReplicaSet: install the operator" in result.stderr

    def test_of_a_cluster_that_is_away(self, fake: Fake) -> None:
        fake.api.is_away = True
        result = fake.run("explain", "mongo")
        assert result.exit_code == ERROR
        assert "the API server https://here:6443 does not answer as it should" in result.stderr

    def test_of_a_missing_right(self, fake: Fake) -> None:
        fake.api.denied = {"mongoreplicasets"}
        result = fake.run("status", "mongo")
        assert result.exit_code == ERROR
        assert "your login may not get mongoreplicasets.mongors.io" in result.stderr

    def test_of_a_kubeconfig_that_is_not_there(self) -> None:
        result = CliRunner().invoke(program, ["status", "x", "--kubeconfig", "/nowhere/config"])
        assert result.exit_code == ERROR
        assert "no login to a cluster" in result.stderr
        assert "Traceback" not in result.output

    def test_of_wrong_usage(self, fake: Fake) -> None:
        assert fake.run("status").exit_code == ERROR
        assert fake.run("nonsense").exit_code == ERROR


class TestWhatIsNotSeen:
    """It is said, and never taken for absent."""

    def test_members_that_cannot_be_asked_from_here(self, fake: Fake) -> None:
        fake.unreachable = "no way to mongo-0 through the API server (HTTP 403)"
        result = fake.run("status", "mongo")
        assert result.exit_code == READY
        said = " ".join(result.output.split())
        assert "members could not be asked from here: no way to mongo-0" in said
        assert "PRIMARY" in result.output

    def test_a_plan_is_not_made_without_them(self, fake: Fake) -> None:
        fake.unreachable = "no way"
        result = fake.run("plan", "mongo")
        assert result.exit_code == ERROR
        assert "no plan can be made from here (members could not be asked" in result.stderr

    @pytest.mark.parametrize("plural", ["secrets", "pods", "endpointslices", "services"])
    def test_nor_without_objects_that_it_rests_on(self, fake: Fake, plural: str) -> None:
        fake.api.denied = {plural}
        assert fake.run("plan", "mongo").exit_code == ERROR

    @pytest.mark.parametrize("plural", ["nodes", "events", "persistentvolumeclaims"])
    def test_the_status_is_shown_without_what_is_denied(self, fake: Fake, plural: str) -> None:
        fake.api.denied = {plural}
        result = fake.run("status", "mongo")
        assert result.exit_code == READY
        assert f"Note: your login may not" in result.output  # noqa: F541

    def test_a_spec_that_cannot_be_followed(self, fake: Fake) -> None:
        fake.api.objects["MongoReplicaSet", "mongo"]["spec"]["members"] = 0
        assert "cannot be followed" in " ".join(fake.run("explain", "mongo").output.split())
        assert "cannot be followed" in fake.run("plan", "mongo").stderr

    def test_a_set_that_no_operator_has_looked_at(self, fake: Fake) -> None:
        del fake.api.objects["MongoReplicaSet", "mongo"]["status"]
        result = fake.run("explain", "mongo")
        assert result.exit_code == NOT_READY
        assert "see whether the operator runs" in result.output


class TestWishes:
    """Each is one annotation or field, on this very resource, and nothing else."""

    def asked(self, fake: Fake, *arguments: str, typed: str | None = None) -> dict[str, object]:
        result = fake.run(*arguments, typed=typed)
        assert result.exit_code == READY, result.output
        (write,) = fake.api.writes()
        assert write.body is not None
        assert write.body["metadata"]["uid"] == "uid-set"
        notes = dict(write.body["metadata"].get("annotations", {}))
        return notes or dict(write.body["spec"])

    def test_another_primary(self, fake: Fake) -> None:
        assert self.asked(fake, "primary", "mongo", "2") == {labels.SWITCH_TO: "mongo-2"}

    def test_another_primary_once_more(self, fake: Fake) -> None:
        set_ = fake.api.objects["MongoReplicaSet", "mongo"]
        set_["metadata"]["annotations"] = {labels.SWITCH_TO: "mongo-2"}
        asked = self.asked(fake, "primary", "mongo", "mongo-2")
        assert asked == {labels.SWITCH_TO: "mongo-2@20260101T120000Z"}

    def test_a_restart_of_all(self, fake: Fake) -> None:
        assert self.asked(fake, "restart", "mongo") == {labels.RESTART: "20260101T120000Z"}

    def test_a_pause_and_its_end(self, fake: Fake) -> None:
        assert self.asked(fake, "pause", "mongo") == {"paused": True}
        fake.api.sent.clear()
        assert self.asked(fake, "resume", "mongo") == {"paused": False}

    def test_a_copy_anew_with_the_present_id(self, fake: Fake) -> None:
        assert self.asked(fake, "resync", "mongo", "2", "-y") == {labels.RESYNC: "mongo-2/2"}

    def test_a_copy_anew_is_confirmed_first(self, fake: Fake) -> None:
        assert fake.run("resync", "mongo", "2", typed="n\n").exit_code == ERROR
        assert fake.api.writes() == []

    def test_no_copy_anew_of_the_primary(self, fake: Fake) -> None:
        result = fake.run("resync", "mongo", "0", "-y")
        assert result.exit_code == ERROR
        assert "make another member primary first" in result.stderr

    @pytest.mark.parametrize("command", ["primary", "resync", "restart"])
    def test_a_member_that_is_none(self, fake: Fake, command: str) -> None:
        result = fake.run(command, "mongo", "mongo-7")
        assert result.exit_code == ERROR
        assert "mongo-7 is no member of this set: name one of mongo-0, mongo-1" in result.stderr
        assert fake.api.writes() == []

    def test_a_restart_of_one_is_an_eviction_of_this_very_pod(self, fake: Fake) -> None:
        assert fake.run("restart", "mongo", "1").exit_code == READY
        (write,) = fake.api.writes()
        assert write.path.endswith("/pods/mongo-1/eviction")
        assert write.body is not None
        assert write.body["deleteOptions"] == {"preconditions": {"uid": "uid-pod-1"}}

    def test_a_restart_that_the_budget_does_not_allow(self, fake: Fake) -> None:
        fake.api.budget_allows = False
        result = fake.run("restart", "mongo", "1")
        assert result.exit_code == ERROR
        assert "the disruption budget does not allow it now" in result.stderr


class TestRecovery:
    """A person has to mean it, and what is written is what the status offers, word for word."""

    OFFER = "65a000000000000000000001/mongo-0/5"

    def test_is_confirmed_by_the_name_of_the_set(self) -> None:
        fake = world_of(looks.without_majority())
        result = fake.run("recover", "mongo", typed="mongo\n")
        assert result.exit_code == READY, result.output
        (write,) = fake.api.writes()
        assert write.body is not None
        assert write.body["metadata"]["annotations"] == {labels.RECOVER: self.OFFER}
        said = " ".join(result.output.split())
        assert "The data of mongo-1, mongo-2 are discarded" in said

    @pytest.mark.parametrize("typed", ["mongi\n", "yes\n", ""])
    def test_is_not_done_otherwise(self, typed: str) -> None:
        fake = world_of(looks.without_majority())
        assert fake.run("recover", "mongo", typed=typed).exit_code == ERROR
        assert fake.api.writes() == []

    def test_is_not_offered_to_a_healthy_set(self, fake: Fake) -> None:
        result = fake.run("recover", "mongo", typed="mongo\n")
        assert result.exit_code == ERROR
        assert "offers no recovery" in result.stderr


class TestConnecting:
    """No password in an argument, nor in what is printed unasked."""

    def test_shows_commands_without_a_password(self, fake: Fake) -> None:
        output = fake.run("connect", "mongo").output
        assert "kubectl --namespace default port-forward service/mongo-primary 27017" in output
        assert "mongodb://app@127.0.0.1:27017/app" in output
        assert "password-value" not in output
        assert not [each for each in fake.api.sent if each.kind.name == "Secret"]

    def test_shows_the_password_only_when_asked(self, fake: Fake) -> None:
        output = fake.run("connect", "mongo", "--show-password").output
        assert "The password of app: password-value" in output
        assert "password-value@" not in output


def test_events_are_told_oldest_first(fake: Fake) -> None:
    for number, note in enumerate(("first", "second")):
        about = {"kind": "MongoReplicaSet", "name": "mongo"}
        at = f"2026-01-01T11:0{number}:00.000000Z"
        fake.api.objects["Event", f"e{number}"] = {
            "metadata": {"name": f"e{number}"},
            "eventTime": at,
            "regarding": about,
            "reason": "Told",
            "note": note,
        }
    output = fake.run("events", "mongo").output
    assert output.index("first") < output.index("second")
    assert len(json.loads(fake.run("events", "mongo", "-o", "json").output)) == 2
    fake.api.denied = {"events"}
    assert "may not list events.events.k8s.io" in fake.run("events", "mongo").stderr


def test_the_primary_is_told(fake: Fake) -> None:
    assert fake.run("primary", "mongo").output.startswith("mongo-0, for 0s")
    lost = world_of(looks.without_majority())
    assert lost.run("primary", "mongo").exit_code == NOT_READY


def test_logs_are_read_of_the_members_that_are_named(fake: Fake) -> None:
    line = '{{"t":{{"$date":"2026-01-01T11:00:0{0}.000+00:00"}},"s":"I","c":"REPL","msg":"m{0}"}}\n'
    fake.api.logs = {f"mongo-{each}": line.format(3 - each) for each in range(3)}
    output = fake.run("logs", "mongo").output
    assert [each[-2:] for each in output.split("\n")[:3]] == ["m1", "m2", "m3"]
    assert fake.run("logs", "mongo", "-m", "1", "--raw").output == line.format(2)


def test_a_paused_set_says_so() -> None:
    desired = wanted(3, paused=True)
    fake = world_with(desired, running(desired))
    assert "the operator is paused" in " ".join(fake.run("status", "mongo").output.split())
    assert "nothing, because the set is paused" in fake.run("plan", "mongo").output


def test_the_primary_of_a_set_with_one_member_down_is_shown() -> None:
    desired = wanted(3)
    observed = running(desired, down=(2,))
    fake = world_with(desired, replace(observed))
    result = fake.run("status", "mongo")
    assert result.exit_code == NOT_READY
    assert "2 of 3 voters are in service" in result.output


def test_members_are_believed_before_an_operator_that_is_away() -> None:
    """It reported a ready set once; since then two members were lost."""
    desired = wanted(3)
    fake = world_with(desired, running(desired))
    fake.observed = running(desired, primary=None, down=(1, 2))
    result = fake.run("status", "mongo")
    assert result.exit_code == NOT_READY
    assert "is not ready: 1 of 3 members are in service" in result.output


def test_without_secrets_votes_are_shown_as_reported(fake: Fake) -> None:
    fake.api.denied = {"secrets"}
    bare = {at: replace(each, config=None, views=()) for at, each in fake.observed.answers.items()}
    fake.observed = replace(fake.observed, answers=bare)
    result = fake.run("status", "mongo")
    assert result.exit_code == READY
    assert "3 of 3 voters are in service" in result.output
    assert "may not read Secret mongo-connection, Secret mongo-keyfile" in " ".join(
        result.output.split()
    )


def test_watching_shows_screen_after_screen_until_it_is_ended(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("mongors.cli.commands.status.asyncio.sleep", sleep)
    result = fake.run("status", "mongo", "--watch")
    assert result.exit_code == READY
    assert result.output.count("mongo in default is ready") == 2


def test_logs_are_followed_and_put_in_order(fake: Fake) -> None:
    result = fake.run("logs", "mongo", "--follow")
    assert result.exit_code == READY
    told = [line.split()[-1] for line in result.output.splitlines() if "REPL" in line]
    assert told == ["m0", "m1", "m2"]
    assert result.output.count("has ended") == 3


def test_who_does_not_answer_from_here_is_named_beside_the_plan() -> None:
    desired = wanted(3)
    observed = running(desired)
    fake = world_with(desired, observed)
    answers = {at: each for at, each in observed.answers.items() if at != 2}
    fake.observed = replace(observed, answers=answers)
    result = fake.run("plan", "mongo")
    assert result.exit_code == NOT_READY
    assert "mongo-2 did not answer from here" in " ".join(result.output.split())
