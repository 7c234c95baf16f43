// The account: what the idle versions cost, and every version as one square.

import { h, set, $, $$ } from "./h.js";

const DOLLARS = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const NUMBERS = new Intl.NumberFormat("en-US");
const money = (amount) => DOLLARS.format(amount);
const versions = (count) => `${count} version${count === 1 ? "" : "s"}`;
const built = (fn) => `${fn.runtime}, ${NUMBERS.format(fn.memory_mb)} MB`;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

const LETTERS = { live: "L", held: "H", idle: "$", free: "0", unjudged: "?", gone: "×" };
const WORDS = { live: "live", held: "held", idle: "idle", free: "idle, free", unjudged: "not judged", gone: "gone" };
const LEGEND = [
  ["live", "live"],
  ["held", "held"],
  ["idle", "idle, costs money"],
  ["free", "idle, free"],
  ["unjudged", "not judged"],
  ["idle ticked", "ticked by you"],
  ["gone", "gone"],
];

export class Account {
  constructor(pane, { call }) {
    this.pane = pane;
    this.call = call;
    this.squares = new Map();
    this.amount = null;
    this.bill = {
      number: h("p.bill-number", {}, "–"),
      note: h("p.bill-note", {}, "Looking at the account…"),
      saved: h("p.bill-saved", { hidden: true }),
    };
    $(".bill", pane).append(
      h("div", {}, h("p.bill-label", {}, "Idle versions cost"), this.bill.number),
      h("div.bill-words", {}, this.bill.saved, this.bill.note),
    );
    this.rows = h("div.rows", { role: "group", "aria-label": "Versions by function. Arrow keys move between them, Enter calls one." });
    this.foot = h("p.unpriced");
    $(".map", pane).append(legend(), this.rows, this.foot);
    this.rows.addEventListener("keydown", (event) => this.move(event));
    this.rows.addEventListener("click", (event) => this.picked(event.target.closest(".square")));
    this.tip = new Tip(this.rows, (square) => this.told(square));
  }

  // Draw one account; another one than before begins with an empty map, for its functions may bear the same names.
  draw(account, ticks) {
    this.ticks = ticks;
    if (this.shown !== account.account_id) {
      this.shown = account.account_id;
      this.amount = null;
      this.squares.clear();
      this.rows.replaceChildren();
      this.tip.show(null);
    }
    $(".account-id", this.pane).textContent = `${account.account_id} · ${account.region}`;
    if (!account.known) return;
    this.drawBill(account);
    for (const fn of account.functions) this.drawRow(fn);
    const here = new Set(account.functions.map((fn) => fn.name));
    for (const row of $$(".row", this.rows)) if (!here.has(row.dataset.name)) row.remove();
    this.foot.textContent = account.unpriced.map((other) => `${other.name}: ${versions(other.versions)} without SnapStart, no snapshot cost`).join(" · ");
    if (!$('[tabindex="0"]', this.rows)) $(".square", this.rows)?.setAttribute("tabindex", 0);
    this.tip.refresh();
  }

  drawBill(account) {
    const all = account.functions.flatMap((fn) => fn.versions.map((version) => ({ ...version, name: fn.name })));
    const idle = all.filter((version) => version.state === "idle");
    const gone = all.filter((version) => version.state === "gone");
    const unjudged = all.filter((version) => version.state === "unjudged").length;
    const usd = idle.reduce((sum, version) => sum + version.usd, 0);
    const saved = gone.reduce((sum, version) => sum + version.usd, 0);
    const unknown = unjudged > 0 && !idle.length;
    this.count(unknown ? null : usd);
    const also = unjudged ? ` · ${versions(unjudged)} not judged` : "";
    if (unknown) this.bill.note.textContent = `nobody knows: ${versions(unjudged)} could not be judged, and none of them is offered`;
    else if (idle.length) this.bill.note.textContent = `a month for ${versions(idle.length)} of ${new Set(idle.map((version) => version.name)).size} functions: ${money(usd * 12)} a year${also}`;
    else this.bill.note.textContent = "a month: no idle version is left";
    this.bill.saved.hidden = gone.length === 0;
    this.bill.saved.textContent = `${versions(gone.length)} gone, ${money(saved)} a month less`;
  }

