// The whole store: whether it is what was written, and a copy of it.
import { h, s, swap } from './dom.js';
import { get, getLines, query } from './api.js';
import { button, copy, failure, number, page, plural, shape, streamLink, table, terminal } from './ui.js';

export default async function store({ main, signal }) {
  const { aggregates } = await get('manage/model', signal);
  const category = h('select', { 'aria-label': 'Category', 'data-key': 'category' }, h('option', { value: '' }, 'All categories'), aggregates.map(a => h('option', { value: a.category }, a.category)));
  const result = h('div', { role: 'status' });
  let work = null; // What runs, to be ended.

  swap(main, page('Store', 'Every commit carries a seal over the one before it. A check reads the whole store; so does an export.'),
    h('div.row', category, button('Verify', () => run(verify), { kind: 'primary' }), button('Export', () => run(exportAll))), result,
    terminal('GET', 'manage/verify', undefined, 'store verify'));
  signal.addEventListener('abort', () => work?.abort());

  async function run(task) {
    work?.abort();
    const mine = work = new AbortController();
    try {
      await task(category.value, mine.signal);
    } catch (error) {
      if (error.name !== 'AbortError') swap(result, failure(error, () => run(task)));
      else if (work === mine) swap(result, h('p', 'Ended before it was complete.'));
    }
  }

  async function verify(of, ended) {
    const sum = { read: 0, commits: 0, streams: 0, total: 0, broken: new Map() };
    let continuation;
    do {
      report(sum.read, sum.total, plural(sum.commits, 'commit'));
      const part = await get(`manage/verify${query({ category: of, continuation })}`, ended);
      sum.read += part.read;
      sum.commits += part.commits;
      sum.streams += part.streams;
      sum.total = part.total ?? sum.total;
      for (const b of part.broken) if (!(sum.broken.get(b.stream)?.id < b.id)) sum.broken.set(b.stream, b); // The first fault of each stream.
      continuation = part.continuation;
    } while (continuation);
    const checked = `${plural(sum.commits, 'commit')} of ${plural(sum.streams, 'stream')}`;
    swap(result, sum.broken.size === 0
      ? h('section.verdict.ok', shape('circle'), h('p.sentence', `Everything is what was written: ${checked}.`))
      : h('div', h('section.verdict.bad', shape('cross'), h('p.sentence', `${plural(sum.broken.size, 'stream')} of ${checked} ${sum.broken.size === 1 ? 'is' : 'are'} not what was written.`)),
        table('Broken streams', ['Stream', 'Commit', 'What is wrong'], [...sum.broken.values()].map(b => h('tr', h('td', streamLink(b.stream)), h('td', h('code', b.id)), h('td.why', b.reason))))));
  }

  async function exportAll(of, ended) {
    const parts = [];
    let continuation;
    let [lines, size] = [0, 0];
    do {
      report(0, 0, `${plural(lines, 'commit')}, ${number(Math.round(size / 1024))} KB`);
      const page = await getLines(`manage/export${query({ category: of, continuation })}`, ended);
      parts.push(page.lines);
      lines += page.lines.split('\n').length - 1;
      size += page.lines.length;
      continuation = page.continuation;
    } while (continuation);
    const save = h('a', { download: `${of || 'commits'}.jsonl` }, 'Save the file');
    save.href = URL.createObjectURL(new Blob(parts, { type: 'application/jsonl' })); // Made here, so it needs no guard.
    swap(result, h('p', `${plural(lines, 'commit')} read. `, save),
      h('p.faint', 'The file holds the data of every event. ', copy('Copy as eventctl', `eventctl export --out ${of || 'commits'}.jsonl${of ? ` --category ${of}` : ''}`)));
  }

  function report(done, total, text) {
    const percent = total ? Math.min(100, Math.floor((100 * done) / total)) : 0;
    swap(result, h('p', total ? h('span.bar', s('svg.progress', { viewBox: '0 0 100 6', preserveAspectRatio: 'none', role: 'img', 'aria-label': `${percent} percent` }, s('rect', { width: percent, height: 6 }))) : null,
      `${text} so far. `, button('Stop', () => work.abort(), { kind: 'quiet', key: 'stop' })));
  }
}
