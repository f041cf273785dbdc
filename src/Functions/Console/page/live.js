// The newest commits as they come.
import { h, swap } from './dom.js';
import { get, query } from './api.js';
import { commitTable } from './find.js';
import { button, empty, page, terminal } from './ui.js';

const KEPT = 300;

export default async function live({ main, signal, query: asked, refresh }) {
  const { aggregates } = await get('manage/model', signal);
  const filters = { category: asked.get('category'), command: asked.get('command'), actor: asked.get('actor') };
  let shown = []; // The newest first, as the store has them.
  let newest = null;
  let isPaused = false;

  const draw = async () => {
    if (!isPaused) {
      const answer = await get(`manage/commits${query({ ...filters, since: newest, pageSize: newest ? 200 : 50 })}`, signal);
      newest = answer.newest ?? newest;
      const known = new Set(shown.map(placeOf)); // The last second is asked for again.
      shown = [...answer.commits.filter(c => !known.has(placeOf(c))), ...shown].slice(0, KEPT);
    }
    const pause = button(isPaused ? 'Go on' : 'Pause', () => { isPaused = !isPaused; pause.textContent = isPaused ? 'Go on' : 'Pause'; }, { key: 'pause' });
    swap(main, page('Live tail', 'The newest commits of the whole store, asked for every three seconds.', pause), bar(),
      shown.length ? commitTable(shown) : empty('No commit fits.', filters.command || filters.actor ? 'Command and actor are looked for among the newest 1,000 commits.' : null),
      terminal('GET', `manage/commits${query(filters)}`));
  };
  await refresh(draw, 3_000);

  function bar() {
    const commands = aggregates.filter(a => !filters.category || a.category === filters.category).flatMap(a => a.commands.map(c => c.name));
    const category = select('Category', filters.category, aggregates.map(a => a.category));
    const command = select('Command', filters.command, [...new Set(commands)].sort());
    const actor = h('input', { placeholder: 'Any actor', 'aria-label': 'Actor', value: filters.actor ?? '', 'data-key': 'actor' });
    const form = h('form.row', category, command, actor, h('button.button', { type: 'submit' }, 'Filter'));
    form.addEventListener('submit', event => {
      event.preventDefault();
      location.hash = `#/live${query({ category: category.value, command: command.value, actor: actor.value.trim() })}`;
    });
    return form;
  }
}

const placeOf = c => `${c.stream} ${c.firstVersion}`;

function select(name, chosen, values) {
  return h('select', { 'aria-label': name, 'data-key': name }, h('option', { value: '' }, `Any ${name.toLowerCase()}`), values.map(v => h('option', { value: v, selected: v === chosen }, v)));
}
