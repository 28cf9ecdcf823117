// The queue by keyboard, and an officer's own name kept; everything works without it.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll(".leads article.lead")];
  const current = () => document.querySelector("article.lead.current");
  const tick = (row) => row?.querySelector(".tick input");
  const press = (key) => document.querySelector(`[data-key="${key}"]`)?.click();
  const go = (step) => {
    const all = rows();
    if (!all.length) return;
    const to = all[Math.max(0, Math.min(all.length - 1, all.indexOf(current()) + step))];
    current()?.classList.remove("current");
    to.classList.add("current");
    to.scrollIntoView({ block: "nearest" });
    to.querySelector("h2 a").focus({ preventScroll: true });
  };
  const set = (some, on) => {
    for (const row of some) if (tick(row)) tick(row).checked = on;
    count();
  };
  const count = () => {
    const ticked = document.querySelectorAll(".tick input:checked").length;
    const said = document.querySelector(".bulk .chosen");
    if (said) said.textContent = ticked ? `选中 ${ticked} 条：` : "选中的线索：";
  };
  const help = () => {
    const shown = document.getElementById("help");
    shown.open ? shown.close() : shown.showModal();
  };
  const does = {
    j: () => go(1),
    k: () => go(-1),
    x: () => tick(current())?.click(),
    a: () => set(rows(), !rows().every((row) => tick(row)?.checked)),
    s: () => current() && set(rows().filter((row) => row.dataset.seller && row.dataset.seller === current().dataset.seller), true),
    o: () => current()?.querySelector("h2 a").click(),
    c: () => document.querySelector("#judge select[name=state]")?.focus(),
    u: () => press("u"),
    n: () => press("n"),
    "/": () => document.querySelector("input[type=search]")?.focus(),
    "?": help,
  };
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.key === "Escape" && !document.getElementById("help").open) {
      if (typing) event.target.blur();
      else set(rows(), false);
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !does[event.key]) return;
    if (document.getElementById("help").open && event.key !== "?") return;
    event.preventDefault();
    does[event.key]();
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-help]")) help(); });
  document.addEventListener("change", (event) => {
    if (event.target.closest(".tick")) count();
    if (event.target.dataset.keep) localStorage.setItem(event.target.dataset.keep, event.target.value);
  });
  // An officer's own name need not be typed again.
  const fill = () => {
    for (const input of document.querySelectorAll("[data-keep]")) input.value ||= localStorage.getItem(input.dataset.keep) ?? "";
  };
  document.addEventListener("htmx:after:swap", fill);
  fill();
})();
