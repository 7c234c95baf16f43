// Dialogs: a button's confirmation, and the modal an app opened.

import { h, $ } from "./h.js";
import { plain, textObject } from "./mrkdwn.js";
import { blocks } from "./blocks.js";

// Ask what a button's `confirm` asks. Resolves to true for yes.
export function confirmed(ask) {
  return new Promise((resolve) => {
    const yes = h("button", { type: "button", class: `block-button ${ask.style ?? "primary"}` }, plain(ask.confirm.text));
    const no = h("button.block-button", { type: "button" }, plain(ask.deny.text));
    const dialog = h(
      "dialog.dialog.confirm",
      { "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
      h("h3", { id: "confirm-title" }, textObject(ask.title)),
      h("div.dialog-body", { id: "confirm-text" }, textObject(ask.text)),
      h("div.dialog-foot", {}, no, yes),
    );
    let answer = false;
    yes.addEventListener("click", () => { answer = true; dialog.close(); });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    open(dialog, no);
  });
}

// Ask something of the page's own. Resolves to the value of what was chosen, to null where nothing was.
export function choice(title, words, answers) {
  return new Promise((resolve) => {
    const no = h("button.block-button", { type: "button" }, "Cancel");
    const buttons = answers.map(([label, value, style = ""]) => h("button", { type: "button", class: `block-button ${style}`.trim(), onclick: () => { answer = value; dialog.close(); } }, label));
    const dialog = h(
      "dialog.dialog.confirm",
      { "aria-labelledby": "choice-title", "aria-describedby": "choice-text" },
      h("h3", { id: "choice-title" }, title),
      h("div.dialog-body", { id: "choice-text" }, words),
      h("div.dialog-foot", {}, no, buttons),
    );
    let answer = null;
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    open(dialog, no);
  });
}

let shown = null;

// Show the modal an app has opened for this person, or take it away.
export function modal(view, { onClose }) {
  if (view?.id === shown?.id) return;
  if (shown) {
    const gone = shown;
    shown = null;
    gone.dialog.close();
  }
  if (!view) return;
  const close = h("button.block-button", { type: "button" }, plain(view.close?.text ?? "Close"));
  const cross = h("button.cross", { type: "button", "aria-label": "Close" }, "×");
  const dialog = h(
    "dialog.dialog.modal",
    { "aria-labelledby": "modal-title" },
    h("header.modal-head", {}, h("h3", { id: "modal-title" }, textObject(view.title)), cross),
    h("div.dialog-body", { tabindex: 0 }, blocks(view.blocks, { press() {}, tick() {}, choose() {} })),
    h("div.dialog-foot", {}, close),
  );
  close.addEventListener("click", () => dialog.close());
  cross.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (shown?.dialog === dialog) {
      shown = null;
      onClose();
    }
  });
  shown = { id: view.id, dialog };
  open(dialog, close);
}

export function open(dialog, focused) {
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.showModal();
  focused?.focus();
}

export function toast(words) {
  const told = h("div.toast", {}, words);
  $(".toasts").append(told);
  setTimeout(() => told.classList.add("leaving"), 6000);
  setTimeout(() => told.remove(), 6500);
}
