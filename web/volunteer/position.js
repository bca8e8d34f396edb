"use strict";
// Shares the phone's position after a tap, at most every 15 seconds, until the service says that the way is over.
(() => {
  const button = document.getElementById("share");
  if (!button || !("geolocation" in navigator) || !window.isSecureContext) return;
  const pause = 15000;
  let last = 0;
  let watch = null;

  const stop = () => {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = null;
    button.disabled = false;
    button.textContent = button.dataset.failed;
  };

  const share = async ({ coords }) => {
    if (Date.now() - last < pause) return;
    last = Date.now();
    try {
      const answer = await fetch(button.dataset.to, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ lon: coords.longitude, lat: coords.latitude, crs: "wgs84" }),
      });
      if (answer.status >= 400 && answer.status < 500) stop();
    } catch {
      // No network for a moment: the next position is tried again.
    }
  };

  button.addEventListener("click", () => {
    button.disabled = true;
    button.textContent = button.dataset.sharing;
    watch = navigator.geolocation.watchPosition(share, stop, { enableHighAccuracy: true, maximumAge: 10000 });
  });
  button.hidden = false;
})();
