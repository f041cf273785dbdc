// The emulator fails on demand, so that everybody can see what the system does then. On the local host only.
import { h, swap } from './dom.js';
import { get, post, remove } from './api.js';
import { button, empty, number, page, plural, table, toast } from './ui.js';

const FAULTS = [
  ['Throttle (429)', { status: 429, retryAfterMs: 500 }],
  ['Refuse (503)', { status: 503 }],
  ['Slow down (2 s)', { delayMs: 2_000 }],
  ['Drop connections', { dropConnection: true }],
];
const CONTAINERS = ['events', 'views', 'commands', 'parked', 'consumers', 'fences', 'refused', 'actions', 'leases'];
const OFTEN = [['Every request', 1], ['Every second request', 0.5], ['One in ten', 0.1]];

export default async function faults({ main, signal, refresh }) {
  const container = select('Container', [['All containers', ''], ...CONTAINERS.map(c => [c, c])]);
  const probability = select('How often', OFTEN.map(([text, value]) => [text, String(value)]));
  const draw = async () => {
    const rules = await get('local/faults', signal);
    swap(main,
      page('Faults', 'Make the database emulator fail, and watch the overview: nothing is lost, and everything catches up when the fault ends.'),
      h('div.row', container, probability),
      h('div.row', FAULTS.map(([label, effect]) => button(label, () => add(label, effect), { key: label }))),
      rules.length === 0 ? empty('The database works.') : h('section', { 'aria-label': 'Active faults' },
        h('div.head', h('h2', `${plural(rules.length, 'active fault')}`), button('End all', end, { kind: 'primary', key: 'end' })),
        table('Active faults', ['Fault', 'Container', 'How often', '#Requests failed'], rules.map(({ rule, strikes }) => h('tr',
          h('td', nameOf(rule.effect)), h('td', rule.container ? h('code', rule.container) : 'all'), h('td', oftenOf(rule.probability)), h('td.num', number(strikes)))))),
      h('p', h('a', { href: '#/overview' }, 'Look at the overview')));
  };
  await refresh(draw, 2_000);

  async function add(label, effect) {
    await post('local/faults', { effect, container: container.value || undefined, probability: Number(probability.value) }, signal);
    toast(`${label}: on.`);
    await draw();
  }

  async function end() {
    await remove('local/faults', signal);
    toast('The database works again.');
    await draw();
  }
}

const nameOf = effect => (effect.status === 429 ? 'Throttle (429)' : effect.status ? `Refuse (${effect.status})` : effect.dropConnection ? 'Drop connections' : `Slow down (${effect.delayMs / 1000} s)`);
const oftenOf = value => OFTEN.find(([, p]) => p === value)?.[0] ?? `${Math.round(value * 100)} % of the requests`;

function select(name, options) {
  return h('select', { 'aria-label': name, 'data-key': name }, options.map(([text, value]) => h('option', { value }, text)));
}
