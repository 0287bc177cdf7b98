// Shows the values under the pointer; without it every chart still has axes, legend and last values.
const elapidHover = chart => {
  const svg = chart.querySelector('svg');
  const data = chart.querySelector('script');
  if (!svg || !data) return;
  const series = JSON.parse(data.textContent);
  const hover = svg.querySelector('.hover');
  const tip = chart.appendChild(document.createElement('div'));
  tip.className = 'tip';
  tip.hidden = true;
  const nearest = (points, x) => points.reduce((best, p) => Math.abs(p[0] - x) < Math.abs(best[0] - x) ? p : best);
  const element = (name, attributes) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    return hover.appendChild(node);
  };
  const row = (left, right) => {
    const line = tip.appendChild(document.createElement('div'));
    [left, right].forEach(text => line.appendChild(document.createElement('span')).textContent = text);
  };
  svg.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    const at = nearest(series.map(s => nearest(s.points, x)), x);
    hover.replaceChildren();
    tip.replaceChildren();
    element('line', {x1: at[0], x2: at[0], y1: 12, y2: 238});
    row('step', at[2]);
    series.forEach(s => {
      const p = nearest(s.points, at[0]);
      if (Math.abs(p[0] - at[0]) > 8) return;
      element('circle', {cx: p[0], cy: p[1], r: 4, class: 'dot ' + s.style});
      row(s.name, p[3]);
    });
    tip.hidden = false;
    const left = at[0] / svg.viewBox.baseVal.width * box.width;
    tip.style.top = box.top - chart.getBoundingClientRect().top + 8 + 'px';
    tip.style.left = left > box.width / 2 ? left - tip.offsetWidth - 10 + 'px' : left + 10 + 'px';
  });
  svg.addEventListener('pointerleave', () => { hover.replaceChildren(); tip.hidden = true; });
};
document.querySelectorAll('.chart').forEach(elapidHover);
