// The channel as one person sees it: messages from their real blocks, threads, private answers.

import { h, $, svg } from "./h.js";
import { blocks, showTicks } from "./blocks.js";
import { aloud, clock, dayName, longDay, mrkdwn } from "./mrkdwn.js";
import { appFace, face } from "./faces.js";

const NEAR_THE_END = 120;

export class Channel {
  constructor(pane, act) {
    this.list = $(".messages", pane);
    this.scroll = $(".scroll", pane);
    this.act = act;
    this.drawn = new Map();
    this.opened = new Map();
    this.textOnly = false;
    this.quiet = true;
  }

  // Draw the screen. The first one is no news: nothing of it is said aloud.
  draw(screen, stage) {
    const follows = this.follows();
    const last = screen.messages.at(-1)?.ts;
    this.newest = last;
    const news = [];
    const wanted = [];
    let day = "";
    for (const item of inOrder(screen)) {
      const moment = new Date(Number(item.ts) * 1000);
      if (moment.toDateString() !== day) {
        day = moment.toDateString();
        wanted.push(this.divider(day, moment));
      }
      wanted.push(this.message(item, { stage, news, newest: item.ts === last }));
    }
    settle(this.list, wanted);
    this.forget(wanted);
    if (this.quiet) this.follow({ item: { ts: this.newest } });
    else if (follows && news.length) this.follow(news.at(-1));
    this.quiet = false;
    return news;
  }

  // Start afresh, for another person or another world.
  reset() {
    this.drawn.clear();
    this.list.replaceChildren();
    this.quiet = true;
  }

  showTextOnly(on) {
    this.textOnly = on;
    this.drawn.forEach((kept) => { kept.signature = ""; });
  }

  // A message: its body is drawn anew only when it changed, its ticks and its thread are kept up to date.
  message(item, { stage, news, newest = false, inThread = false }) {
    const kept = this.drawn.get(item.ts) ?? this.frame(item, inThread);
    this.drawn.set(item.ts, kept);
    const signature = JSON.stringify([item.text, item.blocks, item.edited, item.files, this.textOnly]);
    if (kept.signature !== signature) {
      const fresh = kept.signature === undefined;
      const refocus = focusWithin(kept.body);
      kept.body.replaceChildren(...this.body(item, stage));
      kept.signature = signature;
      refocus?.(kept.body, kept.element);
      if (!this.quiet) {
        news.push({ item, fresh, inThread });
        if (fresh) kept.element.classList.add("fresh");
      }
    }
    kept.item = item;
    showTicks(kept.body, item.values);
    if (!inThread && !item.is_ephemeral) this.thread(kept, item, { stage, news, newest });
    return kept.element;
  }

  frame(item, inThread) {
    const body = h("div.message-body");
    const thread = h("div.thread");
    const element = h(
      "li",
      { class: `message${inThread ? " reply" : ""}${item.is_ephemeral ? " ephemeral" : ""}`, id: `p${item.ts.replace(".", "")}`, tabindex: -1 },
      this.avatar(item, inThread),
      h("div.message-column", {}, body, thread),
    );
    return { element, body, thread };
  }

  avatar(item, inThread) {
    const size = inThread ? 26 : 36;
    return item.app_id || (item.is_ephemeral && item.user !== "USLACKBOT") ? appFace(size) : item.is_ephemeral ? h("span.face.slack", { "aria-hidden": "true" }) : face(item.user, size);
  }

  body(item, stage) {
    const byApp = item.app_id || item.is_ephemeral;
    const name = item.user === "USLACKBOT" ? "Slackbot" : byApp ? stage.app.name : (stage.names[item.user] ?? item.user).slice(1);
    const moment = new Date(Number(item.ts) * 1000);
    const act = { tick: (...given) => this.act.tick(item, ...given), choose: (option) => this.act.choose(item, option), press: (part) => this.act.press(item, part) };
    const words = !item.text && !item.blocks?.length ? [] : this.textOnly
      ? [h("pre.spoken", {}, aloud(item.text))]
      : item.blocks?.length ? blocks(item.blocks, act) : item.text ? [h("div.block.words", {}, mrkdwn(item.text))] : [];
    return [
      item.is_ephemeral && h("p.only-you", {}, eye(), "Only visible to you"),
      h(
        "header.message-head",
        {},
        h("b", {}, name),
        byApp && item.user !== "USLACKBOT" && h("span.app-badge", {}, "App"),
        h("time", { datetime: moment.toISOString(), title: moment.toLocaleString() }, clock(Number(item.ts))),
        item.is_ephemeral && h("button.dismiss", { type: "button", onclick: () => this.act.dismiss(item) }, "Dismiss"),
      ),
      ...words,
      ...(item.files ?? []).map(file),
      item.edited && h("span.edited", {}, "(edited)"),
    ].filter(Boolean);
  }

