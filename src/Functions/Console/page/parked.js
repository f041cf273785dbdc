// What consumers could not process: why, at which event, and the ways out.
import { h, swap } from './dom.js';
import { get, path, post, query } from './api.js';
import { badge, button, dialog, empty, failure, field, json, loading, page, plural, shell, streamLink, terminal, time, toast, conversationLink } from './ui.js';

export default async function parked({ main, signal, query: asked, refresh, isShown }) {
  const only = asked.get('consumer');
  const opened = new Map(); // What was unfolded stays loaded over a refresh.
  let limit = 50;

  const draw = async () => {
    const list = only
      ? await get(path`manage/consumers/${only}/parked` + query({ pageSize: limit }), signal)
      : await get(`manage/parked?pageSize=${limit}`, signal);
    const items = only ? list.items.map(p => ({ consumer: only, parked: p })) : list.items;
    const groups = Map.groupBy(items, i => i.consumer);
    swap(main,
      page('Parked', 'Streams that a consumer cannot process. Everything else goes on; the events of these streams wait in order.',
        only ? h('a.button', { href: '#/parked' }, 'All consumers') : null),
      items.length === 0 ? empty('Nothing is parked.', only ? `${only} has processed everything it was given.` : 'Every consumer has processed everything it was given.') : null,
      [...groups].map(([consumer, of]) => h('section', { 'aria-label': consumer },
        h('div.head', h('h2', h('code', consumer), ' ', h('span.faint', plural(of.length, 'stream'))), h('div.row', button('Retry all', () => retryAll(consumer), { key: `retry all ${consumer}` }))),
        of.map(i => entry(consumer, i.parked)))),
      list.continuation ? h('div.row.center', button('Show more', () => { limit = Math.min(limit + 50, 200); draw(); }, { key: 'more' })) : null,
      only ? terminal('GET', path`manage/consumers/${only}/parked`, undefined, `parked list ${shell(only)}`) : terminal('GET', 'manage/parked'));
  };

  function entry(consumer, p) {
    const key = `${consumer} ${p.stream}`;
    const body = h('div.detail', { 'data-scroll': key });
    const details = h('details.item', { 'data-key': key, open: opened.has(key) },
      h('summary', h('span.title', h('span.mono', p.stream), badge(p.status)), h('span.why', p.error), h('span.meta.faint', `at version ${p.fromVersion}, ${plural(p.attempts, 'attempt')}, since `, time(p.firstFailedAt))), body);
    details.addEventListener('toggle', () => {
      if (details.open && !opened.has(key)) open();
      if (!details.open) opened.delete(key);
    });
    if (opened.get(key)) swap(body, opened.get(key));
    else if (details.open) open();
    return details;

    async function open() {
      opened.set(key, null);
      swap(body, loading());
      try {
        const content = await explanation(consumer, p);
        opened.set(key, content);
        if (isShown()) swap(main.querySelector(`details[data-key="${CSS.escape(key)}"] .detail`) ?? body, content);
      } catch (error) {
        if (error.name !== 'AbortError') swap(body, failure(error, open));
      }
    }
  }

  async function explanation(consumer, listed) {
    const quiet = error => { if (error.name === 'AbortError') throw error; return null; };
    const [name, version] = consumer.split('@');
    const id = listed.stream.slice(listed.stream.indexOf('-') + 1);
    const [p, commits, view] = await Promise.all([
      get(path`manage/consumers/${consumer}/parked/${listed.stream}`, signal).catch(error => { if (error.status === 404) return listed; throw error; }),
      get(path`manage/streams/${listed.stream}/commits` + query({ from: listed.fromVersion, limit: 1 }), signal).catch(quiet),
      get(path`views/${name}/${id}` + query({ version }), signal).catch(quiet),
    ]);
    const event = commits?.commits[0]?.events.find(e => e.version === p.fromVersion) ?? commits?.commits[0]?.events[0];
    return h('div',
      h('dl.facts',
        fact('Stream', streamLink(p.stream, p.fromVersion)),
        fact('Versions that wait', p.fromVersion === p.throughVersion ? p.fromVersion : `${p.fromVersion} to ${p.throughVersion}`),
        fact('Last attempt', time(p.lastFailedAt)),
        fact('Next attempt', p.nextRetryAt ? time(p.nextRetryAt) : 'with the feed'),
        p.correlationId ? fact('Conversation', conversationLink(p.correlationId)) : null),
      h('h3', 'Why'), h('p.why', p.errorType && !p.error.includes(p.errorType.split('.').at(-1)) ? `${p.errorType}: ${p.error}` : p.error),
      p.stackTrace ? h('pre.stack', { tabindex: 0, 'aria-label': 'Stack trace' }, p.stackTrace) : null,
      h('div.two',
        h('div', h('h3', event ? `Event ${event.version}: ${event.type}` : 'Event'), event ? json(event.data, `event.${p.stream}`) : h('p.faint', 'It cannot be read as a commit.')),
        h('div', h('h3', 'View before it'), view ? json(view.data ?? view, `view.${p.stream}`) : h('p.faint', 'This consumer has no view under the id of the stream.'))),
      h('div.row', button('Retry', () => retry(consumer, p), { kind: 'primary', key: `retry ${p.stream}` }), button(`Discard version ${p.fromVersion}…`, () => discard(consumer, p), { kind: 'danger', key: `discard ${p.stream}` })),
      terminal('POST', path`manage/consumers/${consumer}/parked/${p.stream}/retry`, {}, `parked retry ${shell(consumer)} ${shell(p.stream)}`));
  }

  async function retry(consumer, p) {
    const answer = await dialog({
      title: `Retry ${p.stream}`,
      body: [h('p', `Processes the stream from version ${p.fromVersion} on with the code that runs now.`), field('Reason (optional)', h('input', { name: 'reason', maxlength: 500 }))],
      actions: [['Cancel', '', true], ['Retry', 'primary']],
      onSubmit: form => post(path`manage/consumers/${consumer}/parked/${p.stream}/retry`, reasonOf(form)),
    });
    if (answer) done(answer.hasCaughtUp ? `${p.stream} has caught up: ${plural(answer.events, 'event')}.` : `${p.stream} still fails: ${answer.parked.error}`, answer.hasCaughtUp, consumer, p);
  }

  async function discard(consumer, p) {
    const answer = await dialog({
      title: `Discard version ${p.fromVersion} of ${p.stream}`,
      body: [h('p', `${consumer} will leave out this commit and go on behind it. The stream keeps it; no other consumer is affected. This is on record for good.`), field('Reason', h('input', { name: 'reason', maxlength: 500, required: true }), 'Required. Everybody who looks at the actions can read it.')],
      actions: [['Cancel', '', true], ['Discard', 'danger']],
      onSubmit: form => {
        if (!reasonOf(form).reason) throw new Error('Say why, for those who come after you.');
        return post(path`manage/consumers/${consumer}/parked/${p.stream}/discard`, { version: p.fromVersion, ...reasonOf(form) });
      },
    });
    if (answer) done(answer.hasCaughtUp ? `Version ${p.fromVersion} is left out and ${p.stream} has caught up.` : `${p.stream} still fails: ${answer.parked.error}`, answer.hasCaughtUp, consumer, p);
  }

  async function retryAll(consumer) {
    const answer = await dialog({
      title: `Retry everything that is parked for ${consumer}`,
      body: [field('Reason (optional)', h('input', { name: 'reason', maxlength: 500 }))],
      actions: [['Cancel', '', true], ['Retry all', 'primary']],
      onSubmit: form => post(path`manage/consumers/${consumer}/retry`, reasonOf(form)),
    });
    if (answer) {
      toast(`${plural(answer.caughtUp, 'stream has', 'streams have')} caught up, ${answer.stillFailing} still failing.`, answer.stillFailing ? 'bad' : 'ok');
      opened.clear();
      await draw();
    }
  }

  async function done(message, isGood, consumer, p) {
    toast(message, isGood ? 'ok' : 'bad');
    opened.delete(`${consumer} ${p.stream}`);
    await draw();
  }

  await refresh(draw);
}

const fact = (name, value) => [h('dt', name), h('dd', value)];
const reasonOf = form => { const reason = form.get('reason')?.trim(); return reason ? { reason } : {}; };
