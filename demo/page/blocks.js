// Block Kit, as strictly as Slack: what is not drawn here is said to be missing, never guessed.

import { h } from "./h.js";
import { link, plain, mrkdwn, textObject } from "./mrkdwn.js";
import { confirmed } from "./dialogs.js";

// `act` is what a person can do with a message: act.tick(blockId, element, option, on), act.choose(option) and
// act.press(element).
export function blocks(list, act) {
  return list.map((block) => {
    const draw = BLOCKS[block.type];
    return draw ? draw(block, act) : missing(block.type);
  });
}

const BLOCKS = {
  header: (block) => h("h3.block.header", {}, textObject(block.text)),
  section: (block, act) =>
    h(
      "div.block.section",
      {},
      h(
        "div.section-words",
        {},
        block.text && h("div", {}, textObject(block.text)),
        block.fields && h("div.fields", {}, block.fields.map((field) => h("div", {}, textObject(field)))),
      ),
      block.accessory && element(block.accessory, block, act),
    ),
  context: (block) => h("div.block.context", {}, block.elements.map((part) => h("div", {}, textObject(part)))),
  divider: () => h("hr.block"),
  table: (block) => table(block),
  actions: (block, act) => h("div.block.actions", {}, block.elements.map((part) => element(part, block, act))),
  input: (block, act) =>
    h(
      "fieldset.block.input",
      {},
      h("legend", {}, textObject(block.label)),
      element(block.element, block, act),
      block.hint && h("p.input-hint", {}, textObject(block.hint)),
    ),
  rich_text: (block) => h("div.block.section", {}, block.elements.map(richSection)),
  markdown: (block) => h("div.block.words", {}, mrkdwn(block.text)),
};

function element(part, block, act) {
  if (part.type === "button") return button(part, act);
  if (part.type === "checkboxes") return checkboxes(part, block, act);
  if (part.type === "static_select") return select(part, block, act);
  return missing(part.type);
}

function button(part, act) {
  const press = async () => {
    if (!part.confirm || (await confirmed(part.confirm))) act.press(part);
  };
  return h(
    "button.block-button",
    {
      type: "button",
      class: `block-button ${part.style ?? ""}`.trim(),
      dataset: { action: part.action_id },
      "aria-label": part.accessibility_label,
      "aria-haspopup": part.confirm ? "dialog" : null,
      onclick: press,
    },
    textObject(part.text),
  );
}

function checkboxes(part, block, act) {
  return h(
    "div.checkboxes",
    { role: "group", dataset: { block: block.block_id, action: part.action_id } },
    part.options.map((option) => {
      const box = h("input", {
        type: "checkbox",
        dataset: { value: option.value },
        onchange: (event) => act.tick(block.block_id, part, option, event.target.checked),
      });
      return h(
        "label.option",
        {},
        box,
        h("span", {}, h("span.option-text", {}, textObject(option.text)), option.description && h("span.option-description", {}, textObject(option.description))),
      );
    }),
  );
}

function select(part, block, act) {
  return h(
    "select.block-select",
    {
      dataset: { block: block.block_id, action: part.action_id },
      "aria-label": "How long what is unticked is kept",
      onchange: (event) => act.choose(part.options.find((option) => option.value === event.target.value)),
    },
    part.options.map((option) => h("option", { value: option.value, selected: option.value === part.initial_option?.value }, option.text.text)),
  );
}

// Ticks are put in place apart from the blocks, so that a tick never draws the message anew.
export function showTicks(holder, values) {
  for (const menu of holder.querySelectorAll(".block-select")) {
    const chosen = values?.[menu.dataset.block]?.[menu.dataset.action]?.selected_option;
    if (chosen) menu.value = chosen.value;
  }
  for (const group of holder.querySelectorAll(".checkboxes")) {
    const chosen = values?.[group.dataset.block]?.[group.dataset.action]?.selected_options ?? [];
    const ticked = new Set(chosen.map((option) => option.value));
    for (const box of group.querySelectorAll("input")) box.checked = ticked.has(box.dataset.value);
  }
}

function table(block) {
  const [head, ...rows] = block.rows;
  const settings = block.column_settings ?? [];
  const cell = (tag) => (content, column) =>
    h(
      tag,
      { class: `${settings[column]?.align ?? "left"} ${settings[column]?.is_wrapped ? "wrapped" : ""}`.trim(), scope: tag === "th" ? "col" : null },
      cellText(content),
    );
  return h(
    "div.block.table",
    { tabindex: 0, role: "group", "aria-label": "Table" },
    h("table", {}, h("thead", {}, h("tr", {}, head.map(cell("th")))), h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell("td")))))),
  );
}

function cellText(content) {
  if (content.type === "rich_text") return content.elements.map(richSection);
  return content.text;
}

function richSection(section) {
  return h("span", {}, section.elements.map(richPart));
}

function richPart(part) {
  const style = part.style ?? {};
  let drawn = { text: () => part.text, link: () => link(part.url, part.text ?? part.url), user: () => mrkdwn(`<@${part.user_id}>`), emoji: () => plain(`:${part.name}:`) }[part.type]?.();
  if (drawn === undefined) return missing(part.type);
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) if (style[name]) drawn = h(tag, {}, drawn);
  return drawn;
}

const missing = (type) => h("div.block.missing", {}, `This page does not draw “${type}”.`);
