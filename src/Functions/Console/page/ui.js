// The parts that screens are made of.
import { h, s } from './dom.js';
import { ApiError, ExactNumber, asCurl, stringify } from './api.js';

// ---- States: a word, a shape and a color, in this order of importance.

const STATES = {
  current: ['ok', 'circle'], serving: ['ok', 'circle'], accepted: ['ok', 'circle'], done: ['ok', 'circle'], 'caught-up': ['ok', 'circle'], healthy: ['ok', 'circle'],
  behind: ['busy', 'arrow'], pending: ['busy', 'arrow'], building: ['busy', 'arrow'], replaying: ['busy', 'arrow'], running: ['busy', 'arrow'], 'catching-up': ['busy', 'arrow'],
  'not-started': ['idle', 'ring'], standby: ['idle', 'ring'], retired: ['idle', 'ring'], 'not-parked': ['idle', 'ring'],
  paused: ['warn', 'bars'], parked: ['warn', 'bars'], failing: ['warn', 'triangle'], rejected: ['warn', 'triangle'], 'still-failing': ['warn', 'triangle'],
  stuck: ['bad', 'square'], stopped: ['bad', 'cross'], failed: ['bad', 'cross'], broken: ['bad', 'cross'], invalid: ['bad', 'cross'],
};

export function shape(kind) {
  const drawings = {
    circle: [s('circle', { cx: 6, cy: 6, r: 4.5 })],
    ring: [s('circle', { cx: 6, cy: 6, r: 3.6, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8 })],
    arrow: [s('path', { d: 'M2 1.5 10.5 6 2 10.5z' })],
    triangle: [s('path', { d: 'M6 1 11.4 10.8H.6z' })],
    square: [s('rect', { x: 1.5, y: 1.5, width: 9, height: 9, rx: 1 })],
    bars: [s('rect', { x: 2, y: 1.5, width: 3, height: 9, rx: 1 }), s('rect', { x: 7, y: 1.5, width: 3, height: 9, rx: 1 })],
    cross: [s('path', { d: 'M2 2l8 8M10 2l-8 8', stroke: 'currentColor', 'stroke-width': 2.6, 'stroke-linecap': 'round' })],
  };
  return s('svg.shape', { viewBox: '0 0 12 12', 'aria-hidden': 'true', fill: 'currentColor' }, drawings[kind] ?? drawings.ring);
}

export function badge(state) {
  const [tone, kind] = STATES[state] ?? ['idle', 'ring'];
  return h(`span.badge.${tone}`, shape(kind), state.replaceAll('-', ' '));
}

export const toneOf = state => (STATES[state] ?? ['idle'])[0];

// ---- Times: local to read, UTC on hover and for machines.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const year = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

export function time(iso, { ago = false } = {}) {
  if (!iso) return h('span.faint', '–');
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return h('span', iso);
  const now = new Date();
  const date = at.toDateString() === now.toDateString() ? '' : `${(at.getFullYear() === now.getFullYear() ? day : year).format(at)}, `;
  return h('time', { datetime: iso, title: `${at.toISOString().replace('T', ' ').replace('Z', '')} UTC` }, ago ? since(at, now) : `${date}${clock.format(at)}`);
}

export function since(at, now = new Date()) {
  const seconds = (now - new Date(at)) / 1000;
  return seconds < 0 ? `in ${duration(-seconds)}` : seconds < 5 ? 'just now' : `${duration(seconds)} ago`;
}

