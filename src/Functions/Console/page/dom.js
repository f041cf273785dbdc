// Elements without markup: every text becomes a text node, so nothing that was stored can become an element or a script.

const SVG = 'http://www.w3.org/2000/svg';

/** An element: `h('a.link', { href: '#/x', on: { click } }, 'text', child)`. Null and false children are left out. */
export function h(name, ...rest) {
  return build(tag => document.createElement(tag), name, rest);
}

/** The same for SVG. */
export function s(name, ...rest) {
  return build(tag => document.createElementNS(SVG, tag), name, rest);
}

function build(create, name, rest) {
  const [tag, ...classes] = name.split('.');
  const element = create(tag);
  if (classes.length > 0) element.setAttribute('class', classes.join(' '));
  const [first] = rest;
  if (isProperties(first)) {
    rest = rest.slice(1);
    for (const [key, value] of Object.entries(first)) set(element, key, value);
  }
  element.append(...flat(rest));
  return element;
}

function isProperties(value) {
  return value !== null && typeof value === 'object' && !(value instanceof Node) && !Array.isArray(value);
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === 'on') {
    for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
  } else if (key === 'value' || key === 'checked' || key === 'disabled' || key === 'open') {
    element[key] = value;
  } else if (key === 'href') {
    // Only places in this page and files beside it: what was stored never decides on a protocol.
    if (/^(#|[a-z.]+(\/|$))/.test(value)) element.setAttribute('href', value);
  } else if (/^on/i.test(key) || key === 'style' || key === 'srcdoc') {
    throw new Error(`${key} is not for attributes.`);
  } else {
    element.setAttribute(key, value === true ? '' : String(value));
  }
}

function flat(children) {
  return children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== false).map(c => (c instanceof Node ? c : String(c)));
}

/** Puts new content in the place of the old one, and keeps the focus and what was unfolded, by `data-key`. */
export function swap(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const folds = new Map([...parent.querySelectorAll('details[data-key]')].map(d => [d.dataset.key, d.open]));
  const scrolls = new Map([...parent.querySelectorAll('[data-scroll]')].map(e => [e.dataset.scroll, [e.scrollLeft, e.scrollTop]]));
  parent.replaceChildren(...flat(children));
  for (const fold of parent.querySelectorAll('details[data-key]')) {
    if (folds.has(fold.dataset.key)) fold.open = folds.get(fold.dataset.key);
  }
  for (const element of parent.querySelectorAll('[data-scroll]')) {
    [element.scrollLeft, element.scrollTop] = scrolls.get(element.dataset.scroll) ?? [0, 0];
  }
  if (focused) parent.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}
