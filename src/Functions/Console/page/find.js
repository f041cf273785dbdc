// From whatever somebody has in hand to the streams it is about.
import { h, swap } from './dom.js';
import { get, path, query } from './api.js';
import { actor, conversationLink, empty, failure, page, plural, streamLink, table, terminal, time, button } from './ui.js';

export default async function find({ main, signal, query: asked, screen }) {
  const model = await get('manage/model', signal);
  const categories = model.aggregates.map(a => a.category);
  return screen === 'find' ? results(main, signal, asked.get('q') ?? '', categories) : browse(main, signal, asked, categories);
}

async function results(main, signal, wanted, categories) {
  const none = error => { if (error.name === 'AbortError') throw error; return null; };
  const isStream = categories.some(c => wanted.startsWith(`${c}-`));
  const [stream, conversation, commands, traces, prefixes] = await Promise.all([
    isStream ? get(path`manage/streams/${wanted}`, signal).catch(none) : null,
    get(path`manage/conversations/${wanted}`, signal).catch(none),
    get(`manage/commits${query({ commandId: wanted })}`, signal).catch(none),
    /^[0-9a-f]{16,32}$/i.test(wanted) ? get(`manage/commits${query({ trace: wanted })}`, signal).catch(none) : null,
    /^[\w.~-]+$/.test(wanted) && !isStream ? Promise.all(categories.map(c => get(`manage/streams${query({ category: c, prefix: wanted, pageSize: 10 })}`, signal).catch(none))) : null,
  ]);
  const streams = prefixes?.flatMap(p => p?.streams ?? []) ?? [];
  const found = [
    stream ? section('Stream', h('p', streamLink(wanted), h('span.faint', ` at version ${stream.version}`))) : null,
    streams.length ? section('Streams that begin like this', h('ul.plain', streams.map(x => h('li', streamLink(x))))) : null,
    conversation ? section('Conversation', h('p', conversationLink(wanted), h('span.faint', ` with ${plural(conversation.steps.length, 'commit')}`))) : null,
    commands?.commands?.length || commands?.commits.length ? section('Commits of this command', commitTable(commands.commits)) : null,
    traces?.commits.length ? section('Commits of this trace', commitTable(traces.commits)) : null,
  ].filter(f => f);
  swap(main, page('Find', wanted ? `Results for “${wanted}”.` : null),
    found.length ? found : empty('Nothing has this name.', `A stream is named by category and id (${categories.map(c => `${c}-…`).join(', ')}). Command and correlation ids are looked up in the whole store; trace ids among the newest ${traces ? traces.looked : 1000} commits.`));
}

const section = (title, content) => h('section', { 'aria-label': title }, h('h2', title), content);

export function commitTable(commits) {
  return table('Commits', ['Time', 'Stream', 'Command', 'Events', 'Actor', 'Conversation'], commits.map(c => h('tr',
    h('td', time(c.time)), h('td', streamLink(c.stream, c.lastVersion)), h('td', c.command ?? h('span.error', c.error)),
    h('td', c.events ? eventNames(c.events) : ''), h('td', actor(c)), h('td', c.correlationId ? conversationLink(c.correlationId) : ''))));
}

function eventNames(events) {
  const counts = Map.groupBy(events, e => e);
  return [...counts].map(([name, all]) => (all.length > 1 ? `${name} ×${all.length}` : name)).join(', ') || h('span.faint', 'none');
}

async function browse(main, signal, asked, categories) {
  const category = categories.includes(asked.get('category')) ? asked.get('category') : categories[0];
  const results = h('div');
  const prefix = h('input', { type: 'search', placeholder: 'Beginning of the id', 'aria-label': 'Beginning of the id', value: asked.get('prefix') ?? '', 'data-key': 'prefix' });
  const pages = [];
  const form = h('form.row', { role: 'search', 'aria-label': 'Streams by name' }, h('span.mono', `${category}-`), prefix, h('button.button', { type: 'submit' }, 'List'));
  form.addEventListener('submit', event => { event.preventDefault(); pages.length = 0; list(); });
  const recent = await get(`manage/commits${query({ category, pageSize: 100 })}`, signal);
  const byTime = recent.commits.toSorted((a, b) => (a.time < b.time ? 1 : -1));
  const lately = [...Map.groupBy(byTime, c => c.stream)].slice(0, 12);
  swap(main,
    page('Streams', 'Find one by its name, or look at what happened lately.'),
    h('div.tabs', { role: 'group', 'aria-label': 'Category' }, categories.map(c => h('a.tab', { href: `#/streams?category=${c}`, 'aria-current': c === category ? 'true' : null }, c))),
    section('Changed lately', lately.length ? table('Streams that changed lately', ['Stream', 'Last command', 'When', '#Version'], lately.map(([name, [c]]) => h('tr', h('td', streamLink(name)), h('td', c.command ?? ''), h('td', time(c.time, { ago: true })), h('td.num', c.lastVersion)))) : empty(`There is no ${category} yet.`)),
    section('All by name', [form, results]),
    terminal('GET', `manage/streams?category=${category}`));
  await list();

  async function list(next) {
    try {
      const answer = await get(next ?? `manage/streams${query({ category, prefix: prefix.value.trim(), pageSize: 50 })}`, signal);
      pages.push(...answer.streams);
      swap(results, pages.length ? h('ul.columns', pages.map(x => h('li', streamLink(x)))) : empty('No stream begins like this.'),
        answer.next ? h('div.row.center', button('Show more', () => list(answer.next.slice(answer.next.indexOf('manage/'))), { key: 'more' })) : null);
    } catch (error) {
      if (error.name !== 'AbortError') swap(results, failure(error));
    }
  }
}
