// What the pointer is over: the nearest point of every line, in a small box beside it.
for (const figure of document.querySelectorAll("figure.chart")) {
  const lines = JSON.parse(figure.querySelector("script").textContent).filter(line => line.p.length);
  const drawing = figure.querySelector("svg");
  const hover = figure.querySelector(".hover");
  const tip = figure.querySelector(".tip");
  const box = drawing.viewBox.baseVal;
  const name = figure.querySelector("text.name").textContent;
  const leave = () => { hover.innerHTML = ""; tip.hidden = true; };
  drawing.addEventListener("pointerleave", leave);
  drawing.addEventListener("pointermove", event => {
    if (!lines.length) return;
    const frame = drawing.getBoundingClientRect();
    const at = (event.clientX - frame.left) / frame.width * box.width;
    const near = lines.map(line => ({ line, point: line.p.reduce(
      (best, point) => Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best) }));
    const place = near.reduce((best, one) => Math.abs(one.point[0] - at) < Math.abs(best.point[0] - at) ? one : best).point;
    const shown = near.filter(one => Math.abs(one.point[0] - place[0]) < 6);
    hover.innerHTML = `<path d="M${place[0]} 10V${box.height - 44}"/>` + shown.map(one =>
      `<circle class="s${one.line.c}" cx="${one.point[0]}" cy="${one.point[1]}" r="4"/>`).join("");
    tip.textContent = "";
    for (const text of [`${name} ${place[2]}`, ...shown.map(one => `${one.line.n}  ${one.point[3]}`)]) {
      tip.append(Object.assign(document.createElement("div"), { textContent: text }));
    }
    tip.hidden = false;
    const outer = figure.getBoundingClientRect();
    const x = frame.left - outer.left + place[0] / box.width * frame.width;
    tip.style.left = (x + 14 + tip.offsetWidth > outer.width ? x - 14 - tip.offsetWidth : x + 14) + "px";
    tip.style.top = frame.top - outer.top + 14 + "px";
  });
}
