"""What is asked, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from orchestrator.aws.errors import AWS_ERRORS, in_words

if TYPE_CHECKING:
    from live_check.scene import Scene


class Answer(Enum):
    """How a fact fared; the value is the word it is told by."""

    HOLDS = "holds"
    DOES_NOT = "DOES NOT"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer, and what was seen, or why nothing was."""

    answer: Answer
    seen: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a rule rests on, as a sentence, and how to ask AWS about it."""

    text: str
    ask: Callable[[Scene], Finding]


class CouldNotBeAskedError(Exception):
    """What a fact is about could not be seen; the message says why."""


def words_of(error: Exception) -> str:
    """Return an error in AWS's own words, under the permission's name; one of ours in its own."""
    if isinstance(error, CouldNotBeAskedError):
        return str(error)
    operation = getattr(error, "operation_name", "")
    return in_words(error, f"iam:{operation}" if "Role" in operation else None)


def judged(holds: bool, seen: str) -> Finding:  # noqa: FBT001 - the one question of it all
    """Return what was found, with what was seen."""
    return Finding(Answer.HOLDS if holds else Answer.DOES_NOT, seen)


def find_out(fact: Fact, scene: Scene) -> Finding:
    """Ask about a fact. What AWS does not answer, and what was not waited for, could not be asked."""
    try:
        return fact.ask(scene)
    except (CouldNotBeAskedError, *AWS_ERRORS) as error:
        return Finding(Answer.NOT_ASKED, words_of(error))
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        return Finding(Answer.DOES_NOT, f"an answer without what was looked for: {error!r}")
