from orchestrator.domain.handovers import ClosedPage, RunEnding
from orchestrator.domain.results import Outcome, VersionResult
from orchestrator.domain.run_sum import RunSum
from orchestrator.domain.runs import Action, Ending
from tests.builders import EXECUTION, FUNCTION, a_run


def test_the_sum_of_a_run_says_how_it_ended_and_what_came_of_every_version():
    page = ClosedPage(page=1, action=Action.APPROVE, approver="U1", counts="1 deleted", seconds=41)
    result = VersionResult(function_name=FUNCTION, number=1, outcome=Outcome.DELETED, monthly_usd=3.9)
    ending = RunEnding(kind=Ending.APPROVED, words="1 deleted", pages=(page,))
    summed = RunSum(run=a_run(), ended_at=9, release_id="r1", ending=ending, results=(result,))

    stored = summed.to_dict()

    assert summed.key == f"outcomes/{EXECUTION}.json"
    assert (stored["schema_version"], stored["execution"], stored["ended_at"]) == (1, EXECUTION, 9)
    assert (stored["ending"], stored["words"], stored["release_id"]) == ("approved", "1 deleted", "r1")
    assert stored["pages"] == [page.to_dict()]
    assert stored["results"] == [result.to_dict()]
