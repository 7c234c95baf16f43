"""Why versions are held or offered, in words for one person."""

from datetime import UTC, datetime

from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.versions import LastCall, Missing
from orchestrator.domain.why import why_in_words
from tests.builders import an_assessment

POLICY = Policy()


def said(*verdicts, **given):
    known = {("orders-api", number): verdict for number, verdict in verdicts}
    return why_in_words("`orders-api`", known, POLICY, **{"remembered": {}, **given}).split("\n")


def test_versions_with_the_same_words_share_a_line_newest_first():
    young = [(n, an_assessment(n, Flag.TOO_RECENT, age_days=3)) for n in (8, 9)]
    idle = [(n, an_assessment(n)) for n in (1, 2, 3)]

    assert said(*young, *idle) == [
        "*`orders-api`*, by the rules and the facts as they are now",
        "8–9: published 3 days ago; the rule is 14 · no call in 35 days",  # noqa: RUF001
        "1–3: idle: nothing calls it and nothing refers to it · no call in 35 days",  # noqa: RUF001
    ]


def test_the_last_call_is_said_once():
    at = LastCall(datetime(2026, 11, 19, tzinfo=UTC), "live")
    called = an_assessment(4, Flag.HAS_RECENT_INVOCATIONS, last_call=at)
    long_ago = an_assessment(5, Flag.TOO_RECENT, age_days=3, last_call=at)

    assert said((4, called))[1] == "4: last called 19 Nov, through `live`"
    assert said((5, long_ago))[1].endswith("last called 19 Nov")


def test_what_was_not_judged_and_not_asked_is_named():
    unread = an_assessment(4, Flag.NOT_JUDGED, missing=(Missing(Check.INVOCATIONS, "Rate exceeded"),))
    unasked = an_assessment(5, Flag.TOO_RECENT, age_days=1, not_asked=frozenset({Check.STATE, Check.INVOCATIONS}))

    assert said((4, unread))[1] == "4: not judged: Rate exceeded · calls not known"
    assert said((5, unasked))[1].endswith("calls not known · not asked: invocations, state")


def test_a_function_that_could_not_be_listed_is_not_judged():
    assert said((4, Missing(Check.LISTING, "AccessDenied")))[1] == "4: not judged: AccessDenied"


def test_what_is_remembered_stands_beside_the_rules():
    lines = said((4, an_assessment(4)), remembered={4: "kept by @approver until 14 Feb"}, left_out=3)

    assert lines[1].endswith("kept by @approver until 14 Feb")
    assert lines[2] == "3 older versions not looked at here: the CSV of a scan names all."


def test_a_version_that_is_not_there_is_said_so():
    assert said() == ["`orders-api` is not there: it has no such version with SnapStart."]
