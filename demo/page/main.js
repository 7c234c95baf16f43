// The page: what is heard from the demo goes into the two panes, what a person does goes back.

import { h, $, $$ } from "./h.js";
import { know, aloud } from "./mrkdwn.js";
import { choice, modal, toast } from "./dialogs.js";
import { face } from "./faces.js";
import { Channel } from "./channel.js";
import { Account } from "./account.js";
import { Run } from "./run.js";
import { Hints } from "./hints.js";
import { TITLES, WhatIf } from "./what-if.js";

const FIRST_COMMAND = "/snapstart scan us-west-2";
const PART_NAMES = { U0APPROVER: "Approver", U0OTHER: "Second approver", U0MEMBER: "Member", U0GUEST: "Guest" };
const SILENCE = 1500;

const heard = { screen: null, stage: null, account: null, run: null };
const held = new Map();
let person = new URLSearchParams(location.search).get("as") ?? sessionStorage.getItem("person") ?? "U0APPROVER";
let source = null;
let chosenAccount = null;

const channel = new Channel($("#channel"), {
  tick: (message, blockId, part, option, on) => send("tick", { ...about(message), value: option.value, on }),
  choose: (message, option) => send("choose", { ...about(message), value: option.value }),
  press: (message, part) => send("press", { ...about(message), action_id: part.action_id }),
  dismiss: (message) => send("dismiss", { ts: message.ts }),
});
const account = new Account($("#account"), { call: callVersion });
const run = new Run($("#account .run"));
const hints = new Hints($(".hint"), { become, show: bringIntoView, redraw: draw });
const whatIf = new WhatIf({
  turn: async (name, on) => (await send("what-if", { switch: name, on }))?.words ?? "That did not work.",
  kill: async () => (await send("kill", {}))?.words ?? "That did not work.",
  passTime: async (days) => (await send("pass-time", { days }))?.words ?? "That did not work.",
  hold: (on) => { on ? held.set(person, heard.screen.messages) : held.delete(person); draw(); },
  state: () => ({ whatIf: heard.stage.what_if, held: held.has(person) }),
});

// What is heard.

function listen() {
  source?.close();
  source = new EventSource(`live?person=${person}`);
  for (const name of Object.keys(heard)) {
    source.addEventListener(name, (event) => {
      heard[name] = JSON.parse(event.data);
      schedule();
    });
  }
  let gone = null;
  source.onopen = () => { clearTimeout(gone); gone = null; $(".away").hidden = true; };
  source.onerror = () => { gone ??= setTimeout(() => { $(".away").hidden = false; }, SILENCE); };
}

let scheduled = false;
function schedule() {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => { scheduled = false; draw(); });
}

function draw() {
  const { stage } = heard;
  if (!heard.screen || !stage || !heard.account || !heard.run) return;
  const screen = held.has(person) ? { ...heard.screen, messages: held.get(person) } : heard.screen;
  know(stage.names, person);
  drawPeople(stage);
  drawMode(stage);
  drawInForce(stage);
  const ticks = ticksOf(screen.messages);
  const seen = accountSeen();
  const news = channel.draw(screen, stage);
  drawAccounts(stage, seen);
  account.draw(seen, ticksOf(screen.messages.filter((message) => message.account_id === seen.account_id)));
  run.draw(heard.run, stage);
  if (!document.body.classList.contains("ready") && heard.run.status === "NONE" && !hints.over) prefill();
  hints.draw({ screen, run: heard.run, ticks, person, stage, typed: $("#composer-text").value });
  modal(heard.screen.modal, { onClose: () => send("close-modal", {}) });
  say(news, stage);
  document.body.classList.toggle("held-back", held.has(person));
  document.body.classList.toggle("asked-once", heard.run.status !== "NONE");
  document.body.classList.add("ready");
}

// The account in sight: the one that was chosen, as long as the stack looks at it.
function accountSeen() {
  const { accounts } = heard.account;
  return accounts.find((one) => one.account_id === chosenAccount) ?? accounts[0];
}

