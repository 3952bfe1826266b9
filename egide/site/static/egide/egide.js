// Small comforts of every page; each screen works without them.
(() => {
  "use strict";

  const refusedSummary = (root) => root.querySelector("[data-focus]");

  const focusSummary = (root) => {
    const summary = refusedSummary(root);
    if (summary) summary.focus();
  };

  const tell = (text, level) => {
    const region = document.getElementById("messages");
    if (!region) return;
    const note = document.createElement("li");
    note.className = `eg-note ${level}`;
    note.textContent = text;
    region.replaceChildren(note);
    region.scrollIntoView({ block: "nearest" });
  };

  // A month of payments takes some time: nobody wonders whether it began.
  const LONG = 3000;
  const WORKING = "En cours\u00a0: cela peut prendre une minute. Laissez cette page ouverte.";
  let waiting;

  // A form sent twice by impatience is sent once; the server has its own guard. A button that gives a
  // file (data-download) leaves its page there, and may be pressed again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (event.submitter?.hasAttribute("data-download")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    waiting = setTimeout(() => tell(WORKING, "info"), LONG);
  });

  // Back from the browser's page cache, the form may be sent again.
  window.addEventListener("pageshow", () => {
    clearTimeout(waiting);
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
    focusSummary(document);
  });

  // "/" goes to the search field, unless one is typing.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.detail.target));

  // A session that ended swaps nothing: what was typed stays to be read, and copied, after signing in.
  const FAILURES = {
    401: "Votre session est terminée\u00a0: rien n’est plus enregistré. Gardez cette page pour relire votre saisie, et connectez-vous dans un autre onglet.",
    403: "Ce formulaire a expiré. Notez votre saisie, puis rechargez la page.",
    503: "Un autre agent travaille sur les mêmes données. Recommencez dans un instant.",
  };
  const FAILED = "La mise à jour n’a pas pu se faire. Rechargez la page et recommencez.";
  document.addEventListener("htmx:responseError", (event) => {
    tell(FAILURES[event.detail.xhr.status] ?? FAILED, "error");
  });
})();
