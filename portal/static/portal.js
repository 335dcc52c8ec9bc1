/* What pages do beyond links and forms. Everything here only makes quicker what works without it. */
(function () {
  "use strict";

  var DRAFT_PAUSE = 4000;

  function submitOnce(event) {
    var form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  }

  function keepDraft(form) {
    var data = new FormData(form);
    data.append("_path", window.location.pathname);
    form.querySelectorAll("input[type=password]").forEach(function (field) { data.delete(field.name); });
    fetch("/drafts", { method: "POST", body: data, credentials: "same-origin" }).then(function (answer) {
      var told = form.querySelector("[data-saved]");
      if (told && answer.ok) told.hidden = false;
    }).catch(function () { /* The line is down: the next pause tries again. */ });
  }

  function watch(form) {
    var waiting = null;
    form.addEventListener("input", function () {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(function () { keepDraft(form); }, DRAFT_PAUSE);
    });
    form.addEventListener("submit", function () { window.clearTimeout(waiting); });
  }

  document.addEventListener("submit", submitOnce);
  document.querySelectorAll("form[data-draft]").forEach(watch);

  var wrong = document.querySelector(".wrongs[role=alert]");
  if (wrong) wrong.focus();

  /* A page that the browser kept alive may be from before sign-out: ask for it again. */
  window.addEventListener("pageshow", function (event) { if (event.persisted) window.location.reload(); });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