  thread(kept, item, { stage, news, newest }) {
    const replies = [...item.replies, ...item.whispered];
    kept.thread.hidden = replies.length === 0;
    if (!replies.length) return;
    const drawn = replies.sort(byTime).map((reply) => this.message(reply, { stage, news, inThread: true }));
    const isOpen = this.opened.get(item.ts) ?? (newest && isRecent(item) && !$(".block-button", kept.body));
    if (!kept.toggle) {
      kept.toggle = h("button.thread-toggle", { type: "button", onclick: () => this.toggle(kept) });
      kept.replies = h("ol.replies");
      kept.thread.append(kept.toggle, kept.replies);
    }
    settle(kept.replies, drawn);
    this.showThread(kept, isOpen, replies);
  }

  toggle(kept) {
    const isOpen = kept.toggle.getAttribute("aria-expanded") !== "true";
    this.opened.set(kept.item.ts, isOpen);
    this.showThread(kept, isOpen, [...kept.item.replies, ...kept.item.whispered]);
  }

  showThread(kept, isOpen, replies) {
    kept.toggle.setAttribute("aria-expanded", isOpen);
    kept.replies.hidden = !isOpen;
    const count = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
    const label = isOpen ? `Hide ${count}` : count;
    if (kept.toggle.dataset.label === label) return;
    kept.toggle.dataset.label = label;
    kept.toggle.replaceChildren(chevron(), h("span", {}, label), h("span.thread-time", {}, isOpen ? "" : `last ${lastTime(replies)}`));
  }

  divider(key, moment) {
    const kept = this.drawn.get(key) ?? { element: h("li.day", {}, h("span", {}, dayName(moment) ?? longDay(moment))) };
    this.drawn.set(key, kept);
    return kept.element;
  }

  forget(wanted) {
    const there = new Set(wanted);
    for (const [key, kept] of this.drawn) if (!there.has(kept.element) && !kept.element.isConnected) this.drawn.delete(key);
  }

  // Following: whoever looks at the last message keeps seeing what becomes of it.

  follows() {
    const top = this.scroll.scrollTop;
    const end = top + this.scroll.clientHeight;
    const newest = this.drawn.get(this.newest)?.element;
    const isSeen = newest && newest.offsetTop < end && newest.offsetTop + newest.offsetHeight > top;
    return end > this.scroll.scrollHeight - NEAR_THE_END || isSeen;
  }

  // Show what is new: the end of the channel, but the beginning of a run's message that is taller than the screen.
  follow({ item, inThread }) {
    const root = this.drawn.get(this.newest)?.element;
    const isTall = root && root.offsetHeight > this.scroll.clientHeight * 0.95;
    if (isTall && (inThread || item.ts === this.newest)) this.scroll.scrollTo({ top: root.offsetTop - 4 });
    else this.toTheEnd();
  }

  toTheEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }
}

// Roots and private messages in time's order; a private message in a thread goes with its root.
function inOrder(screen) {
  const roots = screen.messages.map((message) => ({
    ...message,
    whispered: screen.ephemerals.filter((e) => e.thread_ts === message.ts),
  }));
  const alone = screen.ephemerals.filter((e) => !roots.some((root) => root.ts === e.thread_ts));
  return [...roots, ...alone].sort(byTime);
}

const RECENT_SECONDS = 12 * 3600;
const isRecent = (item) => Date.now() / 1000 - Number(item.ts) < RECENT_SECONDS;
const byTime = (one, other) => Number(one.ts) - Number(other.ts);
const lastTime = (replies) => {
  const seconds = Number(replies.at(-1).ts);
  const moment = new Date(seconds * 1000);
  return dayName(moment) === "Today" ? `at ${clock(seconds)}` : moment.toLocaleDateString(undefined, { month: "short", day: "numeric" });
};

// Bring a list's children into the wanted order, touching only those out of place.
function settle(list, wanted) {
  wanted.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  while (list.children.length > wanted.length) list.lastElementChild.remove();
}

// Where the focus was in a body that is drawn anew: put it back, or on the message itself.
function focusWithin(body) {
  const active = document.activeElement;
  if (!body.contains(active)) return null;
  const selector = active.dataset.action ? `[data-action="${active.dataset.action}"]` : active.dataset.value ? `[data-value="${active.dataset.value}"]` : null;
  return (fresh, element) => ((selector && fresh.querySelector(selector)) || element).focus({ preventScroll: true });
}

function file(given) {
  const size = given.size < 1024 ? `${given.size} bytes` : `${(given.size / 1024).toFixed(1)} KB`;
  return h(
    "a.file",
    { href: given.url_private, download: given.name },
    h("span.file-kind", { "aria-hidden": "true" }, given.filetype.toUpperCase()),
    h("span", {}, h("b", {}, given.title), h("span.file-size", {}, `${given.filetype.toUpperCase()} · ${size}`)),
  );
}

const eye = () => svg('<path d="M2 12s3.600-6.500 10-6.500S22 12 22 12s-3.600 6.500-10 6.500S2 12 2 12z" fill="none" stroke="currentColor" stroke-width="2"/><circle cx="12" cy="12" r="3" fill="currentColor"/>', 13);
const chevron = () => svg('<path d="m8 5 7 7-7 7" fill="none" stroke="currentColor" stroke-width="2.600" stroke-linecap="round" stroke-linejoin="round"/>', 12);
