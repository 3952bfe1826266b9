// Shortcuts of the AGGIR grid: « fait tout seul », « ne fait pas », from line to line. The grid works without.
(() => {
  "use strict";

  const boxes = (row) => [...row.querySelectorAll("input[type=checkbox]")];
  const tell = (box) => box.dispatchEvent(new Event("change", { bubbles: true }));

  const answer = (row, alone) => {
    boxes(row).forEach((box) => { box.checked = (box.value !== "N") === alone; });
    tell(boxes(row)[0]);
  };

  const move = (row, step) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    const next = rows[rows.indexOf(row) + step];
    if (!next) return;
    boxes(next)[0].focus();
    next.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("click", (event) => {
    const all = event.target.closest("[data-all]");
    if (all) answer(all.closest("[data-row]"), true);
  });

  // « Ne fait pas » and the adverbs exclude one another; heard before htmx sends the form.
  document.addEventListener("change", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || !event.target.checked) return;
    boxes(row).forEach((box) => {
      if (box !== event.target && (box.value === "N") !== (event.target.value === "N")) box.checked = false;
    });
  }, true);

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      a: () => { answer(row, true); move(row, 1); },
      c: () => { answer(row, false); move(row, 1); },
      arrowdown: () => move(row, 1),
      arrowup: () => move(row, -1),
    };
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