// What is ticked on this person's screen in some messages, by function and version; and what is offered.
function ticksOf(messages) {
  const told = { message: null, ticked: new Set(), offered: new Set(), changed: false };
  for (const message of messages) {
    const boxes = (message.blocks ?? []).flatMap((block) => [...(block.elements ?? []), block.element].filter((part) => part?.type === "checkboxes").map((part) => [block, part]));
    if (!boxes.length) continue;
    told.message = message;
    for (const [block, part] of boxes) {
      const chosen = message.values?.[block.block_id]?.[part.action_id]?.selected_options ?? [];
      part.options.forEach((option) => told.offered.add(option.value));
      chosen.forEach((option) => told.ticked.add(option.value));
      const initial = part.initial_options ?? [];
      told.changed ||= initial.length !== chosen.length || initial.some((option) => !chosen.some((one) => one.value === option.value));
    }
  }
  return told;
}

function say(news, stage) {
  const words = news.map(({ item, inThread }) => {
    const who = item.is_ephemeral ? "Only to you" : inThread ? "In the thread" : item.app_id ? stage.app.name : stage.names[item.user];
    return `${who}: ${aloud(item.text).split("\n")[0] || item.files?.map((file) => file.name).join(", ")}`;
  });
  if (words.length) $("#said").textContent = words.join(". ");
}

function drawPeople(stage) {
  const holder = $(".people");
  if (!holder.children.length) {
    stage.people.forEach((one) => {
      holder.append(h("button.person", { type: "button", role: "radio", dataset: { id: one.id }, "aria-label": PART_NAMES[one.id], title: `Be the ${PART_NAMES[one.id].toLowerCase()} (${one.part})`, onclick: () => become(one.id) }, face(one.id, 30), h("span", {}, PART_NAMES[one.id])));
    });
    holder.addEventListener("keydown", walkRadios);
  }
  for (const button of holder.children) {
    const chosen = button.dataset.id === person;
    button.setAttribute("aria-checked", chosen);
    button.tabIndex = chosen ? 0 : -1;
  }
}

function drawMode(stage) {
  for (const button of $$(".mode button")) {
    const chosen = String(stage.dry_run) === button.dataset.dry;
    button.setAttribute("aria-checked", chosen);
    button.tabIndex = chosen ? 0 : -1;
  }
  $("#what-if-open").classList.toggle("on", stage.what_if.length > 0 || held.size > 0);
}

function drawAccounts(stage, seen) {
  const { accounts } = heard.account;
  const holder = $(".accounts");
  holder.hidden = $("#sweep").hidden = accounts.length < 2;
  $("#second-account").checked = stage.second_account;
  const names = accounts.map((one) => one.name).join();
  if (holder.dataset.names !== names) {
    holder.dataset.names = names;
    holder.replaceChildren(...accounts.map((one) => h("button", { type: "button", role: "radio", dataset: { id: one.account_id }, title: one.account_id, onclick: () => { chosenAccount = one.account_id; draw(); } }, one.name)));
  }
  for (const button of holder.children) {
    const chosen = button.dataset.id === seen.account_id;
    button.setAttribute("aria-checked", chosen);
    button.tabIndex = chosen ? 0 : -1;
  }
}

// What is not as usual stays in sight, each with its way back.
function drawInForce(stage) {
  const now = stage.what_if.map((name) => [TITLES[name], () => send("what-if", { switch: name, on: false }).then((done) => done && toast(done.words))]);
  if (held.size) now.push(["This screen lags behind", () => { held.clear(); draw(); }]);
  if (stage.days_ahead) now.push([`${stage.days_ahead} ${stage.days_ahead === 1 ? "day has" : "days have"} passed`]);
  if (stage.open_for_real) now.push(["Dry run is on, but the open question was asked for real: what is approved is refused by the role"]);
  if (stage.open_in_rehearsal) now.push(["Deletes are on, but the open question is a rehearsal: it deletes nothing"]);
  const list = $(".in-force");
  list.hidden = now.length === 0;
  list.replaceChildren(...now.map(([words, end]) => h("li", {}, words, end && h("button", { type: "button", "aria-label": `End: ${words}`, onclick: end }, "×"))));
  document.body.classList.toggle("in-force-now", now.length > 0);
}

