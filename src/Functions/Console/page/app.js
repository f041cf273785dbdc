// The frame: navigation, the key, and which screen is shown.
import { h, swap } from './dom.js';
import { ApiError, get, session } from './api.js';
import { theme } from './theme.js';
import { button, failure, field, loading } from './ui.js';

const SCREENS = {
  overview: () => import('./overview.js'),
  parked: () => import('./parked.js'),
  refused: () => import('./refused.js'),
  inbox: () => import('./inbox.js'),
  streams: () => import('./find.js'),
  find: () => import('./find.js'),
  stream: () => import('./stream.js'),
  conversation: () => import('./conversation.js'),
  live: () => import('./live.js'),
  views: () => import('./views.js'),
  projections: () => import('./projections.js'),
  'what-if': () => import('./whatif.js'),
  send: () => import('./send.js'),
  actions: () => import('./actions.js'),
  model: () => import('./model.js'),
  store: () => import('./store.js'),
  faults: () => import('./faults.js'),
};

const NAV = [
  ['Now', [['overview', 'Overview'], ['parked', 'Parked'], ['refused', 'Refused'], ['inbox', 'Inbox']]],
  ['Explore', [['streams', 'Streams'], ['live', 'Live tail'], ['views', 'Views'], ['model', 'Model']]],
  ['Act', [['projections', 'Projections'], ['what-if', 'What-if'], ['send', 'Send a command'], ['store', 'Store'], ['actions', 'Actions']]],
];

const REFRESH = 5_000;
const top = document.getElementById('top');
const nav = document.getElementById('nav');
const main = document.getElementById('main');

let shown = null; // The screen that is there, with the means to end what it began.

/** `#/stream/account-1?version=3` as its parts. */
function place() {
  const url = new URL(location.hash.slice(1) || '/overview', location.origin);
  const [screen, ...rest] = url.pathname.slice(1).split('/').map(decode);
  return { screen, id: rest.join('/'), query: url.searchParams };
}

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

async function show() {
  const at = place();
  const load = SCREENS[at.screen];
  if (shown && shown.screen === at.screen && shown.id === at.id && shown.moved?.(at.query)) return;
  shown?.controller.abort();
  clearInterval(shown?.timer);
  document.body.classList.remove('menu-open');
  mark(at.screen);
  if (!load) {
    swap(main, failure(Object.assign(new Error(`There is no screen '${at.screen}'.`), { status: 404 })));
    return;
  }
  const controller = new AbortController();
  const mine = shown = { screen: at.screen, id: at.id, controller, timer: 0, moved: null };
  swap(main, loading());
  const context = {
    ...at,
    main,
    signal: controller.signal,
    isShown: () => shown === mine,
    /** Called with a new query of the same place: true when the screen needs no new start. */
    onMove(moved) { mine.moved = moved; },
    /** Draws now and then, while somebody looks. */
    async refresh(draw, interval = REFRESH) {
      const run = async () => {
        try {
          await draw();
          document.body.classList.remove('is-stale');
        } catch (error) {
          if (error.name === 'AbortError' || shown !== mine) return;
          if (isLocked(error)) ask(error);
          else if (main.querySelector('.loading') || !(error instanceof ApiError)) swap(main, failure(error, run));
          else document.body.classList.add('is-stale');
        }
      };
      await run();
      let isRunning = false;
      mine.timer = setInterval(async () => {
        if (isRunning || document.hidden || !automatic || document.querySelector('dialog[open]')) return;
        isRunning = true;
        await run();
        isRunning = false;
      }, interval);
      mine.again = run;
    },
  };
  try {
    const module = await load();
    await module.default(context);
  } catch (error) {
    if (error.name === 'AbortError' || shown !== mine) return;
    if (isLocked(error)) ask(error);
    else swap(main, failure(error, show));
  }
  document.title = `${main.querySelector('h1')?.textContent ?? 'Console'} · Console`;
}

const isLocked = error => error instanceof ApiError && (error.status === 401 || (error.status === 403 && !session.hasKey));

