// A real command: it writes.
import { h, swap } from './dom.js';
import { path, post } from './api.js';
import { describe, editor } from './commands.js';
import { failure, field, json, page, shell, streamLink, terminal, badge, conversationLink } from './ui.js';

export default async function send({ main, signal, query: asked }) {
  const aggregates = await describe(signal);
  const form = editor(aggregates, { stream: asked.get('stream'), command: asked.get('command') });
  const id = h('input', { value: crypto.randomUUID(), spellcheck: 'false' });
  const match = h('input', { inputmode: 'numeric', placeholder: 'any' });
  const result = h('div', { role: 'status' });
  const element = h('form', form.element, h('div.two.form', field('Idempotency-Key', id, 'The same key takes effect once per stream, however often it is sent.'), field('If-Match', match, 'The version that the stream must be at.')),
    h('div.row', h('button.button.primary', { type: 'submit' }, 'Send'), h('span.faint.small', 'This writes to the stream.')));
  element.addEventListener('submit', async event => {
    event.preventDefault();
    try {
      const c = form.read();
      const to = path`${c.category}/${c.id}/${c.command}`;
      const answer = await post(to, c.body, signal, { 'idempotency-key': id.value.trim(), ...(match.value.trim() ? { 'if-match': `"${match.value.trim()}"` } : {}) });
      swap(result, h('div.card', h('div.row', badge('accepted'), h('span', answer.repeated ? 'Done before; nothing was written.' : 'Written to ', streamLink(answer.stream, answer.version), ` version ${answer.version}`)),
        h('p', 'Conversation ', conversationLink(answer.correlationId ?? id.value)), json(answer, 'answer'), terminal('POST', to, c.body, `send ${shell(c.stream)} ${c.command} --data ${shell(JSON.stringify(c.body))}`)));
      id.value = crypto.randomUUID();
    } catch (error) {
      if (error.name === 'AbortError') return;
      swap(result, failure(error), error.problem?.errors ? h('ul', error.problem.errors.map(e => h('li', h('code', e.path), ` ${e.message}`))) : null);
    }
  });
  swap(main, page('Send a command', 'The same as any client sends, with your key. What the rules refuse is refused here, too.', h('a.button', { href: '#/what-if' }, 'Try without writing')), element, result);
}
