// One hint at a time for who is here for the first time; gone once done.

import { h } from "./h.js";

const DONE = "hints-done";

export class Hints {
  constructor(bar, act) {
    this.bar = bar;
    this.act = act;
    this.over = localStorage.getItem(DONE) === "yes";
    this.shown = "";
  }

  restart() {
    this.over = false;
    localStorage.removeItem(DONE);
  }

  finish() {
    this.over = true;
    localStorage.setItem(DONE, "yes");
  }

  draw(state) {
    const hint = this.over ? null : this.next(state);
    const key = hint ? hint.words : "";
    document.body.dataset.hint = hint?.mark ?? "";
    if (key === this.shown) return;
    this.shown = key;
    this.bar.hidden = !hint;
    if (!hint) return this.bar.replaceChildren();
    this.bar.replaceChildren(
      ...[h("span.hint-step", { "aria-hidden": "true" }, hint.step),
      h("span.hint-words", {}, hint.words),
      hint.does && h("button", { type: "button", onclick: hint.does.act }, hint.does.words),
      h("button.hint-close", { type: "button", "aria-label": "No more hints", onclick: () => { this.finish(); this.act.redraw(); } }, "×")].filter(Boolean),
    );
  }

  next({ screen, run, ticks, person, stage, typed }) {
    const part = stage.people.find((one) => one.id === person)?.part ?? "";
    const decides = part.includes("approver,");
    if (run.status === "NONE") {
      const how = typed ? "Press Enter" : "Type /snapstart scan";
      return { step: "1", mark: "scan", words: `${how} to look for idle versions` };
    }
    if (ticks.message) {
      if (!decides) return { step: "3", mark: "approve", words: `You are here as “${part}”. Press Approve, and see what happens`, does: this.show("approve") };
      if (!ticks.changed) return { step: "2", mark: "untick", words: "Untick one version that must stay", does: this.show("untick") };
      return { step: "3", mark: "approve", words: "Now press Approve", does: this.show("approve") };
    }
    if (run.status === "RUNNING") return { step: "…", mark: "watch", words: "Watch the steps and the squares in the account", does: this.watch() };
    const refused = person === "U0GUEST" && screen.ephemerals.length > 0;
    if (refused) {
      this.finish();
      return null;
    }
    if (person === "U0GUEST") return { step: "4", mark: "guest", words: "You are the guest: try to start a scan" };
    return { step: "4", mark: "guest", words: "Now try as the guest", does: { words: "Become the guest", act: () => this.act.become("U0GUEST") } };
  }

  show(what) {
    return { words: "Show me", act: () => this.act.show(what) };
  }

  watch() {
    return matchMedia("(max-width: 820px)").matches ? { words: "Show me", act: () => this.act.show("account") } : null;
  }
}
