"""AWS's bill beside a scan, and the receipt of what was saved: asked for where the stack says so, once a day."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fakes.aws import Cloud
from fakes.slack import team
from fakes.slack.faults import SlackError
from orchestrator.domain.ledger import LedgerLine, to_jsonl
from tests.harness import BUCKET, Harness
from tests.memories import a_ledger_line
from tests.workflow.conftest import SetStage, weekly
from tests.workflow.fleets import a_function, nothing_idle, two_functions
from tests.workflow.seen import ended, headline, said_once, told
from tests.workflow.test_sweep import ACCOUNTS, MEMBER, MONDAY, OWN, idle_in_both

ON = {"BILL_CHECK": "on"}


def two_old_functions(cloud: Cloud) -> None:
    """The two functions and their versions, published so long ago that every settled day shows them."""
    two_functions(cloud)
    for function in cloud.functions.values():
        for version in function.versions.values():
            version.last_modified = "2026-07-01T00:00:00.000+0000"


def an_image(cloud: Cloud) -> None:
    """Versions of a container image that are not Active any more, which no listing tells."""
    a_function(cloud, "orders-api", idle=3)
    a_function(cloud, "thumbs", idle=0, package_type="Image")
    for version in cloud.functions["thumbs"].versions.values():
        version.state = "Inactive"


def about_the_bill(play: Harness) -> list[str]:
    return [reply for reply in told(play) if "bill" in reply.lower()]


def refused_by_slack(play: Harness, words: str) -> None:
    """Let Slack take no message with these words."""
    play.slack.faults.add("chat.postMessage", SlackError("channel_not_found"), when=lambda given: words in str(given))


def asked(play: Harness) -> int:
    return play.cloud.calls["GetCostAndUsage"]


# At a scan


def test_a_scan_says_how_aws_bill_compares_with_what_it_counts(set_stage: SetStage) -> None:
    play = set_stage(two_old_functions, **ON)
    arn = play.scan()

    (line,) = about_the_bill(play)
    assert line == "AWS billed 13.0 GB of snapshots on 17 Nov; this scan counts 13.0 for that day."
    assert asked(play) == 1
    play.somebody(team.APPROVER).presses(play.root, "reject")
    play.result(arn)
    said_once(play)


def test_more_than_a_tenth_apart_is_said_with_the_likely_reasons(set_stage: SetStage) -> None:
    play = set_stage(an_image, **ON)
    play.scan()

    (line,) = about_the_bill(play)
    assert line.startswith("AWS billed 9.0 GB of snapshots on 17 Nov; this scan counts 13.5 for that day.")
    assert "4.5 GB are container images" in line


def test_a_scan_without_anything_to_ask_says_it_too(set_stage: SetStage) -> None:
    play = set_stage(nothing_idle, **ON)
    arn = play.starts({"requested_by": team.ASKER})
    play.result(arn)

    assert len(about_the_bill(play)) == 1
    assert receipts(play) == [], "what somebody asked for is not the month's receipt"


def test_a_scan_of_a_prefix_says_nothing_of_the_bill(set_stage: SetStage) -> None:
    play = set_stage(two_functions, **ON)
    play.scan(function_name_prefix="orders")

    assert about_the_bill(play) == []
    assert asked(play) == 0
    assert play.keys("bill/") == []


def test_the_bill_is_off_unless_the_stack_asks_for_it(play: Harness) -> None:
    play.scan()

    assert about_the_bill(play) == []
    assert asked(play) == 0


def test_a_bill_that_is_denied_is_said_and_stops_nothing(set_stage: SetStage) -> None:
    play = set_stage(two_functions, **ON)
    play.cloud.faults.deny("GetCostAndUsage")
    arn = play.scan()

    (line,) = about_the_bill(play)
    assert line.startswith("The bill is not checked: ce:GetCostAndUsage AccessDeniedException")
    play.somebody(team.APPROVER).presses(play.root, "approve")
    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


def test_records_that_cannot_be_read_leave_the_bill_unchecked(set_stage: SetStage) -> None:
    play = set_stage(two_functions, **ON)
    play.cloud.faults.deny("GetObject", where=lambda given: "inventory/111122223333" in str(given))
    play.scan()

    (line,) = about_the_bill(play)
    assert line.startswith("The bill is not checked: s3:GetObject")


def test_a_line_that_slack_does_not_take_stops_nothing(set_stage: SetStage) -> None:
    play = set_stage(nothing_idle, **ON)
    refused_by_slack(play, "AWS billed")
    arn = play.starts({"requested_by": team.ASKER})

    ended(play, arn, as_="nothing_to_do", in_words="nothing to clean, 3 versions")
    assert about_the_bill(play) == []


# The receipt


def written(play: Harness, *lines: LedgerLine) -> None:
    """Let the ledger hold these lines."""
    body = to_jsonl(lines).encode()
    play.cloud.client("s3").put_object(Bucket=BUCKET, Key="ledger/2026-10/earlier.jsonl", Body=body)


def deleted_in_october(cloud: Cloud) -> Callable[[Harness], None]:
    """Two versions of `orders-api` that went on 12 October."""
    two_old_functions(cloud)
    at = cloud.clock()
    cloud.clock = lambda: at - timedelta(days=39)
    for number in (1, 2):
        cloud.functions["orders-api"].remove(number)
    cloud.clock = lambda: at
    return lambda play: written(
        play, *(a_ledger_line(n, when=at - timedelta(days=39), gb=1.5, monthly_usd=5.85) for n in (1, 2))
    )


def saved(play: Harness, **request: Any) -> Any:
    arn = play.starts({"kind": "saved", "requested_by": team.ASKER, **request})
    return play.result(arn)


def with_deletes(set_stage: SetStage, **settings: str) -> Harness:
    write: list[Callable[[Harness], None]] = []
    play = set_stage(lambda cloud: write.append(deleted_in_october(cloud)), **settings)
    write[0](play)
    return play


def test_saved_tells_what_the_bill_shows_and_what_the_ledger_says(set_stage: SetStage) -> None:
    play = with_deletes(set_stage, **ON)
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "reject")
    play.result(arn)
    result = saved(play)

    assert result.status.value == "SUCCEEDED"
    assert headline(play) == "AWS's bill: 13.0 → 10.0 GB of snapshots, $11.70 a month less"
    assert "13.0 → 10.0 GB. Deleted 3.0, published 0.0, unexplained 0.0." in play.root.text
    assert (
        "2 versions deleted, 3.00 GB, about $11.70 a month at list price. Approved by approver (1)." in play.root.text
    )
    assert asked(play) == 1
    said_once(play)


def test_saved_without_the_bill_tells_the_ledger_and_says_so_and_what_is_damaged_is_left_out(
    set_stage: SetStage,
) -> None:
    play = with_deletes(set_stage)
    s3, of_another_release = play.cloud.client("s3"), json.dumps({"schema_version": 99}).encode()
    s3.put_object(Bucket=BUCKET, Key="ledger/2026-11/damaged.jsonl", Body=b"{}\n\xff\n")
    s3.put_object(Bucket=BUCKET, Key="bill/inventory/1/us-west-2.json", Body=of_another_release)

    assert saved(play).status.value == "SUCCEEDED"
    assert headline(play) == "What was saved: the bill is not checked"
    assert "BILL_CHECK is off" in play.root.text
    assert "2 versions deleted" in play.root.text


def called_past_its_versions(cloud: Cloud) -> None:
    """A function that deploys every day, and whose every call goes to `$LATEST`."""
    function = cloud.function("orders-api", memory_mb=1024).publish(20, age_days=1, apart=timedelta(days=1))
    function.invoked(every=timedelta(hours=1), count=3)


def test_saved_names_what_piles_up_and_what_serves_nothing_with_the_way_to_stop_it(set_stage: SetStage) -> None:
    play = set_stage(called_past_its_versions)
    play.scan()
    saved(play)

    assert "`orders-api` us-west-2: 20 versions a month, each month $78.00 more" in play.root.text
    assert "SnapStart serves nothing here: every call went to `$LATEST`" in play.root.text
    assert "`orders-api` us-west-2: 20 versions, $78.00 a month" in play.root.text
    assert "prune when deploying, and keep 3" in play.root.text


def test_a_request_that_cannot_be_used_is_refused_in_words(play: Harness) -> None:
    result = saved(play, regoin="us-west-2")

    assert result.status.value == "SUCCEEDED"
    assert "`regoin` is not a field" in play.root.text


def test_a_receipt_that_cannot_be_told_says_why(set_stage: SetStage) -> None:
    play = with_deletes(set_stage)
    play.cloud.faults.deny("GetObject", where=lambda given: "ledger" in str(given))
    result = saved(play)

    assert result.status.value == "FAILED"
    assert headline(play) == "What was saved cannot be told"
    assert "AccessDenied" in play.root.text


# Once a month


def receipts(play: Harness) -> list[str]:
    return [root.text for root in play.roots if "Posted once a month" in root.text]


def test_the_months_first_scheduled_run_posts_a_receipt_also_without_news(set_stage: SetStage) -> None:
    play = set_stage(nothing_idle, **ON)
    for occasion in ("one", "two"):
        play.result(weekly(play, occasion))
    assert len(receipts(play)) == 1

    play.clock.passes(days=14)
    play.result(weekly(play, "three"))
    assert len(receipts(play)) == 2
    said_once(play)


def test_a_month_that_begins_with_a_question_still_open_has_its_receipt_too(set_stage: SetStage) -> None:
    play = set_stage(two_functions, **ON, APPROVAL_TIMEOUT_SECONDS="2000000")
    play.until_asked(weekly(play, "in November"))
    assert len(receipts(play)) == 1

    play.clock.passes(days=14)
    play.result(weekly(play, "in December"))
    assert len(receipts(play)) == 2
    said_once(play)


def test_without_the_bill_no_receipt_comes_by_itself(set_stage: SetStage) -> None:
    play = set_stage(nothing_idle)
    play.result(weekly(play))

    assert play.roots == []


def test_a_receipt_that_cannot_be_posted_stops_no_run(set_stage: SetStage) -> None:
    play = set_stage(nothing_idle, **ON)
    refused_by_slack(play, "Posted once a month")
    arn = weekly(play)

    ended(play, arn, as_="nothing_to_do", in_words="nothing to clean, 3 versions")


# In a sweep


def the_bill_of_two_accounts(cloud: Cloud) -> None:
    """Idle versions in two accounts, and a bill that shows both."""
    idle_in_both(cloud)
    cloud.billing.linked.append(cloud.member(MEMBER))


def test_a_sweep_asks_for_one_page_and_posts_one_receipt_of_all_its_accounts(set_stage: SetStage) -> None:
    play = set_stage(the_bill_of_two_accounts, **ACCOUNTS, **ON)
    play.result(play.starts(MONDAY))

    assert asked(play) == 1
    (receipt,) = receipts(play)
    assert f"payments ({OWN}): " in receipt
    assert f"search ({MEMBER}): " in receipt
    assert "is still on its way" not in str([reply.text for reply in play.workspace.messages(team.REVIEW)])
    said_once(play)
