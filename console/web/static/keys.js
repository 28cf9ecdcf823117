// The queue by keyboard: j k move, x ticks, o opens, / searches. Everything works without it.
"use strict";
(() => {
  const rows = [...document.querySelectorAll(".leads .lead")];
  let at = -1;
  const go = (to) => {
    if (!rows.length) return;
    rows[at]?.classList.remove("current");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("current");
    rows[at].scrollIntoView({ block: "nearest" });
    rows[at].querySelector("h2 a").focus({ preventScroll: true });
  };
  const does = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    x: () => rows[at]?.querySelector("input[type=checkbox]")?.click(),
    o: () => rows[at]?.querySelector("h2 a").click(),
    "/": () => document.querySelector("input[type=search]")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !does[event.key]) return;
    event.preventDefault();
    does[event.key]();
  });
  // An officer's own name need not be typed again.
  for (const input of document.querySelectorAll("[data-keep]")) {
    input.value ||= localStorage.getItem(input.dataset.keep) ?? "";
    input.addEventListener("change", () => localStorage.setItem(input.dataset.keep, input.value));
  }
})();
