// What is wrong, since when, and why; then every consumer.
import { h, s, swap } from './dom.js';
import { get } from './api.js';
import { badge, duration, empty, folded, number, page, plural, shape, since, table, terminal, time } from './ui.js';

const DAY = 86_400_000;

export default async function overview({ main, signal, refresh }) {
  await refresh(async () => {
    const [{ consumers }, lag, parked, pending, failed, refused, health] = await Promise.all([
      get('manage/consumers', signal),
      get('manage/lag', signal),
      get('manage/parked?pageSize=50', signal),
      get('manage/inbox?status=pending&pageSize=50', signal),
      get('manage/inbox?status=failed&pageSize=50', signal),
      get(`manage/refused?pageSize=50&since=${new Date(Date.now() - DAY).toISOString()}`, signal),
      get('health', signal).catch(error => error.problem ?? { detail: error.message }),
    ]);
    const samples = new Map(lag.consumers.map(c => [c.consumer, c.samples]));
    const { tone, sentence, details } = verdict(consumers, parked.items, failed, health);
    swap(main,
      page('Overview'),
      h(`section.verdict.${tone}`, { 'aria-label': 'State of the system', role: 'status' }, shape({ ok: 'circle', busy: 'arrow', warn: 'triangle', bad: 'square' }[tone]),
        h('div', h('p.sentence', sentence), details.map(d => h('p', d)))),
      h('div.cards',
        card('Parked streams', consumers.reduce((n, c) => n + c.parked, 0), '#/parked', 'warn'),
        card('Waiting in the inbox', many(pending.commands, pending.continuation), '#/inbox', 'busy'),
        card('Failed in the inbox', many(failed.commands, failed.continuation), '#/inbox?status=failed', 'bad'),
        card('Refused in 24 hours', many(refused.refused, refused.continuation), '#/refused', 'idle')),
      h('section', { 'aria-labelledby': 'consumers' }, h('h2', { id: 'consumers' }, 'Consumers'),
        consumers.length === 0 ? empty('This app has no consumers.') : table('Consumers', ['Consumer', 'State', '#Behind', 'Lately', '#Parked', 'Last progress'], consumers.map(c => row(c, samples.get(c.consumer) ?? [])))),
      terminal('GET', 'manage/consumers', undefined, 'consumers'));
  });
}

const many = (items, continuation) => (continuation ? `${items.length}+` : items.length);

function card(title, count, href, tone) {
  return h(`a.card.count.${count === 0 ? 'none' : tone}`, { href, 'data-key': title }, h('span.figure', typeof count === 'number' ? number(count) : count), h('span', title));
}

/** The worst first, in one sentence; what else is wrong stands below it. */
export function verdict(consumers, parked, failed, health) {
  const faults = [];
  if (health && health.status !== 'healthy' && health.status !== undefined) {
    faults.push(['bad', `The app is not healthy: ${health.detail ?? health.status}`]);
  }
  for (const [state, tone, words] of [['stopped', 'bad', 'has stopped'], ['stuck', 'bad', 'has been stuck'], ['failing', 'warn', 'has been failing']]) {
    for (const c of consumers.filter(x => x.state === state)) faults.push([tone, `${c.consumer} ${words}${sinceOf(c)}, ${behind(c)}${reason(c)}`]);
  }
  const groups = Map.groupBy(parked, p => p.consumer);
  for (const [consumer, items] of groups) {
    const first = items.map(i => i.parked.firstFailedAt).sort()[0];
    const word = items.some(i => i.parked.status === 'parked') ? 'parked' : 'failing';
    faults.push(['warn', `${plural(items.length, 'stream')} ${items.length === 1 ? 'is' : 'are'} ${word} for ${consumer} since ${clock(first)}: ${short(items[0].parked.error)}`]);
  }
  if (failed.commands.length > 0) faults.push(['warn', `${many(failed.commands, failed.continuation)} inbox ${failed.commands.length === 1 ? 'command has' : 'commands have'} failed.`]);
  for (const c of consumers.filter(x => x.state === 'behind' && (x.reason || x.lag.seconds > 30))) faults.push(['busy', `${c.consumer} is ${behind(c)}${reason(c)}`]);
  if (faults.length > 0) {
    const [[tone, sentence], ...rest] = faults;
    return { tone, sentence, details: rest.slice(0, 4).map(([, text]) => text).concat(rest.length > 4 ? [`And ${rest.length - 4} more.`] : []) };
  }
  const working = consumers.filter(c => c.state === 'behind');
  return working.length > 0
    ? { tone: 'busy', sentence: `Everything works. ${plural(working.length, 'consumer is', 'consumers are')} catching up.`, details: [] }
    : { tone: 'ok', sentence: `Everything works. ${consumers.length === 1 ? 'The consumer is' : `All ${consumers.length} consumers are`} up to date.`, details: [] };
}

const behind = c => (c.lag.commits === 0 ? 'with nothing left to do' : `${plural(c.lag.commits, 'commit')} (${duration(c.lag.seconds)}) behind`);
const reason = c => (c.reason ? `: ${short(c.reason)}` : '.');
const sinceOf = c => (c.lastProgressAt ? ` since ${clock(c.lastProgressAt)}` : '');
const clock = iso => new Date(iso).toLocaleString(undefined, { hour: '2-digit', minute: '2-digit', day: 'numeric', month: 'short', hourCycle: 'h23' });
const short = text => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

function row(c, samples) {
  return h('tr',
    h('th', { scope: 'row' }, h('code', c.consumer), c.reason ? h('div.small', folded(c.reason, `reason.${c.consumer}`, 90)) : null),
    h('td', badge(c.state), c.failing > 0 ? h('div.small', `${plural(c.failing, 'stream')} being tried`) : null),
    h('td.num', number(c.lag.commits), c.lag.commits > 0 ? h('div.small.faint', duration(c.lag.seconds)) : null),
    h('td', sparkline(samples)),
    h('td.num', c.parked > 0 ? h('a', { href: `#/parked?consumer=${encodeURIComponent(c.consumer)}` }, number(c.parked)) : h('span.faint', '0')),
    h('td', c.lastProgressAt ? time(c.lastProgressAt, { ago: true }) : h('span.faint', '–')));
}

/** The lag over the last half hour, as far as this instance was asked. */
export function sparkline(samples) {
  const [width, height] = [120, 24];
  if (samples.length < 2) return h('span.faint.small', 'no samples yet');
  const most = Math.max(...samples.map(x => x.commits));
  const [from, to] = [Date.parse(samples[0].at), Date.parse(samples.at(-1).at)];
  const points = samples.map(x => [
    to === from ? width : ((Date.parse(x.at) - from) / (to - from)) * width,
    height - 2 - (most === 0 ? 0 : (x.commits / most) * (height - 4))]);
  const line = points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return s('svg.spark', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Behind by at most ${plural(most, 'commit')} ${since(samples[0].at).replace(' ago', '')} back; now ${number(samples.at(-1).commits)}` },
    s('path.area', { d: `${line}L${width} ${height}L0 ${height}z` }), s('path.line', { d: line }));
}
