"""What CloudFormation makes of a template: conditions decided, references followed, absent values left out."""

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-west-2",
    "AWS::AccountId": "111122223333",
    "AWS::StackName": "cleaner",
    "AWS::URLSuffix": "amazonaws.com",
}
_ABSENT = object()


class NoManagedPolicies(ManagedPolicyLoader):
    """The templates name no managed policy, so none is asked of AWS."""

    def __init__(self) -> None:
        super().__init__(iam_client=None)

    def load(self) -> dict[str, str]:
        return {}


def translated(raw_template: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The template after SAM's transform, as CloudFormation gets it, conditions still open."""
    template = copy.deepcopy(dict(raw_template))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # What `sam deploy` writes there after the upload.
            resource["Properties"]["CodeUri"] = "s3://uploads/bundle"
    return transform(template, dict(values), NoManagedPolicies())


def resources(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The resources CloudFormation would make with these parameters, by logical id; the others have their defaults."""
    return _Stack(template, given).resources()


def outputs(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The outputs of a stack with these parameters."""
    return _Stack(template, given).outputs()


class _Stack:
    def __init__(self, template: Mapping[str, Any], given: Mapping[str, str]) -> None:
        self._template = template
        self._parameters = {
            name: _value(parameter, given.get(name, parameter.get("Default")))
            for name, parameter in template.get("Parameters", {}).items()
        }
        assert not given.keys() - self._parameters.keys(), "a parameter that the template does not have"
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._named,
            "Fn::Sub": self._sub,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Split": self._split,
            "Fn::Select": self._select,
            "Fn::FindInMap": self._find_in_map,
        }

    def resources(self) -> dict[str, dict[str, Any]]:
        made = {}
        for name, resource in self._template["Resources"].items():
            if self._exists(resource):
                made[name] = {key: self._of(value) for key, value in resource.items() if key != "Condition"}
        return made

    def outputs(self) -> dict[str, Any]:
        return {name: self._of(output["Value"]) for name, output in self._template["Outputs"].items()}

    def _holds(self, condition: Any) -> bool:
        match condition:
            case {"Condition": str(name)}:
                return self._holds(self._template["Conditions"][name])
            case {"Fn::Equals": [one, other]}:
                return str(self._of(one)) == str(self._of(other))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::And": list(inner)}:
                return all(self._holds(it) for it in inner)
            case {"Fn::Or": list(inner)}:
                return any(self._holds(it) for it in inner)
        raise AssertionError(f"a condition this reader does not know: {condition}")

    def _of(self, value: Any) -> Any:
        match value:
            case dict() if len(value) == 1 and next(iter(value)) in self._functions:
                ((function, argument),) = value.items()
                return self._functions[function](argument)
            case dict():
                inner = {key: self._of(it) for key, it in value.items()}
                return {key: it for key, it in inner.items() if it is not _ABSENT}
            case list():
                return [it for it in map(self._of, value) if it is not _ABSENT]
        return value

    def _sub(self, argument: Any) -> str:
        text, names = (argument, {}) if isinstance(argument, str) else argument
        return self._filled(text, {name: self._of(it) for name, it in names.items()})

    def _get_att(self, argument: Any) -> str:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._attribute(name, attribute)

    def _if(self, argument: Any) -> Any:
        condition, yes, no = argument
        return self._of(yes if self._holds({"Condition": condition}) else no)

    def _join(self, argument: Any) -> str:
        separator, parts = argument
        return str(separator).join(self._of(parts))

    def _split(self, argument: Any) -> list[str]:
        separator, text = argument
        return str(self._of(text)).split(separator)

    def _select(self, argument: Any) -> Any:
        index, parts = argument
        return self._of(parts)[int(index)]

    def _find_in_map(self, argument: Any) -> Any:
        mapping, first, second = argument
        return self._template["Mappings"][mapping][self._of(first)][self._of(second)]

    def _filled(self, text: str, names: Mapping[str, Any]) -> str:
        def real(found: re.Match[str]) -> str:
            name = found[1]
            if name in names:
                return str(names[name])
            return str(self._attribute(*name.split(".", 1)) if "." in name else self._named(name))

        return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", real, text)

    def _named(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _ABSENT
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self._parameters:
            return self._parameters[name]
        self._made(name)
        return name.lower()

    def _attribute(self, name: str, attribute: str) -> str:
        resource = self._made(name)
        if attribute == "Arn" and resource["Type"] == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{name.lower()}"
        return f"{name.lower()}.{attribute}"

    def _made(self, name: str) -> dict[str, Any]:
        resource: dict[str, Any] = self._template["Resources"][name]
        assert self._exists(resource), f"{name} is referred to and not made"
        return resource

    def _exists(self, resource: Mapping[str, Any]) -> bool:
        return "Condition" not in resource or self._holds({"Condition": resource["Condition"]})


def _value(parameter: Mapping[str, Any], given: Any) -> Any:
    assert given is not None, f"a parameter without a value: {parameter['Description']}"
    return str(given).split(",") if parameter["Type"] == "CommaDelimitedList" else str(given)
