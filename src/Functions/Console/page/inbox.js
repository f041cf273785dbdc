// Commands that were taken for later: what waits, and what did not go well.
import { h, swap } from './dom.js';
import { get } from './api.js';
import { badge, conversationLink, empty, page, button, streamLink, table, terminal, time } from './ui.js';

const STATUSES = ['pending', 'failed', 'rejected', 'accepted'];

export default async function inbox({ main, signal, query, refresh }) {
  const status = STATUSES.includes(query.get('status')) ? query.get('status') : 'pending';
  let limit = 50;
  const draw = async () => {
    const answer = await get(`manage/inbox?status=${status}&pageSize=${limit}`, signal);
    swap(main,
      page('Inbox', 'Commands that were sent with Prefer: respond-async. Outcomes are kept for a time.'),
      h('div.tabs', { role: 'group', 'aria-label': 'Status' }, STATUSES.map(s => h('a.tab', { href: `#/inbox?status=${s}`, 'aria-current': s === status ? 'true' : null }, s))),
      answer.commands.length === 0 ? empty(status === 'pending' ? 'Nothing waits.' : `No ${status} command is kept.`)
        : table('Commands', ['Stream', 'Command', 'State', 'Received', 'Decided', 'Why', 'Conversation'], answer.commands.map(c => h('tr',
          h('td', streamLink(c.stream)), h('td', c.command), h('td', badge(status)), h('td', time(c.receivedAt)), h('td', time(c.decidedAt)),
          h('td.why', c.detail ? `${c.detail} (${c.code})` : h('span.faint', '–')), h('td', conversationLink(c.correlationId))))),
      answer.continuation && limit < 200 ? h('div.row.center', button('Show more', () => { limit += 50; draw(); }, { key: 'more' })) : null,
      terminal('GET', `manage/inbox?status=${status}`));
  };
  await refresh(draw);
}
