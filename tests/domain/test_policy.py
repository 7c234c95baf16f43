from orchestrator.domain.policy import Policy


def test_the_policy_is_the_stacks_defaults_until_told_otherwise():
    assert Policy() == Policy(
        min_age_days=14,
        keep_last_n=3,
        lookback_days=35,
        period_seconds=3600,
        function_activity="attributed",
        function_name_prefix=None,
        max_deletions=200,
    )


def test_a_recorded_policy_is_read_without_what_another_release_added():
    assert Policy.from_dict({"min_age_days": 30, "of_tomorrow": 1}) == Policy(min_age_days=30)
