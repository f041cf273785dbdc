// Commands that a rule refused, newest first, and what today's rules say to them.
import { h, swap } from './dom.js';
import { get, path, post, query } from './api.js';
import { actor, badge, button, conversationLink, empty, json, page, streamLink, terminal, time, failure } from './ui.js';

export default async function refused({ main, signal, query: asked, refresh }) {
  const category = asked.get('category');
  const { aggregates } = await get('manage/model', signal);
  const tried = new Map();
  let limit = 50;

  const draw = async () => {
    const answer = await get(`manage/refused${query({ category, pageSize: limit })}`, signal);
    const codes = [...Map.groupBy(answer.refused, r => r.code)].sort((a, b) => b[1].length - a[1].length);
    swap(main,
      page('Refused', 'Commands that a rule said no to, newest first. They are kept for a time; nothing was written.'),
      h('div.tabs', { role: 'group', 'aria-label': 'Category' }, [null, ...aggregates.map(a => a.category)].map(c => h('a.tab', { href: c ? `#/refused?category=${c}` : '#/refused', 'aria-current': c === category ? 'true' : null }, c ?? 'All'))),
      codes.length > 1 ? h('p.faint', codes.slice(0, 5).map(([code, all]) => `${code} ×${all.length}`).join(', ')) : null,
      answer.refused.length === 0 ? empty('No command was refused lately.') : answer.refused.map(entry),
      answer.continuation && limit < 200 ? h('div.row.center', button('Show more', () => { limit += 50; draw(); }, { key: 'more' })) : null,
      terminal('GET', `manage/refused${query({ category })}`));
  };
  await refresh(draw);

  function entry(r) {
    const key = `${r.stream} ${r.commandId} ${r.version}`;
    const result = h('div', { role: 'status' }, tried.get(key) ?? null);
    return h('details.item', { 'data-key': key },
      h('summary', h('span.title', h('span', r.command), h('span.mono', r.stream), badge('rejected')), h('span.why', `${r.detail} (${r.code})`), h('span.meta.faint', time(r.time), ' by ', actor(r), `, on version ${r.version}`)),
      h('div.detail', h('div',
        h('dl.facts', [['Stream', streamLink(r.stream, r.version || undefined)], ['Conversation', conversationLink(r.correlationId)], ['Command id', h('code', r.commandId)], ['Rules', `version ${r.policy}`]].map(([k, v]) => [h('dt', k), h('dd', v)])),
        r.commandData ? json(r.commandData, `body ${key}`) : h('p.faint', 'The body was not recorded.'),
        h('div.row', r.commandData ? button('Try again now', async () => {
          try {
            tried.set(key, outcome(await post(path`manage/streams/${r.stream}/try/${r.command}`, r.commandData, signal)));
          } catch (error) {
            tried.set(key, failure(error));
          }
          swap(result, tried.get(key));
        }, { kind: 'primary', key: `try ${key}` }) : null, h('span.faint.small', 'A dry run: it decides on the state of now and writes nothing.')),
        result)));
  }
}

/** What would come of a command. */
export function outcome(t) {
  return h('div.card', h('div.row', badge(t.outcome), h('strong', t.outcome === 'accepted' ? `It would be accepted on version ${t.version}.` : `It would not be accepted on version ${t.version}.`)),
    t.code ? h('p', `${t.detail} (${t.code})`) : null,
    t.events ? [h('h3', t.events.length ? 'Events' : 'No events: there is nothing to do.'), t.events.map((e, i) => h('div', h('code', e.type), json(e.data, `tried ${i}`)))] : null,
    t.state ? [h('h3', 'State after it'), json(t.state, 'tried state')] : null);
}
