// Versions of projections side by side, and what is to become of them.
import { h, s, swap } from './dom.js';
import { get, path, post } from './api.js';
import { badge, button, dialog, duration, empty, field, folded, json, number, page, plural, stay, terminal, time, toast } from './ui.js';

const ACTIONS = {
  serve: { verb: 'Serve', kind: 'primary', says: v => `Version ${v} answers queries from now on. The one that serves now stays fed and ready, so you can go back.` },
  pause: { verb: 'Pause', says: v => `Version ${v} holds and keeps its place.` },
  resume: { verb: 'Resume', says: v => `Version ${v} goes on from where it stands.` },
  retire: { verb: 'Retire', kind: 'danger', says: v => `Version ${v} ends and its documents are deleted. That cannot be undone; events are not touched.` },
};

export default async function projections({ main, signal, refresh }) {
  const draw = async () => {
    const { projections: all } = await get('manage/projections', signal);
    swap(main, page('Projections', 'A new version is built beside the one that serves, from the first event on, and takes over when it has caught up and a comparison passes.'),
      all.length === 0 ? empty('This app has no projections.') : all.map(projection),
      terminal('GET', 'manage/projections', undefined, 'projection list'));
  };
  await refresh(draw, 3_000);

  function projection(p) {
    return h('section', { 'aria-label': p.projection },
      h('div.head', h('h2', h('a.mono', { href: `#/views/${p.projection}` }, p.projection), h('span.faint', ` version ${p.serving} serves`)), h('div.row', button('Compare a key…', () => compare(p), { key: `compare ${p.projection}` }), button('Rebuild one key…', () => rebuild(p), { key: `rebuild ${p.projection}` }))),
      h('div.cards', p.versions.toSorted((a, b) => b.version - a.version).map(v => version(p, v))));
  }

  function version(p, v) {
    const serves = v.version === p.serving;
    const can = serves || v.status === 'retired' ? [] : [v.isInCode ? 'serve' : null, ['building', 'standby'].includes(v.status) ? 'pause' : null, v.status === 'paused' ? 'resume' : null, 'retire'].filter(a => a);
    const progress = v.progress;
    return h('div.card.stack-card', h('div.row', h('strong', `Version ${v.version}`), badge(v.status), v.state ? badge(v.state) : null),
      serves && v.status === 'building' ? h('p.small', 'It answers queries, and has never caught up: an answer may lack events of any age.') : null,
      h('p.faint.small', 'since ', time(v.since), v.isInCode ? '' : ', not in the code that runs'),
      progress ? h('p', h('span.bar', s('svg.progress', { viewBox: '0 0 100 6', preserveAspectRatio: 'none', role: 'img', 'aria-label': `${progress.percent} percent` }, s('rect', { width: progress.percent, height: 6 }))),
        h('span.small', `${progress.percent} %, ${number(progress.done)} of ${number(progress.total)} commits`), progress.commitsPerSecond ? h('span.small.faint', `, ${number(progress.commitsPerSecond)} a second`) : null, progress.secondsLeft ? h('span.small.faint', `, ${duration(progress.secondsLeft)} left`) : null) : null,
      v.parked ? h('p', h('a', { href: `#/parked?consumer=${encodeURIComponent(`${p.projection}@${v.version}`)}` }, `${plural(v.parked, 'stream')} parked`)) : null,
      v.reason ? h('p.small', folded(v.reason, `reason ${p.projection} ${v.version}`)) : null,
      v.lastCheck ? h('div.small', h('p', `Check at `, time(v.lastCheck.at), `: ${plural(v.lastCheck.compared, 'document')} compared, ${plural(v.lastCheck.differences.length, 'difference')}.`), v.lastCheck.differences.length ? h('ul', v.lastCheck.differences.slice(0, 10).map(d => h('li.why', d))) : null) : null,
      can.length ? h('div.row', can.map(a => button(a === 'serve' && v.version < p.serving ? 'Roll back to it' : ACTIONS[a].verb, () => change(p, v, a), { kind: ACTIONS[a].kind, key: `${a} ${p.projection} ${v.version}` }))) : null);
  }

  async function change(p, v, action) {
    const { verb, kind, says } = ACTIONS[action];
    const answer = await dialog({
      title: `${verb} version ${v.version} of ${p.projection}`,
      body: [h('p', says(v.version)), field('Reason', h('input', { name: 'reason', maxlength: 500, required: true })),
        action === 'serve' || action === 'retire' ? h('label.row', h('input', { type: 'checkbox', name: 'force' }), 'Even if a check speaks against it') : null],
      actions: [['Cancel', '', true], [verb, kind ?? 'primary']],
      onSubmit: form => {
        const reason = form.get('reason').trim();
        if (!reason) throw new Error('Say why, for those who come after you.');
        return post(path`manage/projections/${p.projection}/${action}`, { version: v.version, reason, force: form.get('force') === 'on' });
      },
    });
    if (!answer) return;
    toast(answer.isComplete === false ? `${plural(answer.deleted, 'document')} deleted; press Retire again for the rest.` : `${verb}: done.`);
    await draw();
  }

  async function rebuild(p) {
    const answer = await dialog({
      title: `Rebuild what one stream feeds in ${p.projection}`,
      body: [field('Stream', h('input', { name: 'stream', required: true, spellcheck: 'false' })), field('Reason', h('input', { name: 'reason', maxlength: 500, required: true }))],
      actions: [['Cancel', '', true], ['Rebuild', 'primary']],
      onSubmit: form => post(path`manage/projections/${p.projection}/rebuild`, { stream: form.get('stream').trim(), reason: form.get('reason').trim() }),
    });
    if (answer) toast(`${answer.key} was made from ${plural(answer.streams, 'stream')} again: ${answer.changed} of ${plural(answer.documents, 'document')} changed.`);
  }

  /** What each version has under a key, and where the newest differs from the one that serves. */
  async function compare(p) {
    const shown = h('div.two', { role: 'status' });
    await dialog({
      title: `Compare a key of ${p.projection}`,
      body: [field('Key', h('input', { name: 'key', required: true, spellcheck: 'false' })), shown],
      actions: [['Close', '', true], ['Show', 'primary']],
      onSubmit: async form => {
        const { versions } = await get(path`manage/projections/${p.projection}/keys/${form.get('key').trim()}`, signal);
        const serving = versions.find(v => v.status === 'serving') ?? versions[0];
        swap(shown, versions.map(v => h('section', { 'aria-label': `Version ${v.version}` }, h('h3', `Version ${v.version} `, badge(v.status)),
          v.data === undefined ? h('p.faint', 'Nothing under this key.') : [h('p.faint.small', 'as of ', time(v.asOf)),
            v === serving ? null : differences(serving.data, v.data), json(v.data, `key ${p.projection} ${v.version}`)])));
        return stay;
      },
    });
  }
}

function differences(a, b) {
  const found = [...changed(a, b, '$')];
  return found.length === 0 ? h('p', 'The same as the version that serves.') : h('ul', found.slice(0, 20).map(d => h('li.why', h('code', d))));
}

function* changed(a, b, at) {
  if (a && b && typeof a === 'object' && typeof b === 'object') {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) yield* changed(a[name], b[name], Array.isArray(b) ? `${at}[${name}]` : `${at}.${name}`);
  } else if (String(a) !== String(b)) {
    yield `${at}: ${text(a)} → ${text(b)}`;
  }
}

const text = value => (value === undefined ? '(none)' : JSON.stringify(value));
