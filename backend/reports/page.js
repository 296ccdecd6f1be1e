"use strict";
(() => {
  const MOST_OPENED = 200;
  const bar = document.querySelector(".filters");
  const entries = [...document.querySelectorAll(".entry")];
  const open = () => {
    const wanted = /^#entry-\d+$/.test(location.hash) && document.querySelector(location.hash);
    if (wanted) { wanted.hidden = false; wanted.open = true; wanted.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
  if (!bar) return;
  const flags = entries.map((entry) => new Set((entry.dataset.flags || "").split(" ")));
  const boxes = [...bar.querySelectorAll("[name=flag]")];
  const search = bar.querySelector("[type=search]");
  const count = bar.querySelector("[role=status]");
  let texts = null;
  let waiting = 0;
  const apply = () => {
    const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !texts) texts = entries.map((entry) => entry.textContent.toLowerCase());
    let shown = 0;
    entries.forEach((entry, place) => {
      const fits = wanted.every((flag) => flags[place].has(flag))
        && words.every((word) => texts[place].includes(word));
      if (entry.hidden === fits) entry.hidden = !fits;
      shown += fits;
    });
    count.textContent = `${shown.toLocaleString("en")} of ${entries.length.toLocaleString("en")} shown`;
  };
  boxes.forEach((box) => box.addEventListener("change", apply));
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 150); });
  bar.querySelector("[value=open]").addEventListener("click", () => {
    entries.filter((entry) => !entry.hidden).slice(0, MOST_OPENED).forEach((entry) => { entry.open = true; });
  });
  bar.querySelector("[value=close]").addEventListener("click", () => {
    entries.forEach((entry) => { if (entry.open) entry.open = false; });
  });
  bar.hidden = false;
  apply();
})();
