// The emoji the product uses, drawn here so that they look the same on every machine. Others stay as they were typed.

import { h, svg } from "./h.js";

const DRAWN = {
  mag: ["magnifying glass", '<circle cx="10" cy="10" r="6.2" fill="#cfe4fb" stroke="#4a5568" stroke-width="2"/><path d="m14.8 14.8 6 6" stroke="#4a5568" stroke-width="3" stroke-linecap="round"/>'],
  raised_hand: ["raised hand", '<path d="M7 12.6V5.4a1.5 1.5 0 0 1 3 0V11h.6V3.5a1.5 1.5 0 0 1 3 0V11h.6V5a1.5 1.5 0 0 1 3 0v9l.9-1.4a1.6 1.6 0 0 1 2.7 1.7l-3.3 5.5A5.4 5.4 0 0 1 12.900 22.400h-.6A5.300 5.300 0 0 1 7 17.1z" fill="#f7b84b" stroke="#b47514" stroke-width="1.1" stroke-linejoin="round"/>'],
  hourglass_flowing_sand: ["hourglass", '<path d="M6 2.500h12M6 21.500h12" stroke="#8a5a2b" stroke-width="2.400" stroke-linecap="round"/><path d="M7.200 3.700h9.600v3.400c0 2.200-2.500 3.600-3.900 4.900 1.400 1.300 3.900 2.700 3.900 4.900v3.400H7.200v-3.400c0-2.200 2.500-3.600 3.900-4.900-1.400-1.300-3.900-2.700-3.900-4.900z" fill="#dcecfb" stroke="#6b87a3" stroke-width="1.200"/><path d="M8.800 19.300h6.400c0-2.300-2-2.600-3.200-4-1.200 1.400-3.200 1.700-3.200 4zM9.400 7.700h5.200c-.7 1-1.700 1.700-2.600 2.500-.9-.8-1.900-1.500-2.600-2.500z" fill="#eea63a"/>'],
  white_check_mark: ["check mark", '<rect x="2.500" y="2.500" width="19" height="19" rx="4.500" fill="#2fa56b"/><path d="m7 12.400 3.400 3.500L17.200 8.500" fill="none" stroke="#fff" stroke-width="2.700" stroke-linecap="round" stroke-linejoin="round"/>'],
  no_entry_sign: ["no entry", '<circle cx="12" cy="12" r="8.600" fill="none" stroke="#d5443e" stroke-width="3"/><path d="m6.100 6.100 11.800 11.800" stroke="#d5443e" stroke-width="3"/>'],
  warning: ["warning", '<path d="M10.500 3.600a1.750 1.750 0 0 1 3 0l8.300 14.600a1.750 1.750 0 0 1-1.500 2.600H3.700a1.750 1.750 0 0 1-1.500-2.600z" fill="#fbc53d" stroke="#c98a10" stroke-width="1"/><path d="M12 8.400v5.800" stroke="#4c3300" stroke-width="2.300" stroke-linecap="round"/><circle cx="12" cy="17.500" r="1.350" fill="#4c3300"/>'],
  stethoscope: ["stethoscope", '<path d="M5 3v5.500a4.500 4.500 0 0 0 9 0V3M9.500 13v2.500a5 5 0 0 0 10 0V13" fill="none" stroke="#5b7390" stroke-width="2.100" stroke-linecap="round"/><circle cx="19.500" cy="10.800" r="2.200" fill="#cfe4fb" stroke="#5b7390" stroke-width="1.700"/>'],
  double_vertical_bar: ["pause", '<rect x="2.500" y="2.500" width="19" height="19" rx="4.500" fill="#5b7390"/><path d="M9 7.500v9M15 7.500v9" stroke="#fff" stroke-width="2.800" stroke-linecap="round"/>'],
  arrow_forward: ["resume", '<rect x="2.500" y="2.500" width="19" height="19" rx="4.500" fill="#5b7390"/><path d="M9 7.200v9.600l8-4.800z" fill="#fff"/>'],
  grey_question: ["question", '<path d="M8.200 8.600a3.900 3.900 0 1 1 5.700 3.500c-1.300.700-1.900 1.500-1.900 3" fill="none" stroke="#8d948f" stroke-width="2.700" stroke-linecap="round"/><circle cx="12" cy="19.300" r="1.700" fill="#8d948f"/>'],
  receipt: ["receipt", '<path d="M5.500 2.500h13v19l-2.200-1.700-2.100 1.700-2.200-1.700-2.200 1.700-2.100-1.700-2.200 1.700z" fill="#f3f0e6" stroke="#8a8472" stroke-width="1.200" stroke-linejoin="round"/><path d="M8.500 7.500h7M8.500 11h7M8.500 14.500h4.500" stroke="#8a8472" stroke-width="1.500" stroke-linecap="round"/>'],
};

export function emoji(name) {
  const known = DRAWN[name];
  if (!known) return `:${name}:`;
  return h("span.emoji", { role: "img", "aria-label": known[0], title: `:${name}:` }, svg(known[1], 20));
}
