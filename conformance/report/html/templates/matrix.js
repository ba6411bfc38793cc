'use strict';
const rows = [...document.querySelectorAll('.row')];
const texts = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
const form = document.getElementById('filter');
const { differ, text } = form.elements;

function filter() {
  const wanted = text.value.toLowerCase().split(/\s+/);
  for (const row of rows) {
    const agrees = differ.checked && row.dataset.agrees === 'yes';
    row.hidden = agrees || !wanted.every(word => texts.get(row).includes(word));
  }
  for (const area of document.querySelectorAll('.area')) area.hidden = !area.querySelector('.row:not([hidden])');
  document.getElementById('shown').textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length}`;
}

function everything() {
  form.reset();
  filter();
}

const keys = { '/': () => text.focus(), d: () => { differ.checked = !differ.checked; filter(); }, Escape: everything };
document.addEventListener('keydown', event => {
  const typing = event.target === text && event.key !== 'Escape';
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});
form.addEventListener('input', filter);
form.addEventListener('submit', event => event.preventDefault());
form.hidden = false;
filter();
