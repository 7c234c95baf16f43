"""Facts as plain dicts and back, for the hand-offs between steps. Both halves of one contract, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from orchestrator.domain.days import iso
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import (
    Alias,
    CallHistory,
    Confirmation,
    FunctionFacts,
    KeepTag,
    LastCall,
    LiveLately,
    Missing,
    Stack,
    State,
    Unattributed,
    Usage,
    Version,
)

T = TypeVar("T")
Json = dict[str, Any]


def _exactly(moment: datetime | None) -> str | None:
    """The moment with its fractions of a second: cut off, they would make a version older than it is."""
    return None if moment is None else moment.isoformat()


def moment(text: str | None) -> datetime | None:
    """The moment an ISO 8601 text names, or None."""
    return None if text is None else datetime.fromisoformat(text)


def encode_asked(value: Any, encode: Callable[[Any], Any]) -> Any:
    """An answer, a failed check or one that was not asked, told apart."""
    if isinstance(value, Missing):
        return {"missing": [value.check.value, value.words]}
    return None if value is None else {"is": encode(value)}


def decode_asked(value: Any, decode: Callable[[Any], T]) -> T | Missing | None:
    """What was asked, or not, of what `encode_asked` wrote."""
    return None if value is None else decode_answer(value, decode)


def decode_answer(value: Any, decode: Callable[[Any], T]) -> T | Missing:
    """What was asked, of what `encode_asked` wrote."""
    if "missing" in value:
        check, words = value["missing"]
        return Missing(Check(check), words)
    return decode(value["is"])


def version_to_dict(version: Version) -> Json:
    """One version as a dict."""
    return {
        "fn": version.function_name,
        "n": version.number,
        "arn": version.arn,
        "runtime": version.runtime,
        "arch": version.architecture,
        "mb": version.memory_mb,
        "package": version.package_type,
        "modified": _exactly(version.last_modified),
        "optimization": version.optimization_status,
        "durable": version.durable,
        "description": version.description,
        "sha256": version.code_sha256,
    }


def version_from_dict(data: Mapping[str, Any]) -> Version:
    """The version of a dict."""
    return Version(
        function_name=data["fn"],
        number=data["n"],
        arn=data["arn"],
        runtime=data["runtime"],
        architecture=data["arch"],
        memory_mb=data["mb"],
        package_type=data["package"],
        last_modified=moment(data["modified"]),
        optimization_status=data["optimization"],
        durable=data["durable"],
        description=data.get("description", ""),
        code_sha256=data.get("sha256", ""),
    )


def facts_to_dict(facts: FunctionFacts) -> Json:
    """All that is known of one function, as a dict."""
    return {
        "name": facts.name,
        "versions": [version_to_dict(version) for version in facts.versions],
        "others": list(facts.other_numbers),
        "aliases": encode_asked(facts.aliases, lambda aliases: [alias_to_dict(alias) for alias in aliases]),
        "usage": encode_asked(facts.usage, _usage_to_dict),
        "event_sources": encode_asked(facts.event_sources, sorted),
        "keep_tag": encode_asked(facts.keep_tag, lambda tag: {"value": tag.value}),
        "live_lately": encode_asked(facts.live_lately, lambda live: [sorted(live.versions), list(live.unknown)]),
        "stack": encode_asked(facts.stack, lambda stack: [stack.name, stack.status]),
        "confirmation": confirmation_to_dict(facts.confirmation),
    }


def facts_from_dict(data: Mapping[str, Any]) -> FunctionFacts:
    """The facts of a dict."""
    return FunctionFacts(
        name=data["name"],
        versions=tuple(version_from_dict(version) for version in data["versions"]),
        other_numbers=tuple(data["others"]),
        aliases=decode_asked(data["aliases"], lambda aliases: tuple(alias_from_dict(alias) for alias in aliases)),
        usage=decode_asked(data["usage"], _usage_from_dict),
        event_sources=decode_asked(data["event_sources"], frozenset),
        keep_tag=decode_asked(data["keep_tag"], lambda tag: KeepTag(tag["value"])),
        live_lately=decode_asked(data.get("live_lately"), _live_lately_from_list),
        stack=decode_asked(data.get("stack"), lambda stack: Stack(*stack)),
        confirmation=confirmation_from_dict(data["confirmation"]),
    )


def alias_to_dict(alias: Alias) -> Json:
    """One alias as a dict."""
    return {"name": alias.name, "version": alias.version, "weights": [list(weight) for weight in alias.weights]}


def alias_from_dict(data: Mapping[str, Any]) -> Alias:
    """The alias of a dict."""
    return Alias(
        name=data["name"],
        version=data["version"],
        weights=tuple((number, weight) for number, weight in data["weights"]),
    )


def _live_lately_from_list(data: list[Any]) -> LiveLately:
    versions, unknown = data
    return LiveLately(frozenset(versions), tuple(unknown))


def _usage_to_dict(usage: Usage) -> Json:
    return {
        "asked": sorted(usage.asked),
        "calls": {str(number): [iso(call.at), call.through] for number, call in usage.calls.items()},
        "unreadable": {str(number): [m.check.value, m.words] for number, m in usage.unreadable.items()},
        "function_last": iso(usage.function_last),
        "qualified_last": iso(usage.qualified_last),
        "unattributed": [[one.alias, iso(one.start), iso(one.end)] for one in usage.unattributed],
        "unexplained": encode_asked(usage.unexplained, iso),
    }


def _usage_from_dict(data: Mapping[str, Any]) -> Usage:
    return Usage(
        asked=frozenset(data["asked"]),
        calls={
            int(number): LastCall(datetime.fromisoformat(at), through)
            for number, (at, through) in data["calls"].items()
        },
        unreadable={int(number): Missing(Check(check), words) for number, (check, words) in data["unreadable"].items()},
        function_last=moment(data["function_last"]),
        qualified_last=moment(data["qualified_last"]),
        unattributed=tuple(
            Unattributed(alias, datetime.fromisoformat(start), datetime.fromisoformat(end))
            for alias, start, end in data.get("unattributed", ())
        ),
        unexplained=decode_asked(data["unexplained"], datetime.fromisoformat),
    )


def confirmation_to_dict(confirmation: Confirmation) -> Json:
    """What was asked last of one function's versions, as a dict."""
    return {
        "states": {
            str(number): encode_asked(state, lambda s: [s.name, s.reason_code, s.durable])
            for number, state in confirmation.states.items()
        },
        "policies": {str(number): encode_asked(named, bool) for number, named in confirmation.policies.items()},
        "executions": {str(number): encode_asked(runs, bool) for number, runs in confirmation.executions.items()},
        "histories": {
            str(number): encode_asked(history, _history_to_list) for number, history in confirmation.histories.items()
        },
    }


def confirmation_from_dict(data: Mapping[str, Any]) -> Confirmation:
    """The confirmation of a dict."""
    return Confirmation(
        states=_answers(data["states"], lambda state: State(*state)),
        policies=_answers(data["policies"], bool),
        executions=_answers(data["executions"], bool),
        histories=_answers(data.get("histories", {}), _history_from_list),
    )


def _history_to_list(history: CallHistory) -> list[Any]:
    return [history.last_day and history.last_day.isoformat(), history.in_spells]


def _history_from_list(data: list[Any]) -> CallHistory:
    last_day, in_spells = data
    return CallHistory(last_day and date.fromisoformat(last_day), in_spells)


def _answers(data: Mapping[str, Any], decode: Callable[[Any], T]) -> dict[int, T | Missing]:
    answers = ((int(number), decode_asked(value, decode)) for number, value in data.items())
    return {number: answer for number, answer in answers if answer is not None}
