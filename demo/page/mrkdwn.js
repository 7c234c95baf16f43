// Slack's text: mrkdwn with bold, italic, strike, code, links, mentions and dates; and plain text with emoji names.

import { h } from "./h.js";
import { emoji } from "./emoji.js";

let names = {};
let me = null;

export function know(knownNames, person) {
  names = knownNames;
  me = person;
}

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const unescaped = (text) => text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);

const INLINE = [
  { pattern: /```([\s\S]+?)```/, draw: (m) => h("pre", {}, unescaped(m[1])) },
  { pattern: /`([^`\n]+)`/, draw: (m) => h("code", {}, unescaped(m[1])) },
  { pattern: /<([^<>\n]+)>/, draw: (m) => token(m[1]) },
  { pattern: /(?<![\w*])\*(?!\s)([^*\n]+)(?<!\s)\*(?![\w*])/, draw: (m) => h("strong", {}, mrkdwn(m[1])) },
  { pattern: /(?<![\w_])_(?!\s)([^_\n]+)(?<!\s)_(?![\w_])/, draw: (m) => h("em", {}, mrkdwn(m[1])) },
  { pattern: /(?<![\w~])~(?!\s)([^~\n]+)(?<!\s)~(?![\w~])/, draw: (m) => h("s", {}, mrkdwn(m[1])) },
  { pattern: /:([a-z0-9_+-]+):/, draw: (m) => emoji(m[1]) },
  { pattern: /\n/, draw: () => h("br") },
];

export function mrkdwn(text) {
  const drawn = [];
  let rest = text;
  while (rest) {
    let first = null;
    for (const kind of INLINE) {
      const match = kind.pattern.exec(rest);
      if (match && (first === null || match.index < first.match.index)) first = { kind, match };
    }
    if (!first) {
      drawn.push(unescaped(rest));
      break;
    }
    if (first.match.index > 0) drawn.push(unescaped(rest.slice(0, first.match.index)));
    drawn.push(first.kind.draw(first.match));
    rest = rest.slice(first.match.index + first.match[0].length);
  }
  return drawn;
}

export function plain(text, withEmoji = true) {
  if (!withEmoji) return [text];
  return text.split(/(:[a-z0-9_+-]+:)/).filter(Boolean).map((part) => {
    const named = /^:([a-z0-9_+-]+):$/.exec(part);
    return named ? emoji(named[1]) : part;
  });
}

export function textObject(object) {
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text, object.emoji !== false);
}

// The same text for a screen reader: mentions, dates and links as words, no marks.
export function aloud(text) {
  const holder = h("div", {}, mrkdwn(text));
  holder.querySelectorAll("br").forEach((br) => br.replaceWith("\n"));
  return holder.textContent;
}

function token(inside) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!subteam^")) return mention(target.slice("!subteam^".length), label);
  if (target === "!here" || target === "!channel" || target === "!everyone") return h("span.mention", {}, `@${target.slice(1)}`);
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) return h("span.mention", {}, names[target.slice(1)] ?? `#${label ?? target.slice(1)}`);
  return link(unescaped(target), unescaped(label ?? target));
}

function mention(id, label) {
  const classes = id === me ? "span.mention.me" : "span.mention";
  return h(classes, {}, names[id] ?? `@${label ?? id}`);
}

export function link(url, label) {
  const message = /\/slack\/archives\/[^/]+\/(p\d+)/.exec(url);
  if (message) return h("a", { href: `#${message[1]}` }, label);
  if (!/^(https?|mailto):/.test(url)) return label;
  return h("a", { href: url, target: "_blank", rel: "noopener" }, label);
}

// Dates stand in the reader's own time zone (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
const FORMATS = {
  date: { year: "numeric", month: "long", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  time: { hour: "numeric", minute: "2-digit" },
  time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
};

function date(target, fallback) {
  const [, seconds, pattern] = /^!date\^(\d+)\^([^^]*)/.exec(target) ?? [];
  if (!seconds) return fallback ?? "";
  const moment = new Date(Number(seconds) * 1000);
  const text = pattern.replace(/\{(\w+?)(_pretty)?\}/g, (whole, name, pretty) => {
    const near = pretty && dayName(moment);
    return near || (FORMATS[name] ? moment.toLocaleString(undefined, FORMATS[name]) : whole);
  });
  return h("time", { datetime: moment.toISOString(), title: fallback ?? "" }, text);
}

export function dayName(moment, now = new Date()) {
  const days = Math.round((midnight(moment) - midnight(now)) / 86_400_000);
  return { 0: "Today", "-1": "Yesterday", 1: "Tomorrow" }[days] ?? null;
}

const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();

export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString(undefined, FORMATS.time);
export const longDay = (moment) => moment.toLocaleDateString(undefined, { weekday: "long", month: "long", day: "numeric" });
