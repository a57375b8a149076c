/*
 * One script tag puts 小财 into a bank's page: <script src="https://peiban.bank.example/embed.js"></script>, then
 * PeiBan.open({ token, getToken, … }). Described in docs/embedding.md. Plain JavaScript, no dependencies.
 */
(function () {
  "use strict";
  var script = document.currentScript;
  var home = new URL(script && script.src ? script.src : location.href).origin;

  function open(options) {
    if (!options || typeof options.token !== "string" || !options.token) {
      throw new TypeError("PeiBan.open needs { token }");
    }
    var frame = document.createElement("iframe");
    frame.title = "小财 AI 助手";
    frame.src = home + "/?embed=" + encodeURIComponent(location.origin) + (options.bind ? "&bind=" + encodeURIComponent(options.bind) : "");
    frame.allow = "clipboard-write";
    frame.style.border = "0";
    frame.style.width = "100%";
    frame.style.height = "100%";
    var place = options.container || document.body;
    if (!options.container) {
      frame.style.position = "fixed";
      frame.style.inset = "0";
      frame.style.zIndex = "2147483000";
    }

    function send(message) {
      if (frame.contentWindow) frame.contentWindow.postMessage(message, home);
    }
    function signIn(token) {
      send({ type: "peiban:open", token: token, theme: options.theme, topics: options.topics });
    }
    function receive(event) {
      if (event.source !== frame.contentWindow || event.origin !== home || !event.data) return;
      var data = event.data;
      if (data.type === "peiban:ready") signIn(options.token);
      else if (data.type === "peiban:signed-out" && options.onSignedOut) options.onSignedOut();
      else if (data.type === "peiban:token-needed" && options.getToken) {
        // Without a fresh token the page says after a while that the customer must sign in again.
        Promise.resolve(options.getToken()).then(signIn, function () {});
      } else if (data.type === "peiban:link") {
        if (options.onLink) options.onLink({ url: data.url, kind: data.kind });
        else window.open(data.url, "_blank", "noopener");
      } else if (data.type === "peiban:unread" && options.onUnread) options.onUnread(data.count);
    }
    window.addEventListener("message", receive);
    place.appendChild(frame);

    return {
      signIn: signIn,
      setTheme: function (theme) {
        send({ type: "peiban:theme", theme: theme });
      },
      close: function () {
        window.removeEventListener("message", receive);
        frame.remove();
      },
    };
  }

  window.PeiBan = { open: open };
})();
