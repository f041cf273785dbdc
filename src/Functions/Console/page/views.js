// Read models: their keys, a document, how far it is, and the streams that feed it.
import { h, swap } from './dom.js';
import { get, path, query } from './api.js';
import { badge, button, copy, empty, failure, json, page, shell, streamLink, table, terminal, time } from './ui.js';

export default async function views({ main, signal, id, query: asked }) {
  const [name, ...rest] = id.split('/');
  const { views: all } = await get('views', signal);
  if (!name) return list(main, all);
  const view = all.find(v => v.name === name);
  if (!view) throw Object.assign(new Error(`There is no view '${name}'.`), { status: 404 });
  return rest.length ? document_(main, signal, view, rest.join('/')) : keys(main, signal, view, asked);
}

function list(main, all) {
  swap(main, page('Views', 'What projections make of the events. They follow with a delay.'),
    table('Views', ['View', '#Version', 'Fed by', 'Kind'], all.map(v => h('tr', h('td', h('a.mono', { href: `#/views/${v.name}` }, v.name)), h('td.num', v.version, v.isBuilding ? [' ', badge('building')] : null), h('td', v.fedBy.join(', ')), h('td', v.hasEntries ? 'a list per key' : 'a document per key')))),
    terminal('GET', 'views'));
}

async function keys(main, signal, view, asked) {
  const results = h('div');
  const rows = [];
  const key = h('input', { type: 'search', 'aria-label': 'Key', placeholder: 'Exact key', value: asked.get('key') ?? '' });
  const form = h('form.row', { role: 'search', 'aria-label': 'Documents by key' }, key, h('button.button', { type: 'submit' }, 'Open'));
  form.addEventListener('submit', event => { event.preventDefault(); if (key.value.trim()) location.hash = `#/views/${view.name}/${encodeURIComponent(key.value.trim())}`; });
  swap(main, page(h('span', h('code', view.name), h('span.faint', ` version ${view.version}`)), `Fed by ${view.fedBy.join(', ')}.${building(view)}`, h('a.button', { href: '#/views' }, 'All views')), form, results, terminal('GET', path`views/${view.name}`, undefined, `view list ${view.name}`));
  await load('');
  async function load(continuation) {
    try {
      const answer = await get(path`views/${view.name}` + query({ pageSize: 50, continuation }), signal);
      rows.push(...answer.items);
      swap(results, rows.length === 0 ? empty('This view has no document yet.')
        : table('Documents', ['Key', 'As of', 'Seen'], rows.map(r => h('tr', h('td', h('a.mono', { href: `#/views/${view.name}/${encodeURIComponent(r.key)}` }, r.key)), h('td', time(r.asOf)), h('td', seen(r.seen))))),
      answer.continuation ? h('div.row.center', button('Show more', () => load(answer.continuation), { key: 'more' })) : null);
    } catch (error) {
      if (error.name !== 'AbortError') swap(results, failure(error));
    }
  }
}

const building = of => of.isBuilding ? ' It is being built from the first event on, and may lack events of any age.' : '';

function seen(of) {
  const entries = Object.entries(of ?? {});
  return entries.length === 0 ? h('span.faint', '–') : h('span', entries.slice(0, 3).map(([stream, version], i) => [i ? ', ' : '', streamLink(stream, version), h('span.faint', `:${version}`)]), entries.length > 3 ? h('span.faint', ` and ${entries.length - 3} more`) : null);
}

async function document_(main, signal, view, key) {
  const answer = await get(path`views/${view.name}/${key}`, signal);
  const streams = Object.entries(answer.seen ?? {}).slice(0, 20);
  const heads = await Promise.all(streams.map(([stream]) => get(path`manage/streams/${stream}`, signal).then(s => s.version, () => null)));
  const entries = view.hasEntries ? await get(path`views/${view.name}/${key}/entries` + query({ pageSize: 25 }), signal).catch(() => null) : null;
  swap(main,
    page(h('span', h('code', key), h('span.faint', ` in ${view.name}`)), h('span', 'As of ', time(answer.asOf), '.', building(answer)), h('a.button', { href: `#/views/${view.name}` }, 'All keys'), copy('Copy document', () => JSON.stringify(answer.data))),
    h('div.two', h('section', { 'aria-label': 'Document' }, h('h2', 'Document'), json(answer.data, 'document')),
      h('section', { 'aria-label': 'Streams' }, h('h2', 'How far it is'), table('Streams that feed it', ['Stream', '#Seen', '#Stream is at', 'State'], streams.map(([stream, version], i) => h('tr', h('td', streamLink(stream, version)), h('td.num', version), h('td.num', heads[i] ?? '?'),
        h('td', heads[i] === null ? h('span.faint', 'unknown') : badge(heads[i] > version ? 'behind' : 'current'))))))),
    entries ? h('section', { 'aria-label': 'Entries' }, h('h2', 'Newest entries'), entries.entries.length ? entries.entries.map(e => json(e.data, `entry ${e.id}`)) : empty('No entries.')) : null,
    terminal('GET', path`views/${view.name}/${key}`, undefined, `view get ${view.name} ${shell(key)}`));
}
