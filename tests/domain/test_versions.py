"""Facts about versions, before anything is asked."""

from __future__ import annotations

from orchestrator.domain.versions import FunctionFacts
from tests.builders import a_version, facts


def test_a_version_is_found_by_its_number():
    known = facts([3, 5])

    assert known.version(5) == a_version(5)
    assert known.version(4) is None


def test_a_version_is_called_by_function_and_number():
    assert a_version(7).label == "orders-api:7"


def test_facts_start_with_nothing_asked():
    assert FunctionFacts(name="f", versions=()) == facts([], name="f")
