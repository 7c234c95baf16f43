"""Who owns what is offered."""

from orchestrator.domain.owners import GROUPS_NAMED, owners_of
from tests.builders import a_candidate

GROUPS = {"payments": "S0PAY", "search": "S0SEARCH"}


def test_each_owner_is_named_once_dearest_first_with_their_own_versions():
    offered = [
        a_candidate(1, function_name="checkout", monthly_usd=3.9),
        a_candidate(1, function_name="catalog", monthly_usd=7.8),
        a_candidate(2, function_name="catalog", monthly_usd=7.8),
    ]
    owners = owners_of(offered, {"checkout": "payments", "catalog": "search"}, GROUPS)

    assert [(one.group, len(one.candidates), one.monthly_usd) for one in owners.named] == [
        ("S0SEARCH", 2, 15.6),
        ("S0PAY", 1, 3.9),
    ]
    assert (owners.more, owners.nobody) == (0, 0)


def test_a_function_without_the_tag_or_with_an_unknown_value_has_no_owner():
    offered = [a_candidate(1, function_name="untagged"), a_candidate(1, function_name="strange")]
    owners = owners_of(offered, {"strange": "somebody"}, GROUPS)

    assert owners.named == ()
    assert owners.nobody == 2


def test_no_more_than_five_groups_are_named_and_the_rest_is_counted():
    many = {f"team-{n}": f"S0TEAM{n}" for n in range(7)}
    offered = [a_candidate(1, function_name=name, monthly_usd=n) for n, name in enumerate(many)]
    owners = owners_of(offered, {name: name for name in many}, many)

    assert [one.value for one in owners.named] == [f"team-{n}" for n in (6, 5, 4, 3, 2)]
    assert len(owners.named) == GROUPS_NAMED
    assert owners.more == 2
