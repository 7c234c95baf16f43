// People as faces: drawn, so that nobody real is meant. Each has a part to play.

import { svg, h } from "./h.js";

const FACES = {
  U0APPROVER: { sky: "#f4c7a1", skin: "#8d5a3b", hair: "#2b1d16", shirt: "#2e6f57", cut: '<path d="M6.600 10.200c-.6-5 2-7.200 5.400-7.200s6 2.200 5.400 7.200c-1-2.400-2.200-3.200-3.400-3.400-2.400.6-5 .2-6 .4-.7.8-1.200 1.700-1.400 3z"/>' },
  U0OTHER: { sky: "#c9d8f5", skin: "#f0c9a8", hair: "#b5502c", shirt: "#3d4f8f", cut: '<path d="M5.800 15c-1.500-7 1-12 6.200-12s7.700 5 6.200 12c-.9-.6-1.400-3.500-1.500-6.200-3 .2-5.400-.6-6.600-2-.4 1.500-1.500 2.500-2.800 2.900 0 2-.6 4.700-1.500 5.300z"/>' },
  U0MEMBER: { sky: "#d6ecd2", skin: "#d9a57c", hair: "#3a3a3a", shirt: "#7c5aa6", cut: '<path d="M6.700 9.400C6.500 5.200 8.600 3.200 12 3.200s5.500 2 5.300 6.200c-.5-1.500-.9-2-1.500-2.400H8.200c-.6.400-1 .9-1.500 2.400z"/><rect x="7.200" y="9.300" width="4" height="3" rx="1.300" fill="none" stroke="#3a3a3a" stroke-width=".8"/><rect x="12.800" y="9.300" width="4" height="3" rx="1.300" fill="none" stroke="#3a3a3a" stroke-width=".8"/><path d="M11.200 10.600h1.600" stroke="#3a3a3a" stroke-width=".8"/>' },
  U0GUEST: { sky: "#f3d7e3", skin: "#f3d5bd", hair: "#d9b45b", shirt: "#b04a6b", cut: '<circle cx="12" cy="3.600" r="2.200"/><path d="M6.500 10.500C6 6 8.200 4 12 4s6 2 5.500 6.500c-.8-1.300-1-2.400-2.400-3.300-2 .9-4.200.9-6.200 0-1.400.900-1.600 2-2.400 3.300z"/>' },
  U0ASKER: { sky: "#f2e3b3", skin: "#c98e63", hair: "#40302a", shirt: "#53707a", cut: '<path d="M6.500 10c-.3-4.600 2-6.800 5.500-6.800s5.800 2.200 5.500 6.800c-1.200-2.900-2.500-3.600-5.500-3.600S7.700 7.100 6.500 10z"/>' },
};

export function face(user, size = 36) {
  const looks = FACES[user];
  if (!looks) return h("span.face.nobody", { "aria-hidden": "true" });
  const holder = svg(
    `<rect width="24" height="24" fill="${looks.sky}"/><path d="M3 26c0-6 4-8.500 9-8.500s9 2.500 9 8.500z" fill="${looks.shirt}"/><path d="M9.800 14.500h4.400v3.200a2.200 2.200 0 0 1-4.400 0z" fill="${looks.skin}"/><ellipse cx="12" cy="10.600" rx="5" ry="5.700" fill="${looks.skin}"/><g fill="${looks.hair}">${looks.cut}</g><circle cx="9.900" cy="10.800" r=".75" fill="#241a15"/><circle cx="14.100" cy="10.800" r=".75" fill="#241a15"/><path d="M10.200 13.500c1 1.100 2.600 1.100 3.600 0" stroke="#241a15" stroke-width=".8" fill="none" stroke-linecap="round"/>`,
    size,
  );
  holder.classList.add("face");
  return holder;
}

export function appFace(size = 36) {
  const holder = svg(
    '<rect width="24" height="24" fill="#143129"/><rect x="4.500" y="4.500" width="6.500" height="6.500" rx="1.800" fill="#f6b352"/><rect x="13" y="4.500" width="6.500" height="6.500" rx="1.800" fill="none" stroke="#f6b352" stroke-width="1.300" stroke-dasharray="2 1.600"/><rect x="4.500" y="13" width="6.500" height="6.500" rx="1.800" fill="none" stroke="#f6b352" stroke-width="1.300" stroke-dasharray="2 1.600"/><circle cx="16.250" cy="16.250" r="3.250" fill="#7db6ff"/>',
    size,
  );
  holder.classList.add("face", "app-face");
  return holder;
}
