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
