/* A document on a slow line: a photograph is made smaller here, and the file goes in pieces before the form does, so that
   a line that is cut costs one piece. Without this file, or where anything fails, the form sends the file whole. */
(function () {
  "use strict";

  var LONGEST_SIDE = 2560, WORTH_PIXELS = 1200000, QUALITY = 0.85, WAITS = [1000, 2000, 4000, 8000, 15000, 30000];

  function shrink(file) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || !window.createImageBitmap || file.size < 600000) return Promise.resolve(file);
    return createImageBitmap(file).then(function (picture) {
      var scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
      if (scale === 1 && picture.width * picture.height < WORTH_PIXELS) return file;
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      var pen = canvas.getContext("2d");
      pen.fillStyle = "white";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      return new Promise(function (done) { canvas.toBlob(done, "image/jpeg", QUALITY); }).then(function (blob) {
        return blob && blob.size < file.size ? new File([blob], "foto.jpg", { type: "image/jpeg" }) : file;
      });
    }).catch(function () { return file; });
  }

  function post(url, agency, fields) {
    var data = new FormData();
    data.append("_agency", agency);
    Object.keys(fields).forEach(function (name) { data.append(name, fields[name]); });
    return fetch(url, { method: "POST", body: data, credentials: "same-origin" });
  }

  function wait(ms) { return new Promise(function (done) { window.setTimeout(done, ms); }); }

  /* The answer of the portal to a piece; where the line is cut it is asked how much has come, again and again. */
  function where(url, tries, tell) {
    if (tries >= WAITS.length) return Promise.reject(new Error("cut"));
    return wait(WAITS[tries]).then(function () { return fetch(url, { credentials: "same-origin" }); }).then(function (answer) {
      if (!answer.ok) throw new Error("gone");
      return answer.json().then(function (told) { return told.received; });
    }).catch(function (error) {
      if (error.message === "gone") throw error;
      tell();
      return where(url, tries + 1, tell);
    });
  }

  function send(file, agency, shown) {
    return post("/uploads", agency, { name: file.name, size: file.size }).then(function (answer) {
      if (!answer.ok) throw new Error("refused");
      return answer.json();
    }).then(function (begun) {
      var url = "/uploads/" + begun.id;
      /* Fails it again and again without getting on, the waits grow as those of a line that is cut, and end. */
      function on(place, tries) {
        shown(place);
        if (place >= file.size) return begun.id;
        return post(url, agency, { offset: place, piece: file.slice(place, place + begun.piece) }).then(function (answer) {
          if (answer.status === 422 || answer.status === 404) throw new Error("refused");
          if (!answer.ok) throw new TypeError("again");
          return answer.json().then(function (told) { return [told.received, 0]; });
        }).catch(function (error) {
          if (error.message === "refused") throw error;
          return where(url, tries, function () { shown(place, true); }).then(function (received) {
            return [received, received > place ? 0 : tries + 1];
          });
        }).then(function (next) { return on(next[0], next[1]); });
      }
      return on(0, 0);
    });
  }

  function prepare(field) {
    var form = field.closest("form"), chosen = field.querySelector("input[type=file]"), number = field.querySelector("input[name=upload]");
    var told = field.querySelector("[data-told]"), bar = field.querySelector("progress"), at_work = false;

    function say(text) { told.hidden = false; if (told.textContent !== text) told.textContent = text; }

    chosen.addEventListener("change", function () { number.value = ""; });
    form.addEventListener("submit", function (event) {
      var file = chosen.files[0], button = event.submitter;
      if (!file) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (at_work) return;
      at_work = true;
      say(told.dataset.making);
      shrink(file).then(function (small) {
        return send(small, field.dataset.agency, function (place, is_cut) {
          var percent = small.size ? Math.floor(100 * place / small.size) : 0;
          bar.hidden = false;
          bar.value = percent;
          say((is_cut ? told.dataset.cut : told.dataset.sending) + " " + percent + " %");
        });
      }).then(function (id) {
        number.value = id;
        chosen.value = "";
        chosen.required = false;
        say(told.dataset.done);
      }).then(function () {
        at_work = false;
        form.requestSubmit(button);
      }, function () {
        /* The plain way serves, or says what is wrong beside the field. */
        form.submit();
      });
    });
  }

  document.querySelectorAll("[data-upload]").forEach(prepare);
})();
