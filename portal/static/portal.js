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

  /* A drawing wider than the screen begins in its middle, where the children are. */
  function centre(drawing) {
    var frame = drawing.parentElement;
    frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
  }

  function keepDraft(form) {
    var data = new FormData(form);
    data.append("_path", window.location.pathname);
    form.querySelectorAll("input[type=password], input[type=file]").forEach(function (field) { data.delete(field.name); });
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

  /* A view of a council's session asks every second what changed, every ten when nobody looks. */
  var POLL = 1000, POLL_HIDDEN = 10000;

  function isWritten(root) {
    return Array.prototype.some.call(root.querySelectorAll("input, textarea"), function (field) {
      return field.type !== "hidden" && field.type !== "radio" && field.value !== field.defaultValue;
    });
  }

  function renew(root, html) {
    var fresh = document.createElement("template"), waits = false;
    fresh.innerHTML = html;
    fresh.content.querySelectorAll("[data-live]").forEach(function (part) {
      var old = document.getElementById(part.id);
      if (!old || old.dataset.live === part.dataset.live) return;
      if (old.contains(document.activeElement) && /INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) { waits = true; return; }
      if (old.dataset.item !== part.dataset.item && document.getElementById("desk-side") && !isWritten(root)) { window.location.reload(); }
      old.replaceWith(part);
    });
    var first = root.querySelector("[data-live]");
    if (!waits && first) root.dataset.version = first.dataset.live;
  }

  function poll(root) {
    var offline = document.querySelector("[data-offline]"), over = document.querySelector("[data-over]");
    function again() { window.setTimeout(ask, document.hidden ? POLL_HIDDEN : POLL); }
    function ask() {
      fetch(root.dataset.poll + "&v=" + root.dataset.version, { credentials: "same-origin" }).then(function (answer) {
        if (offline) offline.hidden = true;
        if (answer.status === 404) { if (over) over.hidden = false; return null; }
        if (answer.status !== 200) { again(); return null; }
        return answer.text().then(function (html) { renew(root, html); again(); });
      }).catch(function () { if (offline) offline.hidden = false; again(); });
    }
    /* What may be done from an hour on shows at that hour, though nobody changed anything. */
    (root.dataset.waits || "").split(" ").filter(Boolean).forEach(function (seconds) {
      window.setTimeout(function () {
        root.dataset.version = "";
        root.querySelector("[data-live]").dataset.live = "";
      }, seconds * 1000 + POLL);
    });
    again();
  }

  document.querySelectorAll("[data-poll]").forEach(poll);
  document.querySelectorAll("[data-fill]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { document.getElementById(button.dataset.fill).value = button.dataset.value; });
  });

  document.addEventListener("submit", submitOnce);
  document.querySelectorAll("form[data-draft]").forEach(watch);
  document.querySelectorAll(".scroll > .genogram").forEach(centre);

  var wrong = document.querySelector(".wrongs[role=alert]");
  if (wrong) wrong.focus();

  /* A page that the browser kept alive may be from before sign-out: ask for it again. */
  window.addEventListener("pageshow", function (event) { if (event.persisted) window.location.reload(); });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
