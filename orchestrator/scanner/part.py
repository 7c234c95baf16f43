"""One part of stage B while it is being asked about: it can stop anywhere, and continue in the next slice."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from orchestrator.aws.clients import Clients
from orchestrator.aws.usage import UsageReader
from orchestrator.domain.versions import FunctionFacts
from orchestrator.scanner.callers import Callers
from orchestrator.scanner.facts import InQuestion, attached, usage_question
from orchestrator.scanner.region import References

Json = dict[str, Any]


@dataclass(slots=True)
class Part:
    """The functions of one part. First each is asked for the names it is called by, then CloudWatch for all of them."""

    functions: Sequence[FunctionFacts]
    asked: Sequence[InQuestion]
    """Those of which a version is in question."""
    callers: list[Callers] = field(default_factory=list)
    """What is known so far, in the order of `asked`."""
    usage_so_far: Json | None = None
    _coming: deque[Future[Callers]] = field(default_factory=deque)
    _reader: UsageReader | None = None

    @property
    def versions(self) -> int:
        """How many versions are asked about."""
        return sum(len(numbers) for _, numbers in self.asked)

    @property
    def looked_at(self) -> int:
        """How many of them belong to functions whose names are known."""
        return sum(len(numbers) for _, numbers in self.asked[: len(self.callers)])

    def begin(self, callers_of: Callable[[str], Callers], pool: Executor) -> None:
        """Let workers ask for the names that are not known yet, in the background."""
        rest = self.asked[len(self.callers) :]
        self._coming.extend(pool.submit(callers_of, facts.name) for facts, _ in rest)

    def hear_callers(self, go_on: Callable[[], bool], looked_at: Callable[[int], None]) -> bool:
        """Wait for the names; return False when `go_on` ended it before all were known.

        `looked_at` is told, again and again, how many versions have been looked at.
        """
        looked_at(versions := self.looked_at)
        while self._coming:
            self.callers.append(self._coming.popleft().result())
            versions += len(self.asked[len(self.callers) - 1][1])
            looked_at(versions)
            if self._coming and not go_on():
                return False
        return True

    def read_usage(self, clients: Clients, references: References, pool: Executor, go_on: Callable[[], bool]) -> bool:
        """Read how the functions were used; return False when `go_on` ended it before everything was read."""
        questions = [usage_question(*asked, one) for asked, one in zip(self.asked, self.callers, strict=True)]
        reader = UsageReader.of(questions, references.window)
        self._reader = reader if self.usage_so_far is None else reader.resume(self.usage_so_far)
        return self._reader.read(clients.cloudwatch, pool, go_on)

    def attached(self, references: References) -> Iterator[FunctionFacts]:
        """The functions of the part, with aliases and usage where they were asked."""
        used = self._reader.usage() if self._reader else {}
        known = {
            facts.name: attached(facts, one, used[facts.name], references)
            for (facts, _), one in zip(self.asked, self.callers, strict=True)
        }
        for facts in self.functions:
            yield known.get(facts.name, facts)

    def stop(self) -> Json:
        """Begin no further call, and wait for those under way. Returns what is known, to continue from."""
        waiting = [future for future in self._coming if not future.cancel()]
        self.callers += [future.result() for future in waiting]
        self._coming.clear()
        so_far = self._reader.to_dict() if self._reader else self.usage_so_far
        return {"callers": [one.to_dict() for one in self.callers], "usage": so_far}

    def resume(self, data: Mapping[str, Any]) -> None:
        """Continue from what was known."""
        self.callers = [Callers.from_dict(one) for one in data["callers"]]
        self.usage_so_far = data["usage"]
