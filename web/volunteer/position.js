"use strict";
// Shares the phone's position after a tap, at most every 15 seconds, until the service says that the way is over.
// The page is loaded afresh by every button and may be left for a map: within this tab it then goes on by itself.
(() => {
  const box = document.getElementById("share");
  if (!box) return;
  const words = box.dataset;
  const state = box.querySelector("p");
  const button = box.querySelector("button");
  const key = "share" + location.pathname;
  const pause = 15000;
  const DENIED = 1;
  let watch = null;
  let sentAt = 0;
  let again = null;

  const remember = (on) => {
    try {
      if (on) sessionStorage.setItem(key, "on");
      else sessionStorage.removeItem(key);
    } catch {
      // A browser that keeps nothing: the person taps again.
    }
  };
  const remembered = () => {
    try {
      return sessionStorage.getItem(key) === "on";
    } catch {
      return false;
    }
  };
  const show = (name) => {
    box.classList.toggle("on", name === "on");
    if (state.textContent !== words[name]) state.textContent = words[name];
    button.textContent = watch === null ? words.start : words.stop;
  };
  const stop = (name) => {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = null;
    remember(false);
    show(name);
  };
  const over = () => {
    stop("off");
    location.replace(location.pathname + "?lang=" + document.documentElement.lang.slice(0, 2));
  };
  const trouble = (position) => {
    show("trouble");
    again = setTimeout(() => send(position), pause);
  };
  const send = async (position) => {
    if (watch === null || Date.now() - sentAt < pause) return;
    clearTimeout(again);
    sentAt = Date.now();
    const { coords } = position;
    try {
      const answer = await fetch(words.to, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ lon: coords.longitude, lat: coords.latitude, crs: "wgs84" }),
      });
      if (watch === null) return;
      if (answer.status === 409 || answer.status === 404) over();
      else if (answer.ok) show("on");
      else trouble(position);
    } catch {
      if (watch !== null) trouble(position);
    }
  };
  const failed = (error) => {
    if (error.code === DENIED) stop("denied");
    else show("unavailable");
  };
  const start = () => {
    sentAt = 0;
    watch = navigator.geolocation.watchPosition(send, failed, {
      enableHighAccuracy: true,
      maximumAge: 10000,
      timeout: 30000,
    });
    remember(true);
    show("asking");
  };

  box.hidden = false;
  if (!("geolocation" in navigator) || !window.isSecureContext) {
    button.hidden = true;
    show("unavailable");
    return;
  }
  button.addEventListener("click", () => (watch === null ? start() : stop("off")));
  if (remembered()) start();
  else show("off");
})();
