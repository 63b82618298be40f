/** Make an element; children are nodes or strings, and strings only ever become text. */
export function build(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Find the one element with this id. */
export const byId = (id) => document.getElementById(id);
