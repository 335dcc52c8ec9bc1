/* A passkey in one gesture: the button asks the browser, and the answer goes in the form beside it. Without this file,
   or where the browser knows no passkeys, the button stays hidden and the password way serves. */
(function () {
  "use strict";

  var FRESH_MS = 10 * 60 * 1000, opened = Date.now();

  function bytes(text) {
    var plain = window.atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function text(buffer) {
    return window.btoa(String.fromCharCode.apply(null, new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function asked(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    (options.excludeCredentials || []).forEach(function (each) { each.id = bytes(each.id); });
    return { publicKey: options };
  }

  function answered(credential) {
    var said = credential.response, response = { clientDataJSON: text(said.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (said[name]) response[name] = text(said[name]);
    });
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response,
      clientExtensionResults: {}
    });
  }

  /* What a page asks for is good for some minutes: an old page asks the portal again first. */
  function current(form) {
    if (Date.now() - opened < FRESH_MS) return Promise.resolve(form.dataset.options);
    return fetch(window.location.href, { credentials: "same-origin" })
      .then(function (answer) { return answer.text(); })
      .then(function (html) {
        var found = new DOMParser().parseFromString(html, "text/html").querySelector("form[data-passkey]");
        return found ? found.dataset.options : form.dataset.options;
      });
  }

  function ask(form) {
    var told = form.querySelector("[data-failed]");
    told.hidden = true;
    current(form).then(function (options) {
      var wanted = asked(JSON.parse(options));
      return form.dataset.passkey === "make" ? navigator.credentials.create(wanted) : navigator.credentials.get(wanted);
    }).then(function (credential) {
      form.elements.credential.value = answered(credential);
      form.submit();
    }).catch(function () { told.hidden = false; told.focus(); });
  }

  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    form.hidden = false;
    form.querySelector("[data-ask]").addEventListener("click", function () {
      if (form.reportValidity()) ask(form);
    });
  });
})();
