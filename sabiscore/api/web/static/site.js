// Times in the reader's own zone, numbers of sliders as they move, and the chosen tab when markets are drawn anew. Everything else works without this file.
"use strict";

// The reader's own kind of the page's language: British English where the browser has it.
const language = document.documentElement.lang;
const spoken = navigator.languages.find((each) => each.split("-")[0] === language) || language;

const clock = new Intl.DateTimeFormat(spoken, { hour: "2-digit", minute: "2-digit" });
const whole = new Intl.DateTimeFormat(spoken, {
  weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(spoken, { weekday: "short", day: "numeric", month: "short" });

function localise(root) {
  for (const time of root.querySelectorAll("time[data-show]")) {
    const when = new Date(time.dateTime);
    const utcDay = time.dateTime.slice(0, 10);
    const localDay = new Date(when - when.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
    const moved = time.dataset.show === "clock" && utcDay !== localDay;
    const format = time.dataset.show === "clock" ? clock : whole;
    time.textContent = (moved ? day.format(when) + ", " : "") + format.format(when);
  }
}

document.addEventListener("DOMContentLoaded", () => localise(document));
document.addEventListener("htmx:afterSwap", (event) => localise(event.target));
document.addEventListener("input", (event) => {
  const shown = event.target.id && document.querySelector(`output[for="${event.target.id}"]`);
  if (shown) shown.value = tenths.format(Number(event.target.value));
});

let tab = "";
document.addEventListener("change", (event) => {
  if (event.target.name === "market") tab = event.target.id;
});
document.addEventListener("htmx:afterSettle", () => {
  const kept = tab && document.getElementById(tab);
  if (kept) kept.checked = true;
});
