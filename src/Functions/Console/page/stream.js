// Time travel: a stream at any version, what each event changed, and what was stored.
import { h, swap } from './dom.js';
import { get, path, query } from './api.js';
import { actor, badge, button, changes, conversationLink, copy, failure, json, loading, page, plural, shell, terminal, time, toast } from './ui.js';

const WINDOW = 40;
const TABS = [['change', 'Change'], ['event', 'Event'], ['state', 'State'], ['before', 'State before'], ['commit', 'Commit'], ['refused', 'Refused']];

export default async function stream({ main, signal, id: name, query: asked, isShown, onMove }) {
  const events = new Map(); // By version; a version never changes.
  const commits = new Map();
  let last = (await get(path`manage/streams/${name}`, signal)).version;
  let at = versionOf(asked) ?? last;
  let tab = asked.get('show') ?? 'change';
  let playing = 0;
  let loads = false;

  const slider = h('input.slider', { type: 'range', min: 0, max: last, value: at, 'aria-label': 'Version', 'data-key': 'slider', on: { input: () => go(Number(slider.value)) } });
  const label = h('output.version', { for: 'version' });
  const list = h('ol.events', { 'data-scroll': 'events', 'aria-label': 'Events' });
  const detail = h('section.panel', { 'aria-label': 'At this version', 'aria-live': 'polite' });
  const play = button('Play', toggle, { key: 'play' });
  const seal = h('span');
  const category = name.slice(0, name.indexOf('-'));
  swap(main,
    page(h('span.mono', name), null, h('a.button', { href: `#/send?stream=${encodeURIComponent(name)}` }, 'Send a command'), h('a.button', { href: `#/what-if?stream=${encodeURIComponent(name)}` }, 'What-if'), button('Verify', verify), seal),
    h('div.travel', { role: 'group', 'aria-label': 'Time travel' },
      button('First', () => go(1), { key: 'first' }), button('Back', () => go(at - 1), { key: 'back' }), slider, button('Next', () => go(at + 1), { key: 'next' }), button('Last', toEnd, { key: 'last' }), play, label),
    h('div.split', h('div', h('h2.hidden', 'Events'), list), detail),
    terminal('GET', path`manage/streams/${name}/explain`, undefined, `stream explain ${shell(name)}`),
    h('p.faint.small', 'Keys: left and right change the version, Home and End go to the ends.'));

  addEventListener('keydown', keys);
  signal.addEventListener('abort', () => { removeEventListener('keydown', keys); clearInterval(playing); });
  onMove(moved => {
    tab = moved.get('show') ?? 'change';
    go(versionOf(moved) ?? last, { silent: true });
    return true;
  });
  await go(at, { silent: true });

  function keys(event) {
    if (event.target.closest?.('input:not(.slider), textarea, select, dialog, .json, .wide, pre') || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 1, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  }

  async function go(to, { silent = false } = {}) {
    at = Math.max(0, Math.min(last, to));
    slider.value = at;
    slider.setAttribute('aria-valuetext', at === 0 ? 'Before the first event' : `Version ${at} of ${last}`);
    label.textContent = `${at} / ${last}`;
    if (!silent) history.replaceState(null, '', `#/stream/${encodeURIComponent(name)}${query({ version: at, show: tab === 'change' ? '' : tab })}`);
    draw();
    if (at > 0 && !events.has(at)) await load();
  }

  async function load() {
    if (loads) return; // The one that runs looks again when it is done.
    loads = true;
    try {
      while (at > 0 && !events.has(at)) {
        const from = Math.max(1, at - WINDOW / 2);
        const answer = await get(path`manage/streams/${name}/explain` + query({ from, limit: WINDOW }), signal);
        answer.events.forEach(e => events.set(e.version, e));
        if (!events.has(at)) break; // Large events: the page ended before it.
      }
      if (at > 0 && !events.has(at)) (await get(path`manage/streams/${name}/explain` + query({ from: at, limit: 1 }), signal)).events.forEach(e => events.set(e.version, e));
      draw();
    } catch (error) {
      if (error.name !== 'AbortError' && isShown()) await unreadable(error);
    } finally {
      loads = false;
    }
  }

  function draw() {
    const from = Math.max(1, Math.min(at - WINDOW / 2, last - WINDOW + 1));
    const shown = Array.from({ length: Math.min(WINDOW, last) }, (_, i) => from + i).filter(v => v <= last);
    swap(list, shown.map(v => {
      const e = events.get(v);
      return h('li', h('button.event', { type: 'button', 'data-key': `v${v}`, 'aria-current': v === at ? 'true' : null, on: { click: () => go(v) } },
        h('span.v', v), h('span.what', e ? e.type : '…'), e ? h('span.faint.small', time(e.time)) : null));
    }));
    list.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
    const e = events.get(at);
    if (at === 0) swap(detail, h('h2', 'Before the first event'), h('p.faint', 'The stream does not exist yet.'));
    else if (!e) swap(detail, loading());
    else swap(detail, tabs(), h('h2', e.type, ' ', h('span.faint', `version ${e.version}`)), h('p.faint', 'by ', h('strong', e.command), ' of ', actor(e), ', ', time(e.time)), content(e));
  }

  function tabs() {
    return h('div.tabs', { role: 'tablist', 'aria-label': 'What to show' }, TABS.map(([key, text]) => h('button.tab', {
      type: 'button', role: 'tab', 'data-key': `tab-${key}`, 'aria-selected': key === tab ? 'true' : 'false', on: { click: () => { tab = key; go(at); } },
    }, text)));
  }

  function content(e) {
    switch (tab) {
      case 'event': return h('div', json(e.data, 'event'), copy('Copy event', () => JSON.stringify(e.data)));
      case 'state': return h('div', json(e.after, 'state'), copy('Copy state', () => JSON.stringify(e.after)));
      case 'before': return json(e.before, 'before');
      case 'commit': return commit(e.version);
      case 'refused': return later(refused);
      default: return changes(e.changes);
    }
  }

  function later(make) {
    const box = h('div', loading());
    make().then(made => swap(box, made), error => { if (error.name !== 'AbortError') swap(box, failure(error)); });
    return box;
  }

  function commit(version) {
    if (commits.has(version)) return drawn(commits.get(version));
    return later(async () => {
      const found = (await get(path`manage/streams/${name}/commits` + query({ from: version, limit: 1 }), signal)).commits[0];
      commits.set(version, found);
      return drawn(found);
    });
    function drawn(c) {
      return h('div', h('dl.facts', [['Versions', `${c.firstVersion} to ${c.lastVersion}`], ['Command id', h('code', c.commandId)], ['Conversation', conversationLink(c.correlationId)],
        ['Caused by', c.causationId ? h('code', c.causationId) : 'a client'], ['Rules', `version ${c.policy}`], ['Seal', c.hash ? h('code.clip', { title: c.hash }, c.hash) : 'none']].map(([k, v]) => [h('dt', k), h('dd', v)])),
      json(c, 'commit'));
    }
  }

  async function refused() {
    const { refused: all } = await get(path`manage/streams/${name}/refused`, signal);
    return all.length === 0 ? h('p.faint', 'No refused command of this stream is kept.') : h('div', all.map(r => h('details.item', { 'data-key': r.commandId },
      h('summary', h('span.title', h('strong', r.command), badge('rejected'), h('span.why', `${r.code}: ${r.detail}`)), h('span.meta.faint', `on version ${r.version}, `, time(r.time))),
      h('div.detail', json(r.commandData ?? null, r.commandId), h('a.button', { href: `#/what-if?stream=${encodeURIComponent(name)}&refused=${encodeURIComponent(r.commandId)}` }, 'Try again, dry')))));
  }

  /** The event does not fold: what is stored is still there. */
  async function unreadable(error) {
    clearInterval(playing);
    const stored = await get(path`manage/streams/${name}/commits` + query({ from: at, limit: 1 }), signal).catch(() => null);
    swap(detail, failure(error), stored?.commits[0] ? [h('h2', 'As it is stored'), json(stored.commits[0], 'stored')] : null);
  }

  async function toEnd() {
    last = (await get(path`manage/streams/${name}`, signal)).version;
    slider.max = last;
    go(last);
  }

  function toggle() {
    if (playing) {
      clearInterval(playing);
      playing = 0;
    } else {
      if (at === last) go(0);
      playing = setInterval(() => { if (at >= last) toggle(); else go(at + 1); }, 700);
    }
    play.textContent = playing ? 'Stop' : 'Play';
  }

  async function verify() {
    swap(seal, loading());
    try {
      const answer = await get(path`manage/streams/${name}/verify`, signal);
      swap(seal, badge(answer.isIntact ? 'ok' : 'broken'), h('span.small', answer.isIntact ? `${plural(answer.commits, 'commit')} intact` : `${answer.broken.id}: ${answer.broken.reason}`));
    } catch (error) {
      swap(seal);
      toast(error.message, 'bad');
    }
  }
}

function versionOf(asked) {
  const text = asked.get('version');
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
