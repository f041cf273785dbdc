// What came of one message: as a tree of causes, and as a sequence over streams.
import { h, s, swap } from './dom.js';
import { get, path } from './api.js';
import { actor, copy, page, plural, shell, streamLink, terminal, time } from './ui.js';

export default async function conversation({ main, signal, id, refresh }) {
  await refresh(async () => {
    const { steps, isComplete } = await get(path`manage/conversations/${id}`, signal);
    const streams = [...new Set(steps.map(x => x.commit.stream))];
    swap(main,
      page('Conversation', h('span', h('code', id), `: ${plural(steps.length, 'commit')} in ${plural(streams.length, 'stream')}`), copy('Copy id', id)),
      isComplete ? null : h('p.error', 'It is longer than this: only its first commits are shown.'),
      h('section', { 'aria-labelledby': 'sequence' }, h('h2', { id: 'sequence' }, 'Sequence'), h('div.wide', { 'data-scroll': 'diagram', tabindex: 0, role: 'group', 'aria-label': 'Sequence diagram' }, diagram(steps, streams))),
      h('section', { 'aria-labelledby': 'causes' }, h('h2', { id: 'causes' }, 'Causes'), h('ol.tree', steps.map(({ depth, commit: c }) => h(`li.d${Math.min(depth, 5)}`,
        h('span', h('strong', c.command), ' on ', streamLink(c.stream, c.lastVersion)),
        h('span', c.events.length ? c.events.map(e => e.type).join(', ') : h('span.faint', 'no events')),
        h('span.faint.small', time(c.time), ' by ', actor(c)))))),
      terminal('GET', path`manage/conversations/${id}`, undefined, `conversation ${shell(id)}`));
  }, 10_000);
}

/** A lane per stream; each commit is a spot on its lane, and an arrow comes from the lane of what caused it. */
function diagram(steps, streams) {
  const [lane, line, head] = [210, 46, 46];
  const width = lane * (streams.length + 1);
  const height = head + line * (steps.length + 0.6);
  const x = stream => lane / 2 + lane * (stream === null ? 0 : streams.indexOf(stream) + 1);
  const lanes = [null, ...streams].map(stream => [
    s('line.lane', { x1: x(stream), x2: x(stream), y1: head - 8, y2: height - 8 }),
    s('rect.head', { x: x(stream) - lane / 2 + 8, y: 6, width: lane - 16, height: 28, rx: 7 }),
    s('text', { x: x(stream), y: 24, 'text-anchor': 'middle' }, short(stream ?? 'client')),
  ]);
  const causes = []; // The stream of the last commit at each depth.
  const arrows = steps.map(({ depth, commit }, i) => {
    const y = head + line * (i + 0.75);
    const from = depth === 0 ? null : causes[depth - 1] ?? null;
    causes[depth] = commit.stream;
    const [a, b] = [x(from), x(commit.stream)];
    const way = a === b
      ? s('path.arrow', { d: `M${a} ${y - 16}h26v16h-20` })
      : s('path.arrow', { d: `M${a} ${y}H${b + (a < b ? -8 : 8)}` });
    const d = a < b ? -1 : 1;
    return s('g', s('title', `${commit.command} on ${commit.stream}: ${commit.events.map(e => e.type).join(', ')}`), way,
      s('path.tip', { d: `M${b + 5 * d} ${y}l${6 * d} -4.5v9z` }), s('circle.spot', { cx: b, cy: y, r: 4.5 }),
      s('text', { x: a === b ? a + 34 : (a + b) / 2, y: y - 6, 'text-anchor': a === b ? 'start' : 'middle' }, short(commit.command)));
  });
  return s('svg.diagram', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': `${steps.length} commits; the list of causes below says the same in words.` }, lanes, arrows);
}

const short = text => (text.length > 28 ? `${text.slice(0, 13)}…${text.slice(-13)}` : text);
