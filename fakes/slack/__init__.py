"""Slack on localhost: strict state, its Web API, and people who click with properly signed requests.

It is a tool beside the product and knows nothing of it; the product never imports it. README.md beside this file says
how to use it.
"""

from fakes.slack.answer import Answer
from fakes.slack.blocks import problems, view_problems
from fakes.slack.faults import ConnectionLost, Faults, Meanwhile, RateLimited, ServerError, SlackError, Slow
from fakes.slack.function_url import FunctionContext, signature, signed_event
from fakes.slack.people import Person
from fakes.slack.rates import RateLimits
from fakes.slack.server import LocalSlack
from fakes.slack.things import App, Channel, Ephemeral, Member, Message, Modal, UserGroup
from fakes.slack.web_api import NoAnswer, WebApi
from fakes.slack.workspace import Workspace

__all__ = [
    "Answer",
    "App",
    "Channel",
    "ConnectionLost",
    "Ephemeral",
    "Faults",
    "FunctionContext",
    "LocalSlack",
    "Meanwhile",
    "Member",
    "Message",
    "Modal",
    "NoAnswer",
    "Person",
    "RateLimited",
    "RateLimits",
    "ServerError",
    "SlackError",
    "Slow",
    "UserGroup",
    "WebApi",
    "Workspace",
    "problems",
    "signature",
    "signed_event",
    "view_problems",
]
