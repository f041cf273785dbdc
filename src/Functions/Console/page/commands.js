// A command to fill in: its stream, its name and its body, made from the description of the API.
import { h, swap } from './dom.js';
import { get, parse, stringify } from './api.js';
import { field } from './ui.js';

/** The commands of an aggregate with an example of each body. */
export async function describe(signal) {
  const [{ aggregates }, api] = await Promise.all([get('manage/model', signal), get('openapi.json', signal)]);
  return aggregates.map(a => ({
    ...a,
    commands: a.commands.filter(c => !c.isInternal).map(c => {
      const content = api.paths[`/${a.category}/{id}/${c.name}`]?.post?.requestBody?.content?.['application/json'];
      return { ...c, example: content?.example ?? {}, schema: resolve(content?.schema, api) };
    }),
  }));
}

function resolve(schema, api, depth = 0) {
  if (!schema || depth > 6) return schema;
  if (schema.$ref) return resolve(schema.$ref.split('/').slice(1).reduce((at, name) => at?.[name], api), api, depth + 1);
  return schema.properties ? { ...schema, properties: Object.fromEntries(Object.entries(schema.properties).map(([n, p]) => [n, resolve(p, api, depth + 1)])) } : schema;
}

/** Fields for a body, one per member of the schema; the JSON beside them is what is sent. */
export function editor(aggregates, start) {
  const of = aggregates.find(a => start.stream?.startsWith(`${a.category}-`)) ?? aggregates[0];
  const stream = h('input', { name: 'stream', required: true, spellcheck: 'false', placeholder: `${of.category}-…`, value: start.stream ?? '' });
  const command = h('select', { name: 'command' });
  const body = h('textarea.code', { name: 'body', rows: 7, spellcheck: 'false' });
  const members = h('div.members');
  const summary = h('p.hint');
  const current = () => {
    const aggregate = aggregates.find(a => stream.value.startsWith(`${a.category}-`)) ?? of;
    return { aggregate, command: aggregate.commands.find(c => c.name === command.value) ?? aggregate.commands[0] };
  };
  let category = '';
  const fillCommands = () => {
    const { aggregate } = current();
    if (aggregate.category === category) return;
    category = aggregate.category;
    command.replaceChildren(...aggregate.commands.map(c => h('option', { value: c.name, selected: c.name === start.command }, c.name)));
    fillBody();
  };
  const fillBody = () => {
    const { command: chosen } = current();
    body.value = stringify(start.body && chosen.name === start.command ? start.body : chosen.example, 2);
    summary.textContent = chosen.summary;
    drawMembers();
  };
  const drawMembers = () => swap(members, inputs(current().command.schema, []));
  const inputs = (schema, at) => Object.entries(schema?.properties ?? {}).flatMap(([name, of_]) => {
    const place = [...at, name];
    if (of_?.properties) return inputs(of_, place);
    const type = [of_?.type].flat()[0];
    if (!['string', 'integer', 'number', 'boolean'].includes(type) && !of_?.enum) return [];
    const value = read(place);
    const input = of_.enum
      ? h('select', of_.enum.map(v => h('option', { value: v, selected: v === value }, String(v))))
      : h('input', { type: type === 'boolean' ? 'checkbox' : 'text', inputmode: type === 'integer' || type === 'number' ? 'decimal' : 'text', value: value === undefined || type === 'boolean' ? '' : String(value), checked: type === 'boolean' && value === true, spellcheck: 'false' });
    input.addEventListener('input', () => write(place, type === 'boolean' ? input.checked : type === 'integer' || type === 'number' ? numeric(input.value) : input.value));
    return [field(place.join('.'), input)];
  });
  const read = place => { try { return place.reduce((at, name) => at?.[name], parse(body.value)); } catch { return undefined; } };
  const write = (place, value) => {
    let whole;
    try { whole = parse(body.value); } catch { whole = {}; }
    let at = whole;
    for (const name of place.slice(0, -1)) at = at[name] ??= {};
    at[place.at(-1)] = value;
    body.value = stringify(whole, 2);
  };
  const numeric = text => { try { const n = parse(text); return typeof n === 'string' ? text : n; } catch { return text; } };
  stream.addEventListener('input', fillCommands);
  command.addEventListener('change', fillBody);
  body.addEventListener('change', drawMembers);
  fillCommands();
  return {
    element: h('div.form', field('Stream', stream, `Category and id: ${aggregates.map(a => `${a.category}-…`).join(', ')}`), field('Command', command), summary, members, field('Body', body, 'What is sent. The fields above and this text follow each other.')),
    /** What was filled in; throws in words for the user. */
    read() {
      const hyphen = stream.value.indexOf('-');
      const { aggregate, command: chosen } = current();
      if (hyphen < 1 || stream.value.slice(0, hyphen) !== aggregate.category || hyphen === stream.value.length - 1) throw new Error(`A stream is category and id, such as ${aggregate.category}-1.`);
      let sent;
      try { sent = parse(body.value); } catch (error) { throw new Error(`The body is not JSON: ${error.message}`); }
      return { stream: stream.value, category: aggregate.category, id: stream.value.slice(hyphen + 1), command: chosen.name, body: sent };
    },
  };
}
