// The drawer of things that go wrong, acting only on the fakes; and who one is.

import { h, $ } from "./h.js";
import { open, toast } from "./dialogs.js";

const SWITCHES = [
  ["throttle-cloudwatch", "CloudWatch throttles", "Every question about invocations is refused. Scan, and see what is offered then."],
  ["move-alias", "An alias moves", "Points an alias at a version that is ticked on your screen. Approve it all the same."],
  ["fail-delete", "One delete fails", "AWS refuses the next delete. The run goes on and names it."],
  ["slack-down", "Slack is down", "Every call to Slack answers 503. Durable steps wait and try again."],
];

export const TITLES = Object.fromEntries(SWITCHES.map(([name, title]) => [name, title]));
const SPANS = [[1, "A day"], [6, "Six days"], [14, "Two weeks"]];

export class WhatIf {
  constructor({ turn, kill, passTime, hold, state }) {
    this.act = { turn, kill, passTime, hold };
    this.state = state;
  }

  open() {
    const close = h("button.cross", { type: "button", "aria-label": "Close" }, "×");
    const dialog = h(
      "dialog.dialog.drawer",
      { "aria-labelledby": "what-if-title" },
      h("header.modal-head", {}, h("h3", { id: "what-if-title" }, "What if…"), close),
      h("p.drawer-lead", {}, "Only the local AWS and the local Slack are touched. The two functions are those that ship, and know nothing of it."),
      h("div.drawer-list", {}, SWITCHES.map((one) => this.switch(...one)), this.held(), this.killed(), this.timePasses()),
    );
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    open(dialog, $("input", dialog));
  }

  switch(name, title, words) {
    const box = h("input", { type: "checkbox", role: "switch", checked: this.state().whatIf.includes(name) });
    box.addEventListener("change", async () => toast(await this.act.turn(name, box.checked)));
    return h("label.drawer-row", {}, h("span", {}, h("b", {}, title), h("span", {}, words)), box);
  }

  held() {
    const box = h("input", { type: "checkbox", role: "switch", checked: this.state().held });
    box.addEventListener("change", () => this.act.hold(box.checked));
    return h(
      "label.drawer-row",
      {},
      h("span", {}, h("b", {}, "This screen lags behind"), h("span", {}, "Nothing new appears for this person. Decide as somebody else, come back, and click late.")),
      box,
    );
  }

  timePasses() {
    const pass = SPANS.map(([days, words]) => h("button.block-button", { type: "button", onclick: async () => toast(await this.act.passTime(days)) }, words));
    return h(
      "div.drawer-row.wide",
      {},
      h("span", {}, h("b", {}, "Time passes"), h("span", {}, "An open question is recalled, and expires after six days. The shop deploys as ever, and AWS bills it: ask /snapstart saved."), h("span.spans", {}, pass)),
    );
  }

  killed() {
    const kill = h("button.block-button.danger", { type: "button", onclick: async () => toast(await this.act.kill()) }, "Kill it");
    return h(
      "div.drawer-row",
      {},
      h("span", {}, h("b", {}, "The orchestrator dies"), h("span", {}, "Its process is killed wherever it stands. The run goes on from its last step.")),
      kill,
    );
  }
}