export function duration(seconds) {
  if (seconds < 1) return seconds < 0.05 ? '0 s' : `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

const numbers = new Intl.NumberFormat();
export const number = n => (n instanceof ExactNumber ? n.toString() : numbers.format(n));
export const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

// ---- Values: JSON as a tree, large parts folded.

const LONG = 240;
const MANY = 24;

export function json(value, key = 'json') {
  return h('div.json', { 'data-scroll': key, tabindex: 0, role: 'group', 'aria-label': 'JSON' }, node(value, key, 0));
}

function node(value, key, depth) {
  if (value === null || value === undefined) return h('span.j-null', 'null');
  if (value instanceof ExactNumber) return h('span.j-number', { title: 'As it was written; a double would change it.' }, value.source);
  if (typeof value === 'string') return text(value, key);
  if (typeof value !== 'object') return h(`span.j-${typeof value}`, String(value));
  const entries = Array.isArray(value) ? value.map((v, i) => [i, v]) : Object.entries(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return h('span.j-mark', open + close);
  const rows = entries.map(([name, v]) => h('div.j-row',
    Array.isArray(value) ? null : [h('span.j-name', name), h('span.j-mark', ': ')], node(v, `${key}.${name}`, depth + 1)));
  if (depth > 0 && (entries.length > MANY || depth > 4)) {
    return h('details.j-fold', { 'data-key': key }, h('summary', `${open} ${plural(entries.length, Array.isArray(value) ? 'item' : 'member')} ${close}`), rows);
  }
  return h('span.j-box', h('span.j-mark', open), h('div.j-inner', rows), h('span.j-mark', close));
}

function text(value, key) {
  const quoted = JSON.stringify(value);
  return quoted.length <= LONG
    ? h('span.j-string', quoted)
    : h('details.j-fold', { 'data-key': key }, h('summary', h('span.j-string', `${quoted.slice(0, LONG)}…`), h('span.faint', ` ${number(value.length)} characters`)), h('span.j-string.j-whole', quoted));
}

/** A long sentence: its beginning, and the rest when somebody wants it. */
export function folded(value, key, limit = 140) {
  return value.length <= limit
    ? h('span', value)
    : h('details.folded', { 'data-key': key }, h('summary', `${value.slice(0, limit)}…`), h('p', value));
}

/** What an event or a version changed: sign, path, before, after. */
export function changes(list) {
  if (list.length === 0) return h('p.faint', 'No difference.');
  return h('div.wide', { 'data-scroll': 'changes', tabindex: 0, role: 'group', 'aria-label': 'Changes' }, h('table.changes',
    h('thead', h('tr', h('th', { scope: 'col' }, 'Path'), h('th', { scope: 'col' }, 'Before'), h('th', { scope: 'col' }, 'After'))),
    h('tbody', list.map(c => h('tr',
      h('th', { scope: 'row' }, h('code', c.path)),
      h('td', c.before === undefined ? h('span.faint', 'absent') : h('span.removed', brief(c.before))),
      h('td', c.after === undefined ? h('span.faint', 'absent') : h('span.added', brief(c.after))))))));
}

function brief(value) {
  const whole = stringify(value);
  return folded(whole, `change.${whole.slice(0, 40)}`, 160);
}

// ---- Links, buttons, copies.

export const streamLink = (stream, version) =>
  h('a.mono', { href: `#/stream/${encodeURIComponent(stream)}${version ? `?version=${version}` : ''}` }, stream);

export const conversationLink = id => h('a.mono.clip', { href: `#/conversation/${encodeURIComponent(id)}`, title: id }, id);

export function button(label, click, { kind = '', key, disabled, title } = {}) {
  return h(`button.button${kind ? `.${kind}` : ''}`, { type: 'button', 'data-key': key ?? label, disabled, title, on: { click } }, label);
}

export function copy(label, content) {
  return button(label, async event => {
    const made = typeof content === 'function' ? content() : content;
    try {
      await navigator.clipboard.writeText(made);
      toast('Copied.');
    } catch {
      await dialog({ title: label, body: h('textarea.code', { rows: 5, readonly: true, value: made, 'aria-label': label }), actions: [['Close', '', true]] });
    }
    event.target?.focus?.();
  }, { kind: 'quiet', key: `copy ${label}` });
}

/** The same from a terminal, in both ways. */
export function terminal(method, to, body, command) {
  return h('div.row.tools', copy('Copy as curl', () => asCurl(method, to, body)), command ? copy('Copy as eventctl', `eventctl ${command}`) : null);
}

/** A word for the shell, quoted where it needs it. */
export const shell = word => (/^[\w@./:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

export function toast(message, tone = 'ok') {
  const note = h(`p.toast.${tone}`, shape(tone === 'ok' ? 'circle' : 'cross'), message);
  document.getElementById('toasts').append(note);
  setTimeout(() => note.remove(), 6000);
}

/** What a dialog's onSubmit gives to keep it open. */
export const stay = Symbol('stay');

/** Asks, and gives the value of the button that was pressed, or null. */
export function dialog({ title, body, actions, onSubmit }) {
  return new Promise(resolve => {
    const heading = h('h2', { id: 'dialog-title' }, title);
    const problem = h('p.error', { role: 'alert', hidden: true });
    const form = h('form', { method: 'dialog', novalidate: true }, heading, body, problem, h('div.row.end', actions.map(([label, kind, isClose]) =>
      h(`button.button${kind ? `.${kind}` : ''}`, { type: isClose ? 'button' : 'submit', on: isClose ? { click: () => close(null) } : {} }, label))));
    const box = h('dialog', { 'aria-labelledby': 'dialog-title' }, form);
    const close = value => { box.close(); box.remove(); resolve(value); };
    box.addEventListener('cancel', event => { event.preventDefault(); close(null); });
    form.addEventListener('submit', async event => {
      event.preventDefault();
      problem.hidden = true;
      const buttons = [...form.querySelectorAll('button')];
      buttons.forEach(b => { b.disabled = true; });
      try {
        const value = await onSubmit?.(new FormData(form)) ?? true;
        if (value !== stay) close(value);
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
      } finally {
        buttons.forEach(b => { b.disabled = false; });
      }
    });
    document.body.append(box);
    box.showModal();
    form.querySelector('input, textarea')?.focus();
  });
}

export function field(label, input, hint) {
  const id = `f-${label.toLowerCase().replace(/\W+/g, '-')}`;
  input.id = id;
  if (hint) input.setAttribute('aria-describedby', `${id}-hint`);
  return h('div.field', h('label', { for: id }, label), input, hint ? h('p.hint', { id: `${id}-hint` }, hint) : null);
}

/** A name can be chosen, so the id stands beside it. */
export const actor = x => (x.actorName ? [x.actorName, ' ', h('span.faint', x.actor)] : x.actor ?? '');

// ---- Whole states of a screen.

export const empty = (title, more) => h('div.empty', shape('ring'), h('p', h('strong', title)), more ? h('p.faint', more) : null);

export const loading = () => h('div.loading', { role: 'status' }, h('span.pulse'), 'Loading');

export function failure(error, again) {
  const trace = error instanceof ApiError ? error.problem?.traceId : undefined;
  return h('div.failure', { role: 'alert' },
    h('p', h('strong', error.status === 403 ? 'This key may not see that.' : error.status === 404 ? 'Not found.' : 'That did not work.')),
    h('p', error.message),
    trace ? h('p.faint', 'Trace id: ', h('code', trace)) : null,
    again ? button('Try again', again, { key: 'again' }) : null);
}

export function page(title, lead, ...tools) {
  return h('div.head', h('div', h('h1', title), lead ? h('p.lead', lead) : null), tools.length ? h('div.row', tools) : null);
}

export function table(caption, columns, rows) {
  return h('div.wide', { 'data-scroll': caption, tabindex: 0, role: 'group', 'aria-label': caption }, h('table.list',
    h('caption.hidden', caption),
    h('thead', h('tr', columns.map(c => h(c.startsWith('#') ? 'th.num' : 'th', { scope: 'col' }, c.replace('#', ''))))),
    h('tbody', rows)));
}

/** A page that goes on: shows a button for more as long as there is more. */
export function more(continuation, load) {
  return continuation ? h('div.row.center', button('Show more', load, { key: 'more' })) : null;
}
