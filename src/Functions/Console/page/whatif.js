// What would come of a command, now or then; and which decisions of the past today's rules would change.
import { h, swap } from './dom.js';
import { get, path, post, query } from './api.js';
import { describe, editor } from './commands.js';
import { outcome } from './refused.js';
import { badge, button, empty, failure, field, json, loading, number, page, shell, streamLink, table, terminal, time } from './ui.js';

export default async function whatif({ main, signal, query: asked }) {
  const aggregates = await describe(signal);
  const start = { stream: asked.get('stream'), command: asked.get('command') };
  if (asked.get('refused') && start.stream) {
    const { refused } = await get(path`manage/streams/${start.stream}/refused`, signal).catch(() => ({ refused: [] }));
    const found = refused.find(r => r.commandId === asked.get('refused'));
    if (found) Object.assign(start, { command: found.command, body: found.commandData });
  }
  const form = editor(aggregates, start);
  const version = h('input', { inputmode: 'numeric', placeholder: 'now', value: asked.get('version') ?? '' });
  const result = h('div', { role: 'status' });
  const element = h('form', form.element, h('div.form', field('On version', version, 'Empty for the state of now; 0 for the time before the first event.')), h('div.row', h('button.button.primary', { type: 'submit' }, 'Try'), h('span.faint.small', 'A dry run: nothing is written.')));
  element.addEventListener('submit', async event => {
    event.preventDefault();
    try {
      const c = form.read();
      const to = path`manage/streams/${c.stream}/try/${c.command}` + query({ version: version.value.trim() });
      swap(result, outcome(await post(to, c.body, signal)), terminal('POST', to, c.body, `try ${shell(c.stream)} ${c.command} --data ${shell(JSON.stringify(c.body))}${version.value.trim() ? ` --version ${version.value.trim()}` : ''}`));
    } catch (error) {
      if (error.name !== 'AbortError') swap(result, failure(error));
    }
  });
  const again = h('div');
  const category = h('select', { 'aria-label': 'Category' }, aggregates.map(a => h('option', { value: a.category }, a.category)));
  swap(main, page('What-if', 'Decide a command without writing it, or decide the past again by the rules that run now.'),
    h('section', { 'aria-labelledby': 'one' }, h('h2', { id: 'one' }, 'One command'), element, result),
    h('section', { 'aria-labelledby': 'past' }, h('h2', { id: 'past' }, 'The past under today’s rules'),
      h('div.row', category, button('Reconsider', () => reconsider(), { kind: 'primary' }), h('span.faint.small', 'Reads the commands of the category page by page; every page costs what reading its streams costs.')), again));

  async function reconsider() {
    const sums = { commits: 0, refused: 0, same: 0 };
    const different = [];
    const unreadable = [];
    let continuation = '';
    let isStopped = false;
    const stop = button('Stop', () => { isStopped = true; });
    do {
      let answer;
      try {
        answer = await get(`manage/reconsider${query({ category: category.value, continuation })}`, signal);
      } catch (error) {
        if (error.name !== 'AbortError') swap(again, failure(error, reconsider));
        return;
      }
      for (const name of Object.keys(sums)) sums[name] += answer[name];
      different.push(...answer.different);
      unreadable.push(...answer.unreadable);
      continuation = answer.isComplete ? '' : answer.continuation;
      swap(again, h('div.row', h('p', `${number(sums.commits + sums.refused)} decisions, ${number(sums.same)} the same, ${number(different.length)} different under rules version ${answer.policy}.`), continuation && !isStopped ? [loading(), stop] : null),
        different.length ? table('Different decisions', ['Stream', 'Command', 'Verdict', 'When', 'Today'], different.slice(0, 200).map(d => {
          const was = d.recorded ?? d.refused;
          return h('tr', h('td', streamLink(was.stream, was.lastVersion)), h('td', was.command), h('td', badge(d.verdict === 'now-accepted' ? 'accepted' : d.verdict === 'now-rejected' ? 'rejected' : 'failing'), h('div.small', d.verdict.replaceAll('-', ' '))), h('td', time(was.time)),
            h('td.why', h('details', { 'data-key': `${was.stream} ${was.commandId}` }, h('summary', d.today.detail ?? d.today.outcome), json(d.today, 'today'))));
        })) : continuation ? null : empty('Nothing would be decided differently.'),
        unreadable.length ? h('p.error', `${unreadable.length} streams cannot be folded: ${unreadable.slice(0, 3).map(u => u.stream).join(', ')}`) : null);
    } while (continuation && !isStopped && different.length < 500);
  }
}
