"""AWS's own words, and which kind of no they are."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from orchestrator.aws.errors import (
    WORDS_AT_MOST,
    CallFailed,
    CredentialsError,
    credentials_problem,
    failure,
    in_words,
    is_denied,
    is_gone,
    not_judged,
)
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import Missing

URL = "https://lambda.us-west-2.amazonaws.com/"


def refused(code, message="", operation="ListFunctions"):
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "action", "words"),
    [
        (
            refused("ThrottlingException", "Rate exceeded", "GetMetricData"),
            None,
            "cloudwatch:GetMetricData ThrottlingException, Rate exceeded",
        ),
        (
            refused("TooManyRequestsException", "Rate exceeded", "ListAliases"),
            None,
            "lambda:ListAliases TooManyRequestsException, Rate exceeded",
        ),
        (refused("AccessDeniedException", "", "GetResources"), None, "tag:GetResources AccessDeniedException"),
        (refused("AccessDenied", "no\n  way", "PutObject"), None, "s3:PutObject AccessDenied, no way"),
        (
            refused("500", "Internal Server Error", "GetProducts"),
            None,
            "pricing:GetProducts 500, Internal Server Error",
        ),
        (
            EndpointConnectionError(endpoint_url=URL),
            "lambda:ListAliases",
            f'lambda:ListAliases EndpointConnectionError, Could not connect to the endpoint URL: "{URL}"',
        ),
        (NoCredentialsError(), None, "NoCredentialsError, Unable to locate credentials"),
        (ClientError({}, "GetPolicy"), None, "lambda:GetPolicy Unknown"),
    ],
)
def test_an_error_is_said_in_one_line_of_awss_own_words(error, action, words):
    assert in_words(error, action) == words


def test_a_very_long_message_is_cut():
    words = in_words(refused("ValidationException", "x" * 1000))

    assert len(words) == WORDS_AT_MOST
    assert words.startswith("lambda:ListFunctions ValidationException, xxx")
    assert words.endswith("x…")


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"])
def test_a_missing_permission_is_told_apart(code):
    assert is_denied(refused(code))
    assert not credentials_problem(refused(code))
    assert not is_gone(refused(code))


@pytest.mark.parametrize("code", ["ThrottlingException", "ExpiredTokenException", "ResourceNotFoundException"])
def test_other_refusals_are_no_missing_permission(code):
    assert not is_denied(refused(code))


@pytest.mark.parametrize(
    "error",
    [
        refused("ExpiredTokenException"),
        refused("ExpiredToken"),
        refused("UnrecognizedClientException"),
        NoCredentialsError(),
    ],
)
def test_bad_credentials_are_told_apart(error):
    assert credentials_problem(error)


@pytest.mark.parametrize("error", [ReadTimeoutError(endpoint_url=URL), ConnectTimeoutError(endpoint_url=URL)])
def test_a_timeout_is_neither_a_no_nor_a_credentials_problem(error):
    assert [is_denied(error), is_gone(error), credentials_problem(error)] == [False, False, False]


def test_what_aws_says_does_not_exist_is_gone_but_a_bare_404_is_not():
    assert is_gone(refused("ResourceNotFoundException"))
    assert not is_gone(refused("404", "Not Found"))


def test_a_failed_check_is_named_with_awss_words():
    missing = not_judged(Check.ALIASES, refused("TooManyRequestsException", "Rate exceeded"), "lambda:ListAliases")

    assert missing == Missing(Check.ALIASES, "lambda:ListAliases TooManyRequestsException, Rate exceeded")


def test_bad_credentials_end_all_checks():
    with pytest.raises(CredentialsError, match="lambda:ListAliases ExpiredTokenException") as raised:
        not_judged(Check.ALIASES, refused("ExpiredTokenException", "expired"), "lambda:ListAliases")

    assert raised.value.action == "lambda:ListAliases"


def test_a_failed_call_says_whether_a_permission_is_missing():
    denied = failure(refused("AccessDeniedException", "no"), "lambda:ListFunctions")
    throttled = failure(refused("TooManyRequestsException", "slow"), "lambda:ListFunctions")

    assert isinstance(denied, CallFailed)
    assert (denied.denied, throttled.denied) == (True, False)
    assert (denied.permanent, throttled.permanent) == (True, False)
    assert str(denied) == "lambda:ListFunctions AccessDeniedException, no"
