"""What a watched set is judged by: each rule says something when it is broken, and only then."""

from e2e import invariants
from e2e.invariants import ALWAYS, Config, Look, Member, Round


def config(version: int, *ids: int, term: int = 1, new: tuple[int, ...] = ()) -> Config:
    members = tuple(Member(each, f"mongo-{each}.mongo.x", newly_added=each in new) for each in ids)
    return Config(term, version, "set", members)


def look(pod: int, state: str = "SECONDARY", stored: Config | None = None) -> Look:
    return Look(f"mongo-{pod}", state, 1 if state == "PRIMARY" else None, stored)


def seen(*configs: Config) -> list[Round]:
    return [Round(looks=[look(0, "PRIMARY", each), look(1), look(2)]) for each in configs]


def test_a_quiet_life_breaks_nothing() -> None:
    rounds = seen(
        config(1, 0, 1, 2), config(2, 0, 1, 2, 3, new=(3,)), config(2, 0, 1, 2, 3, term=2, new=(3,))
    )
    assert [said for each in ALWAYS for said in each(rounds)] == []


def test_two_primaries_of_one_term_are_told() -> None:
    both = [Look("a", "PRIMARY", 4), Look("b", "PRIMARY", 4)]
    assert list(invariants.one_primary([Round(looks=both)]))
    one_after_another = [Look("a", "PRIMARY", 4), Look("b", "PRIMARY", 5)]
    assert not list(invariants.one_primary([Round(looks=one_after_another)]))


def test_two_sets_are_told() -> None:
    other = Config(1, 2, "other", ())
    assert list(invariants.one_identity(seen(config(1, 0), other)))


def test_configurations_that_go_back_or_are_forced_are_told() -> None:
    assert list(invariants.configs_go_forward(seen(config(2, 0), config(1, 0))))
    assert list(invariants.configs_go_forward(seen(config(9, 0, term=-1))))
    assert not list(invariants.configs_go_forward(seen(config(9, 0), config(3, 0, term=2))))


def test_two_votes_at_once_are_told_and_newly_added_ones_do_not_count() -> None:
    assert list(invariants.one_vote_at_a_time(seen(config(1, 0), config(2, 0, 1, 2))))
    assert not list(invariants.one_vote_at_a_time(seen(config(1, 0), config(3, 0, 1, 2))))
    both_new = config(2, 0, 1, 2, new=(1, 2))
    assert not list(invariants.one_vote_at_a_time(seen(config(1, 0), both_new)))
    assert list(invariants.one_vote_at_a_time(seen(config(1, 0), config(1, 0, 1, term=2))))


def test_a_vote_that_counts_too_early_is_told() -> None:
    before, counts = config(1, 0), config(2, 0, 1)
    early = [
        Round(looks=[look(0, "PRIMARY", each), look(1, "OTHER")])
        for each in (before, counts, counts)
    ]
    assert list(invariants.votes_only_of_those_who_have_synced(early))
    assert not list(invariants.votes_only_of_those_who_have_synced(seen(before, counts, counts)))
    states = ("OTHER", "SILENT", "SILENT", "OTHER")
    silent = [
        Round(looks=[look(0, "PRIMARY", stored), look(1, state)])
        for stored, state in zip((before, counts, counts, counts), states, strict=True)
    ]
    assert list(invariants.votes_only_of_those_who_have_synced(silent))
    assert list(invariants.votes_only_of_those_who_have_synced(silent[:-1])), "its last word"
    gone = Round({"mongo-0": True}, looks=[look(0, "PRIMARY", counts)])
    served = Round(looks=[look(0, "PRIMARY", before), look(1)])
    assert not list(invariants.votes_only_of_those_who_have_synced([served, silent[1], gone]))
    assert list(invariants.votes_only_of_those_who_have_synced([silent[0], silent[1], gone]))
    never = [Round(looks=[look(0, "PRIMARY", each)]) for each in (before, counts, counts)]
    assert list(invariants.votes_only_of_those_who_have_synced(never)), "nobody ever heard it"


def test_a_lost_majority_is_told_when_it_lasts() -> None:
    alone = Round(looks=[look(0, "PRIMARY", config(1, 0, 1, 2)), look(1, "SILENT")])
    assert not list(invariants.majority_serves([alone]))
    assert list(invariants.majority_serves([alone, alone]))


def test_a_busy_member_is_not_held_to_be_gone_while_its_pod_runs() -> None:
    looks = [look(0, "PRIMARY", config(1, 0, 1, 2)), look(1, "BUSY")]
    busy, going = Round({"mongo-1": True}, looks=looks), Round({"mongo-1": False}, looks=looks)
    assert not list(invariants.majority_serves([busy, busy]))
    assert list(invariants.majority_serves([busy] * 4)), "it is frozen, or cut off"
    assert list(invariants.majority_serves([going, going]))


def test_two_voters_down_at_once_are_told_and_leaving_ones_are_not() -> None:
    ran = Round({"mongo-0": True, "mongo-1": True, "mongo-2": True})
    stored = [look(0, "PRIMARY", config(1, 0, 1, 2))]
    assert list(invariants.one_down_at_a_time([ran, Round({"mongo-0": True}, looks=stored)]))
    left = [look(0, "PRIMARY", config(3, 0))]
    assert not list(invariants.one_down_at_a_time([ran, Round({"mongo-0": True}, looks=left)]))


def test_a_claim_that_goes_or_is_made_anew_is_told() -> None:
    before = Round(claims={"data-mongo-0": "a"})
    assert list(invariants.claims_stay([before, Round()]))
    assert list(invariants.claims_stay([before, Round(claims={"data-mongo-0": "b"})]))
    assert not list(invariants.claims_stay([Round(), before]))
