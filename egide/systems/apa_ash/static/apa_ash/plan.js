// The tariff of a service that arrives never takes the place of one that was typed: it is told beside.
(() => {
  "use strict";

  const tell = (text) => {
    const note = document.getElementById("tarif-note");
    if (note) note.textContent = text;
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    const field = event.detail.target;
    if (!field || field.id !== "id_tarif") return;
    const page = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
    const known = page.getElementById("id_tarif")?.dataset.connu ?? "";
    const typed = field.value.trim();
    if (!typed || typed === field.dataset.connu || typed === known || !known) {
      tell("");
      return;
    }
    event.detail.shouldSwap = false;
    field.dataset.connu = known;
    tell(`Votre saisie de ${typed}\u00a0€ est gardée\u00a0: le tarif de ce service est de ${known}\u00a0€.`);
  });
})();
