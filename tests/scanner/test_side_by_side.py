"""What is asked side by side: the next while one is worked on, and nothing more once all is lost."""

from __future__ import annotations

import pytest

from orchestrator.aws.errors import CredentialsError
from orchestrator.domain.slices import Asking, Found, Listing
from orchestrator.scanner.parts import PartSize
from tests.executors import OneAfterTheOther
from tests.scanner.scanning import a_scanner, asked_region


class Watched(OneAfterTheOther):
    """Remembers whether it was told to drop what it had not begun."""

    dropped = False

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        type(self).dropped |= cancel_futures
        super().shutdown(wait, cancel_futures=cancel_futures)


PART_FUNCTIONS = 5
SMALL = PartSize(functions=PART_FUNCTIONS)


@pytest.fixture
def many_small_functions(cloud):
    for index in range(PART_FUNCTIONS + 1):
        cloud.function(f"small-{index:03}").publish(4, age_days=40).invoked()
    return cloud


def in_parts(scanner) -> Found:
    """List the region and cut it into parts."""
    assert scanner.discover(Listing(), 1).marker is None
    return asked_region(scanner)


def test_a_part_holds_so_many_functions_to_ask_about_however_few_versions_they_have(many_small_functions, tmp_path):
    assert in_parts(a_scanner(many_small_functions, tmp_path, part_size=SMALL)).fleet.parts == 2


def test_functions_nobody_asks_about_do_not_fill_a_part(cloud, tmp_path):
    for index in range(PART_FUNCTIONS + 1):
        cloud.function(f"young-{index:03}").publish(1, age_days=1)

    assert in_parts(a_scanner(cloud, tmp_path, part_size=SMALL)).fleet.parts == 1


def test_the_first_part_is_asked_about_while_cloudtrail_is_read(many_small_functions, tmp_path):
    in_parts(a_scanner(many_small_functions, tmp_path, part_size=SMALL))

    assert many_small_functions.calls["ListAliases"] == PART_FUNCTIONS


def test_the_next_part_is_asked_about_before_the_metrics_of_one_are_complete(many_small_functions, tmp_path):
    scanner = a_scanner(many_small_functions, tmp_path, part_size=SMALL)
    found = in_parts(scanner)
    many_small_functions.calls.reset()

    told = scanner.stage_b(found, Asking())

    asked = [call.operation for call in many_small_functions.calls.recent]
    last_alias = max(index for index, operation in enumerate(asked) if operation == "ListAliases")
    assert told.part == 3
    assert many_small_functions.calls["ListAliases"] == 1
    assert asked.index("GetMetricData") > last_alias


def test_the_next_page_is_asked_for_before_one_is_written_down(cloud, tmp_path):
    cloud.function("large").publish(120, age_days=40)
    seen = []
    scanner = a_scanner(cloud, tmp_path, progress=lambda *_: seen.append(cloud.calls["ListFunctions"]))

    scanner.discover(Listing(), 1)

    assert seen == [0, 2, 3, 3]


def test_a_slice_that_ends_asks_for_no_further_page(cloud, tmp_path):
    cloud.function("large").publish(120, age_days=40)
    moments = iter([0.0, 1_000.0])

    slice_ = a_scanner(cloud, tmp_path, stopwatch=lambda: next(moments)).discover(Listing(), 1)

    assert slice_.marker is not None
    assert cloud.calls["ListFunctions"] == 1


def test_what_was_not_begun_is_dropped_once_nothing_can_be_judged_any_more(cloud, tmp_path):
    cloud.function("orders").publish(10, age_days=40)
    scanner = a_scanner(cloud, tmp_path, workers=Watched)
    scanner.discover(Listing(), 1)
    assert not Watched.dropped
    cloud.faults.refuse("ListAliases", "ExpiredTokenException", "The security token is expired")

    with pytest.raises(CredentialsError):
        asked_region(scanner)

    assert Watched.dropped
