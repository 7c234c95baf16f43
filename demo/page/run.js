// The durable steps of the newest run, from the engine's own history, as a line one can follow.

import { h, $ } from "./h.js";
import { clock } from "./mrkdwn.js";

const MEANING = {
  "claim-region": "one run a region",
  "announce-scan": "say so in the channel",
  "discover-snapstart": "list every version",
  "stage-a-age-and-keep-last-n": "old enough, not among the newest",
  "stage-b-usage-and-protection": "aliases, traffic, other references",
  "confirm-state": "state and policies, dearest first",
  "build-and-upload-report": "every version with its reasons",
  "compare-bill": "beside AWS's own bill",
  "monthly-receipt": "what was saved, once a month",
  "claim-sweep": "one sweep a week, however often it is delivered",
  "start-runs": "one for each account and region, side by side",
  "wait-for-runs": "nothing runs meanwhile",
  "look-at-runs": "asked, ended, or still scanning",
  "read-request": "who asks for what",
  "ask-bill": "one page a day",
  "say-bill": "how the bill compares",
  "open-page": "freeze what is about to be offered",
  approval: "a person decides",
  "record-decision": "written down before anything is deleted",
  recheck: "judged again, on fresh facts",
  "delete-versions": "by number, each confirmed gone",
  "close-page": "results written down",
  "send-completion": "the last word",
  "close-run": "release the region",
};
const PHASES = [
  ["Scan", "list every version, judge each", ["claim-region", "announce-scan", "discover-snapstart", "stage-a-age-and-keep-last-n", "stage-b-usage-and-protection", "confirm-state", "build-and-upload-report", "compare-bill"]],
  ["Ask", "a person decides, in up to six days", ["open-page", "approval", "record-decision"]],
  ["Re-check", "judge what was approved again", ["recheck"]],
  ["Delete", "one version at a time, each confirmed gone", ["delete-versions", "close-page", "send-completion", "close-run"]],
];
const PLANNED = new Set(PHASES.flatMap(([, , names]) => names));
const STATUS = { WAITING: "waits for a person", INTERRUPTED: "interrupted, taken up in a moment", NONE: "no run yet", RUNNING: "running", SUCCEEDED: "finished", FAILED: "failed", STOPPED: "stopped", TIMEDOUT: "timed out" };

export class Run {
  constructor(holder) {
    this.opened = new Set();
    this.unfolded = new Map();
    this.status = h("span.run-status");
    this.list = h("ol.steps");
    holder.append(h("header.run-head", {}, h("h3", {}, "The run"), this.status), this.list);
  }

  draw(run, stage) {
    this.last = [run, stage];
    const state = stateOf(run, stage);
    this.status.className = `run-status ${state.toLowerCase()}`;
    this.status.textContent = `${run.id ? `${run.id} · ` : ""}${STATUS[state] ?? state.toLowerCase()}`;
    const steps = [...run.steps, ...run.ahead.map((name) => ({ name, status: "ahead" }))];
    const focused = document.activeElement?.closest?.(".step")?.dataset.name;
    this.list.replaceChildren(...this.phases(steps, run));
    this.follow(run);
    if (focused) $(`.step[data-name="${focused}"] button`, this.list)?.focus({ preventScroll: true });
  }

  // The steps under the four words people know them by; a run of another kind has its steps alone.
  phases(steps, run) {
    if (run.steps.length && !run.steps.some((step) => step.name === "claim-region")) return steps.map((step) => this.step(step));
    let at = 0;
    const inside = PHASES.map(() => []);
    for (const step of steps) {
      if (PLANNED.has(step.name)) at = PHASES.findIndex(([, , names]) => names.includes(step.name));
      inside[at].push(step);
    }
    const reached = inside.findLastIndex((within) => within.some((step) => step.status !== "ahead"));
    return PHASES.flatMap(([name, words], index) => {
      const status = phaseStatus(inside[index]);
      const isOpen = this.unfolded.get(name) ?? index === reached;
      const toggle = () => { this.unfolded.set(name, !isOpen); this.draw(...this.last); };
      const count = `${inside[index].length} durable step${inside[index].length === 1 ? "" : "s"}`;
      return [
        h(
          "li",
          { class: `phase ${status}`, dataset: { phase: name } },
          h("span.phase-dot", { "aria-label": status, role: "img" }),
          h("button.phase-line", { type: "button", "aria-expanded": isOpen, disabled: !inside[index].length, onclick: toggle }, h("b", {}, name), h("span.step-meaning", {}, words), inside[index].length > 0 && h("span.step-time", {}, count)),
        ),
        ...(isOpen ? inside[index].map((step) => this.step(step)) : []),
      ];
    });
  }

  // Keep the step that is at work in sight.
  follow(run) {
    const at = run.steps.at(-1);
    const key = at ? `${run.id} ${at.name} ${at.status}` : "";
    if (key === this.followed) return;
    this.followed = key;
    this.unfolded.clear();
    this.list.replaceChildren(...this.phases([...run.steps, ...run.ahead.map((name) => ({ name, status: "ahead" }))], run));
    const line = at && $(`.step[data-name="${at.name}"]`, this.list);
    if (line) this.list.scrollTo({ top: line.offsetTop - this.list.clientHeight / 2 + line.offsetHeight / 2 });
    else this.list.scrollTo({ top: 0 });
  }

  step(step) {
    const isOpen = this.opened.has(step.name);
    const can = step.result !== null && step.result !== undefined;
    const inside = [
      h("span.step-name", {}, step.name, step.parts > 1 && h("span.step-parts", {}, `×${step.parts}`)),
      h("span.step-meaning", {}, step.status === "waiting" ? "waits for a person; nothing runs meanwhile" : MEANING[step.name] ?? ""),
      h("span.step-time", {}, time(step)),
    ];
    const line = can || step.error
      ? h("button.step-line", { type: "button", "aria-expanded": isOpen, onclick: () => this.toggle(step) }, inside)
      : h("div.step-line", {}, inside);
    return h(
      "li",
      { class: `step ${step.status}`, dataset: { name: step.name } },
      h("span.step-dot", { "aria-label": step.status, role: "img" }),
      line,
      isOpen && h("pre.step-result", { tabindex: 0 }, step.error ?? JSON.stringify(step.result, null, 2)),
    );
  }

  toggle(step) {
    if (!this.opened.delete(step.name)) this.opened.add(step.name);
    this.draw(...this.last);
  }
}

function phaseStatus(steps) {
  for (const status of ["waiting", "retrying", "failed", "running"]) if (steps.some((step) => step.status === status)) return status;
  if (!steps.length) return "ahead";
  return steps.every((step) => step.status === "done") ? "done" : steps.some((step) => step.status === "done") ? "running" : "ahead";
}

function stateOf(run, stage) {
  const has = (status) => run.steps.some((step) => step.status === status);
  if (has("waiting")) return "WAITING";
  return run.status === "RUNNING" && has("running") && !stage.working ? "INTERRUPTED" : run.status;
}

function time(step) {
  if (step.status === "retrying") return "tries again soon";
  if (step.status === "running") return step.retried ? `attempt ${step.retried + 1}` : "running";
  if (step.status === "waiting") return `since ${clock(step.started)}`;
  if (step.seconds === null || step.seconds === undefined) return "";
  const took = step.seconds < 0.1 ? "" : step.seconds < 60 ? `${step.seconds.toFixed(1)} s` : `${Math.round(step.seconds / 60)} min`;
  return step.retried ? `${took} · ${step.retried + 1} attempts` : took;
}
