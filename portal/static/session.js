/* Two minutes before a sign-in ends for lack of use a page says so; when it has ended, the page leaves the screen.
   The portal counts, not the page: another tab may have been used meanwhile. */
(function () {
  "use strict";

  var WARNING_S = 120, told = document.querySelector("[data-leaving]");
  if (!told) return;

  function ask() {
    fetch("/me/left", { credentials: "same-origin" }).then(function (answer) {
      if (answer.status === 404) { window.location.reload(); return null; }
      return answer.json().then(function (said) { wait(said.left); });
    }).catch(function () { window.setTimeout(ask, 10000); });
  }

  function wait(left) {
    var soon = left <= WARNING_S;
    told.hidden = !soon;
    window.setTimeout(ask, 1000 * (soon ? Math.min(left + 1, 15) : left - WARNING_S));
  }

  told.querySelector("button").addEventListener("click", function () {
    var form = new FormData();
    form.append("_agency", told.dataset.agency || "");
    fetch("/me/stay", { method: "POST", body: form, credentials: "same-origin" }).then(function (answer) {
      if (answer.ok) told.hidden = true; else window.location.reload();
    });
  });
  wait(Number(told.dataset.leaving));
})();
