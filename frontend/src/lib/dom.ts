// Builds elements without innerHTML or style attributes, so that a strict content-security policy holds.
type Child = Node | string | null | undefined;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/** An element with attributes (functions become listeners: onclick, oninput …) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An SVG element with attributes. */
export function svg(tag: string, attributes: Record<string, string | number> = {}): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** A modal dialog that is removed when it closes; resolves to the value of the button that closed it. */
export function showDialog(
  body: Node,
  actions: { label: string; value: string; style?: string }[],
  look = '',
): Promise<string> {
  const buttons = actions.map(({ label, value, style }) =>
    el('button', { class: `btn ${style ?? ''}`, value, type: 'submit' }, label),
  );
  const form = el('form', { method: 'dialog' }, body, el('div', { class: 'petra-dialog-actions' }, ...buttons));
  const dialog = el('dialog', { class: `petra-dialog ${look}` }, form);
  // A dark instrument on a light page keeps its dialogs dark.
  (document.querySelector('[data-dialog-host]') ?? document.body).append(dialog);
  dialog.showModal();
  // The browser focuses the button at the end; a long dialog is read from its beginning.
  dialog.scrollTop = 0;
  return new Promise((resolve) =>
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue);
    }),
  );
}
