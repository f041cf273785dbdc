// What the app consists of, and who consumes what.
import { h, s, swap } from './dom.js';
import { get } from './api.js';
import { page, plural, table, terminal } from './ui.js';

export default async function model({ main, signal }) {
  const { aggregates, consumers } = await get('manage/model', signal);
  swap(main,
    page('Model', `${plural(aggregates.length, 'aggregate')} and ${plural(consumers.length, 'consumer')}, as this app registers them.`),
    h('div.wide', { 'data-scroll': 'map', tabindex: 0, role: 'group', 'aria-label': 'Map' }, map(aggregates, consumers)),
    aggregates.map(a => h('section', { 'aria-label': a.category }, h('div.head', h('h2', h('code', a.category), h('span.faint', ` rules version ${a.policy}`)), h('a.button', { href: `#/streams?category=${a.category}` }, 'Streams')),
      h('div.two',
        table(`Commands of ${a.category}`, ['Command', 'What it does'], a.commands.map(c => h('tr', h('td', h('code', c.name), c.isInternal ? h('span.faint', ' internal') : null), h('td.why', c.summary)))),
        table(`Events of ${a.category}`, ['Event', '#Version', '#Also read'], a.events.map(e => h('tr', h('td', h('code', e.name)), h('td.num', e.version), h('td.num', e.versions.filter(v => v !== e.version).join(', ') || h('span.faint', '–')))))),
      table(`Refusals of ${a.category}`, ['Code', 'Says'], a.rejections.map(r => h('tr', h('td', h('code', r.code)), h('td.why', r.detail)))))),
    terminal('GET', 'manage/model'));
}

function map(aggregates, consumers) {
  const [width, row] = [760, 40];
  const height = Math.max(aggregates.length, consumers.length) * row + 20;
  const y = (i, count) => 10 + (height - 20) * ((i + 0.5) / count);
  const edges = consumers.flatMap((c, j) => c.categories.map(category => {
    const i = aggregates.findIndex(a => a.category === category);
    return i < 0 ? null : s('path.edge', { d: `M230 ${y(i, aggregates.length)}C360 ${y(i, aggregates.length)} 360 ${y(j, consumers.length)} 490 ${y(j, consumers.length)}` });
  }));
  const box = (x, at, text, soft, href) => s('a', { href }, s('rect.box', { x, y: at - 14, width: 220, height: 28, rx: 7 }), s('text', { x: x + 12, y: at + 4 }, text), s('text.soft', { x: x + 208, y: at + 4, 'text-anchor': 'end' }, soft));
  return s('svg.diagram', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': consumers.map(c => `${c.consumer} consumes ${c.categories.join(' and ')}`).join('; ') }, edges,
    aggregates.map((a, i) => box(10, y(i, aggregates.length), a.category, plural(a.events.length, 'event'), `#/streams?category=${a.category}`)),
    consumers.map((c, j) => box(490, y(j, consumers.length), c.consumer, c.kind, c.kind === 'process' ? `#/actions?consumer=${encodeURIComponent(c.consumer)}` : `#/views/${c.consumer.split('@')[0]}`)));
}