// What a person does.

const about = (message) => ({ ts: message.ts, edited_ts: message.edited?.ts ?? null });

async function send(act, given) {
  try {
    const answer = await fetch(`do/${act}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ person, ...given }) });
    if (answer.ok) return await answer.json();
    toast(`The demo could not do that: ${await answer.text()}`);
  } catch {
    toast("The demo does not answer.");
  }
  return null;
}

function become(id) {
  if (id === person) return;
  person = id;
  sessionStorage.setItem("person", id);
  channel.reset();
  heard.screen = null;
  listen();
  const composer = $("#composer-text");
  if (id === "U0GUEST" && !composer.value) composer.value = FIRST_COMMAND;
}

async function callVersion(version) {
  const yes = await choice(`Call ${version} once?`, "CloudWatch counts the call, as it would yours. A version that was called is not idle: the next scan holds it, and so does the re-check of what was approved.", [["Call it", true, "primary"]]);
  if (yes) toast((await send("call", { version, account_id: accountSeen().account_id }))?.words ?? "That did not work.");
}

async function startOver() {
  const fleet = await choice("Start over?", "Everything that happened here is forgotten: the channel, the runs, what was deleted and what was kept. The small fleet is a shop with 17 functions; the large one needs several pages.", [["Large fleet", "large"], ["Small fleet", "small", "primary"]]);
  if (fleet === null) return;
  held.clear();
  hints.restart();
  channel.reset();
  await send("start-over", { fleet });
  person = "U0APPROVER";
  sessionStorage.setItem("person", person);
  listen();
  prefill();
}

function prefill() {
  const composer = $("#composer-text");
  composer.value ||= FIRST_COMMAND;
  if (!matchMedia("(max-width: 820px)").matches) composer.focus();
}

function bringIntoView(what) {
  if (what === "account") return chooseTab("account");
  chooseTab("channel");
  const found = { untick: ".checkboxes input:checked", approve: '[data-action="approve"]' }[what];
  const target = $$(found, $("#channel")).at(what === "approve" ? -1 : 0);
  target?.scrollIntoView({ block: "center", behavior: "smooth" });
  target?.focus({ preventScroll: true });
}

function walkRadios(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = [...event.currentTarget.children];
  const to = all[(all.indexOf(event.target.closest("button")) + step + all.length) % all.length];
  event.preventDefault();
  to.focus();
  to.click();
}

function chooseTab(name) {
  document.body.dataset.tab = name;
  for (const tab of $$(".tabs [role=tab]")) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
  }
}

$(".composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = $("#composer-text");
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  send("type", { text });
});
for (const button of $$(".commands button")) button.addEventListener("click", () => { $("#composer-text").value = button.dataset.command; $("#composer-text").focus(); });
for (const button of $$(".mode button")) button.addEventListener("click", () => send("dry-run", { on: button.dataset.dry === "true" }));
$(".mode").addEventListener("keydown", walkRadios);
$(".accounts").addEventListener("keydown", walkRadios);
$("#second-account").addEventListener("change", (event) => send("second-account", { on: event.target.checked }));
$("#sweep").addEventListener("click", async () => toast((await send("sweep", {}))?.words ?? "That did not work."));
for (const tab of $$(".tabs [role=tab]")) tab.addEventListener("click", () => chooseTab(tab.getAttribute("aria-controls")));
$(".tabs").addEventListener("keydown", walkRadios);
$("#text-only").addEventListener("change", (event) => { channel.showTextOnly(event.target.checked); draw(); });
$("#what-if-open").addEventListener("click", () => whatIf.open());
$("#start-over").addEventListener("click", startOver);
addEventListener("hashchange", () => {
  const message = document.getElementById(location.hash.slice(1));
  message?.scrollIntoView({ block: "start" });
  message?.classList.add("pointed-at");
  setTimeout(() => message?.classList.remove("pointed-at"), 2000);
});

chooseTab("channel");
listen();
