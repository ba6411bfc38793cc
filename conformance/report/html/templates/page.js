'use strict';
const promises = [...document.querySelectorAll('.promise')];
const words = one => [...one.querySelectorAll(':scope > summary, .promised, .diff')].map(part => part.textContent).join(' ');
const texts = new Map(promises.map(one => [one, words(one).toLowerCase()]));
const form = document.getElementById('filter');
const search = form.elements.text;
const checked = name => new Set([...form.querySelectorAll(`[name=${name}]:checked`)].map(box => box.value));
const visible = () => promises.filter(one => !one.hidden);

function filter() {
  const kinds = checked('kind'), levels = checked('level'), wanted = search.value.toLowerCase().split(/\s+/);
  for (const one of promises) {
    const { kind, level } = one.dataset;
    one.hidden = !(kinds.has(kind) && levels.has(level) && wanted.every(word => texts.get(one).includes(word)));
  }
  for (const area of document.querySelectorAll('.area')) {
    area.hidden = !area.querySelector('.promise:not([hidden])');
  }
  document.getElementById('shown').textContent = `${visible().length} of ${promises.length}`;
}

function everything() {
  form.reset();
  filter();
}

function go(one) {
  if (!one) return;
  one.querySelector('summary').focus({ preventScroll: true });
  one.scrollIntoView({ block: 'start' });
}

function goToHash() {
  const one = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!one?.matches('.promise')) return;
  if (one.hidden) everything();
  one.open = true;
  go(one);
}

function step(by) {
  const shown = visible();
  const at = shown.indexOf(document.activeElement?.closest('.promise'));
  go(shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : at + by]);
}

function toggleAll() {
  const open = visible().some(one => !one.open);
  for (const one of visible()) one.open = open;
}

const keys = { '/': () => search.focus(), j: () => step(1), k: () => step(-1), e: toggleAll, Escape: everything };
document.addEventListener('keydown', event => {
  const typing = event.target.matches('input[type=search]') && event.key !== 'Escape';
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

async function copy(button) {
  const text = button.parentElement.querySelector('pre');
  try {
    await navigator.clipboard.writeText(text.textContent);
  } catch {  // a page without a secure origin: select it for the user
    getSelection().selectAllChildren(text);
    document.execCommand('copy');
  }
  button.textContent = 'copied';
  setTimeout(() => { button.textContent = 'copy'; }, 1500);
}

document.addEventListener('click', event => {
  if (event.target.matches('[data-copy]')) copy(event.target);
});
for (const button of document.querySelectorAll('[data-copy]')) button.hidden = false;

let closed = [];
addEventListener('beforeprint', () => {
  closed = [...document.querySelectorAll('.promise:is(.broken, .warn, .not-judged):not([hidden]), .marked > details')].filter(one => !one.open);
  for (const one of closed) one.open = true;
});
addEventListener('afterprint', () => { for (const one of closed) one.open = false; });

form.addEventListener('input', filter);
form.addEventListener('submit', event => event.preventDefault());
addEventListener('hashchange', goToHash);
form.hidden = false;
filter();
goToHash();
