// What operators did, by whom, when and why.
import { h, swap } from './dom.js';
import { get, query } from './api.js';
import { actor, badge, button, empty, page, plural, streamLink, table, terminal, time } from './ui.js';

export default async function actions({ main, signal, query: asked, refresh }) {
  const consumer = asked.get('consumer');
  let limit = 50;
  const draw = async () => {
    const { items, continuation } = await get(`manage/actions${query({ consumer, pageSize: limit })}`, signal);
    swap(main,
      page('Actions', 'Everything that operators did. A record is written before anything is done and is never deleted.', consumer ? h('a.button', { href: '#/actions' }, 'All') : null),
      items.length === 0 ? empty('No operator has done anything yet.') : table('Actions', ['When', 'Who', 'What', 'On', 'Stream', 'Outcome', 'Reason'], items.map(a => h('tr',
        h('td', time(a.startedAt)), h('td', actor(a)), h('td', h('strong', a.kind)), h('td', h('a.mono', { href: `#/actions?consumer=${encodeURIComponent(a.consumer)}` }, a.consumer)),
        h('td', a.stream ? streamLink(a.stream, a.version) : a.streams ? h('details', h('summary', plural(a.streams.length, 'stream')), a.streams.map(x => h('div', streamLink(x.stream, x.lastVersion)))) : h('span.faint', 'all')),
        h('td', badge(a.outcome ?? 'running'), a.detail ? h('div.small.faint', a.detail) : null), h('td.why', a.reason ?? h('span.faint', '–'))))),
      continuation && limit < 200 ? h('div.row.center', button('Show more', () => { limit += 50; draw(); }, { key: 'more' })) : null,
      terminal('GET', `manage/actions${query({ consumer })}`));
  };
  await refresh(draw, 15_000);
}
