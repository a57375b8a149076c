// Leaving without confirming is told to the bank, so that it can be offered help later.
const form = document.querySelector("form:not([hidden])");
let sent = false;
form?.addEventListener("submit", () => { sent = true; });
addEventListener("pagehide", () => {
  if (!form || sent) return;
  sent = true;
  navigator.sendBeacon("/demo/bank/purchase/broken_off", new URLSearchParams(new FormData(form)));
});
