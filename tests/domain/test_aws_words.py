"""What AWS says in its own codes is said to people in sentences."""

from __future__ import annotations

import pytest

from orchestrator.domain.aws_words import DETAIL_AT_MOST, plainly


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (
            "cloudwatch:GetMetricData ThrottlingException, Rate exceeded",
            "CloudWatch was busy (GetMetricData: Rate exceeded)",
        ),
        ("cloudwatch:GetMetricData InternalError, Rate exceeded", "CloudWatch was busy (GetMetricData: Rate exceeded)"),
        ("s3:PutObject SlowDown", "S3 was busy (PutObject: SlowDown)"),
        (
            "lambda:ListAliases AccessDeniedException, User: arn is not authorized to perform: lambda:ListAliases",
            "the role may not call lambda:ListAliases (AccessDeniedException)",
        ),
        (
            "lambda:DeleteFunction ServiceException, AWS broke.",
            "Lambda had a problem of its own (DeleteFunction: AWS broke)",
        ),
        ("ce:GetCostAndUsage 503", "Cost Explorer had a problem of its own (GetCostAndUsage: 503)"),
        (
            "cloudtrail:LookupEvents ReadTimeoutError, Read timeout on endpoint",
            "CloudTrail could not be reached (LookupEvents: ReadTimeoutError)",
        ),
        (
            "lambda:DeleteFunction ResourceConflictException, An alias points to it.",
            "Lambda refused DeleteFunction (ResourceConflictException: An alias points to it)",
        ),
        ("kms:Decrypt DisabledException", "kms refused Decrypt (DisabledException)"),
    ],
)
def test_a_raw_error_becomes_a_sentence(raw, sentence):
    assert plainly(raw) == sentence


def test_every_error_in_the_words_becomes_one_and_the_rest_stays():
    words = "not checked again: lambda:ListAliases TooManyRequestsException, Rate exceeded; tag:GetResources 500"

    assert plainly(words) == (
        "not checked again: Lambda was busy (ListAliases: Rate exceeded); "
        "the tagging service had a problem of its own (GetResources: 500)"
    )


@pytest.mark.parametrize("words", ["", "alias `live` points to it now", "Slack: channel_not_found", "arn:aws:lambda:x"])
def test_words_that_hold_no_raw_error_stay_as_they_are(words):
    assert plainly(words) == words


def test_long_words_of_aws_are_cut():
    told = plainly(f"lambda:ListAliases ServiceException, {'x' * 500}")

    assert len(told) < DETAIL_AT_MOST + 60
    assert told.endswith("…)")


def test_what_denies_a_call_beside_the_roles_own_policy_is_said_in_awss_words():
    denied = "with an explicit deny in a service control policy"
    raw = f"lambda:DeleteFunction AccessDeniedException, User: x is not authorized {denied}"

    assert plainly(raw) == f"the role may not call lambda:DeleteFunction (AccessDeniedException, {denied})"