/** Asks for a key. Nothing has been shown up to here. */
function ask(error) {
  shown?.controller.abort();
  clearInterval(shown?.timer);
  const problem = h('p.error', { role: 'alert', hidden: !session.hasKey }, error.status === 401 ? 'That key is not one of this app.' : error.message);
  const input = h('input', { type: 'password', autocomplete: 'off', spellcheck: 'false', required: true });
  const form = h('form.card.narrow', h('h1', 'Function key'),
    h('p.lead', 'The console shows what its user may see. Use a key that has the right to read; retries and other changes need the right to operate.'),
    field('Key', input, 'Kept in the memory of this page until you reload it. Sent as a header to this app only.'),
    problem, h('div.row.end', h('button.button.primary', { type: 'submit' }, 'Open')));
  form.addEventListener('submit', event => {
    event.preventDefault();
    session.use(input.value.trim());
    input.value = '';
    frame();
    show();
  });
  swap(main, form);
  input.focus();
}

let automatic = true;
let hasFaults = false; // Whether the database is an emulator that fails on demand.

function frame() {
  const search = h('input', { type: 'search', placeholder: 'Stream, command, correlation, or trace id', 'aria-label': 'Find', autocomplete: 'off', spellcheck: 'false', 'data-key': 'find' });
  const find = h('form.find', { role: 'search', 'aria-label': 'Everything' }, search, h('kbd', { 'aria-hidden': 'true' }, '/'));
  find.addEventListener('submit', event => {
    event.preventDefault();
    if (search.value.trim()) location.hash = `#/find?q=${encodeURIComponent(search.value.trim())}`;
  });
  const menu = button('Menu', () => {
    const isOpen = document.body.classList.toggle('menu-open');
    menu.setAttribute('aria-expanded', isOpen);
    if (isOpen) nav.querySelector('a')?.focus();
  }, { kind: 'quiet', key: 'menu' });
  menu.classList.add('menu');
  menu.setAttribute('aria-controls', 'nav');
  menu.setAttribute('aria-expanded', 'false');
  const look = button('', () => { theme.next(); name(); }, { kind: 'quiet', key: 'theme' });
  const name = () => { look.textContent = { auto: 'Theme: auto', light: 'Theme: light', dark: 'Theme: dark' }[theme.current]; };
  name();
  const live = button('', () => { automatic = !automatic; label(); }, { kind: 'quiet', key: 'refresh' });
  const label = () => { live.textContent = automatic ? 'Refresh: on' : 'Refresh: off'; live.setAttribute('aria-pressed', automatic); };
  label();
  swap(top,
    menu,
    h('a.brand', { href: '#/overview' }, h('img', { src: 'console/assets/icon.svg', alt: '', width: 22, height: 22 }), h('span', 'Console')),
    find,
    h('div.row.top-tools', h('span.stale', { role: 'status' }, 'Not up to date: the API does not answer'), live, look,
      session.hasKey ? button('Forget key', () => { session.forget(); frame(); show(); }, { kind: 'quiet' }) : null));
  swap(nav, (hasFaults ? [...NAV, ['Local host', [['faults', 'Faults']]]] : NAV).map(([title, links]) => h('div.group', h('h2', { id: `nav-${title.replace(' ', '-')}` }, title),
    h('ul', { 'aria-labelledby': `nav-${title.replace(' ', '-')}` }, links.map(([screen, text]) => h('li', h('a', { href: `#/${screen}`, 'data-screen': screen }, text)))))),
    h('p.faint.small', h('a', { href: 'docs' }, 'Description of the API')));
  mark(place().screen);
}

function mark(screen) {
  const home = { stream: 'streams', find: 'streams', conversation: 'streams' }[screen] ?? screen;
  for (const link of nav.querySelectorAll('a[data-screen]')) {
    if (link.dataset.screen === home) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

document.addEventListener('keydown', event => {
  if (event.target.closest?.('input, textarea, select, dialog') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/') {
    event.preventDefault();
    top.querySelector('input[type=search]').focus();
  } else if (event.key === 'r') {
    shown?.again?.();
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && document.body.classList.contains('menu-open')) {
    document.body.classList.remove('menu-open');
    top.querySelector('.menu').setAttribute('aria-expanded', 'false');
    top.querySelector('.menu').focus();
  }
});
document.querySelector('.skip').addEventListener('click', event => { event.preventDefault(); main.focus(); });
addEventListener('hashchange', show);
frame();
show();
if (['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)) get('local/faults').then(() => { hasFaults = true; frame(); }, () => {});