  // Let the number run to its new value.
  count(to) {
    const from = this.amount ?? to ?? 0;
    this.amount = to;
    const show = (value) => {
      const words = value === null ? "–" : money(value);
      this.bill.number.textContent = words;
      for (const number of $$(".tab-number")) number.textContent = words;
    };
    cancelAnimationFrame(this.frame);
    if (to === null || from === to || STILL.matches) return show(to);
    const start = performance.now();
    const step = (now) => {
      const done = Math.min(1, (now - start) / 600);
      show(from + (to - from) * (1 - (1 - done) ** 3));
      if (done < 1) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  drawRow(fn) {
    let row = $(`.row[data-name="${fn.name}"]`, this.rows);
    if (!row) {
      row = h(
        "div.row",
        { dataset: { name: fn.name } },
        h("div.row-name", { title: `${fn.name}, ${built(fn)}` }, fn.name),
        h("div.squares"),
        h("div.row-usd"),
      );
      this.rows.append(row);
    }
    const holder = $(".squares", row);
    for (const version of fn.versions) {
      const key = `${fn.name}:${version.n}`;
      const square = this.squares.get(key) ?? h("span.square", { tabindex: -1, role: "img", dataset: { key } });
      if (!square.isConnected) holder.append(square);
      this.squares.set(key, square);
      this.drawSquare(square, fn, version);
    }
    const usd = fn.versions.reduce((sum, version) => sum + (version.state === "idle" ? version.usd : 0), 0);
    const idle = fn.versions.filter((version) => version.state === "idle").length;
    set($(".row-usd", row), { class: `row-usd${usd ? "" : " nothing"}` }).textContent = usd ? money(usd) : idle ? "$0" : "–";
  }

  drawSquare(square, fn, version) {
    const state = version.state === "idle" && version.usd === 0 ? "free" : version.state;
    const ticked = this.ticks.ticked.has(`${fn.name}:${version.n}`);
    const classes = ["square", state, ticked && "ticked", version.approved && "approved"].filter(Boolean).join(" ");
    square.told = { built: built(fn), name: `${fn.name}:${version.n}`, state, version, ticked, offered: this.ticks.offered.has(`${fn.name}:${version.n}`) };
    if (square.className !== classes) {
      square.className = classes;
      square.textContent = LETTERS[state];
    }
    square.setAttribute("aria-label", this.told(square).join(". "));
  }

  told(square) {
    const { name, state, version, ticked, offered } = square.told;
    const cost = ["idle", "held", "unjudged", "live"].includes(state) && version.usd ? ` · ${money(version.usd)} a month` : "";
    const tick = version.approved ? "approved: its turn is coming" : ticked ? "ticked on your screen" : offered ? "unticked: it stays" : "";
    return [name, `${WORDS[state]}${cost}`, version.why, tick, square.told.built, state === "gone" ? "" : "Click to call it once"].filter(Boolean);
  }

  picked(square) {
    if (square && square.told.state !== "gone") this.call(square.told.name);
  }

  // Arrow keys walk the squares: along a function, and from function to function.
  move(event) {
    const from = event.target.closest(".square");
    if (!from) return;
    if (event.key === "Enter") return this.picked(from);
    const row = $$(".square", from.parentElement);
    const rows = $$(".squares", this.rows).filter((holder) => holder.children.length);
    const at = row.indexOf(from);
    const line = rows.indexOf(from.parentElement);
    const to = {
      ArrowRight: () => row[at + 1],
      ArrowLeft: () => row[at - 1],
      Home: () => row[0],
      End: () => row.at(-1),
      ArrowDown: () => rows[line + 1]?.children[Math.min(at, rows[line + 1].children.length - 1)],
      ArrowUp: () => rows[line - 1]?.children[Math.min(at, rows[line - 1].children.length - 1)],
    }[event.key]?.();
    if (!to) return;
    event.preventDefault();
    from.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }
}

function legend() {
  return h(
    "ul.legend",
    { "aria-label": "What the squares mean" },
    LEGEND.map(([state, words]) => h("li", {}, h("span", { class: `square ${state}`, "aria-hidden": "true" }, LETTERS[state.split(" ")[0]]), words)),
  );
}

// One tooltip for all squares, for the pointer and for the focus.
class Tip {
  constructor(holder, tell) {
    this.tip = $("#tip");
    this.tell = tell;
    for (const kind of ["pointerover", "focusin"]) holder.addEventListener(kind, (event) => this.show(event.target.closest(".square")));
    for (const kind of ["pointerleave", "focusout"]) holder.addEventListener(kind, () => this.show(null));
    addEventListener("keydown", (event) => { if (event.key === "Escape") this.show(null); });
    addEventListener("scroll", () => this.show(null), { capture: true, passive: true });
  }

  refresh() {
    if (this.square) this.show(this.square);
  }

  show(square) {
    this.square = square;
    this.tip.hidden = !square;
    if (!square) return;
    const [name, ...lines] = this.tell(square);
    this.tip.replaceChildren(h("b", {}, name), ...lines.map((line) => h("span", {}, line)));
    const at = square.getBoundingClientRect();
    const { width, height } = this.tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(innerWidth - width - 8, at.left + at.width / 2 - width / 2));
    const top = at.top - height - 8 > 8 ? at.top - height - 8 : at.bottom + 8;
    this.tip.style.translate = `${Math.round(left)}px ${Math.round(top)}px`;
  }
}
