// Before the first paint: the colours and type size chosen last time (see src/appearance.ts).
(function () {
  var look = {};
  try {
    look = JSON.parse(localStorage.getItem("peiban.look") || "{}") || {};
  } catch (error) {
    look = {};
  }
  var dark = look.theme === "dark" || (look.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  if (look.large) document.documentElement.setAttribute("data-large", "");
})();
