"""The answer to *Why held?*: a modal that names the reasons, function by function."""

from __future__ import annotations

from orchestrator.domain.aws_words import plainly
from orchestrator.domain.runs import Held
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import Json, context, divider, plain, section, titled
from orchestrator.slack.message.text import escape

FUNCTIONS_SHOWN = 40


def why_held(held: Held) -> Json:
    """The modal's view; the CSV names every version."""
    blocks = [section(_totals(held))]
    if held.not_judged_lines:
        blocks += titled(
            f"*Not judged ({held.not_judged:,})*", [escape(plainly(line)) for line in held.not_judged_lines], "\n"
        )
    if held.totals:
        blocks.append(section(f"*Reasons* {escape(held.totals)}"))
    shown = held.functions[:FUNCTIONS_SHOWN]
    if shown:
        blocks.append(divider())
    blocks += [
        section(f"*{escape(name)}* {number:,} held\n{escape(' · '.join(lines))}") for name, number, lines in shown
    ]
    more = held.functions_more + len(held.functions) - len(shown)
    csv = "Every version with its reasons: CSV in the thread."
    blocks.append(context(f"And {count(more, 'more function')}. {csv}" if more else csv))
    return {"type": "modal", "title": plain("Why held"), "close": plain("Close"), "blocks": blocks}


def _totals(held: Held) -> str:
    several = " One version can have several reasons." if held.held else ""
    unjudged = f", {held.not_judged:,} could not be judged" if held.not_judged else ""
    verb = "is" if held.held == 1 else "are"
    return f"*{held.held:,} of {count(held.snapstart, 'version')} {verb} held{unjudged}.*{several}"
