// Names after "@" in a comment: textarea[data-mentions-url] offers those who may be addressed, by arrow keys and Enter.
import { getJson } from '../api/client';
import { el } from '../lib/dom';

interface Person {
  readonly username: string;
  readonly name: string;
}

const SHOWN = 8;
// Only what was typed since the last "@" at the start of a word counts.
const TYPED = /(?:^|[^\w@.+-])@([\w.+-]*)$/;

/** The beginning of a name that is being typed before ``caret``; null where none is. */
export function typedName(text: string, caret: number): string | null {
  return TYPED.exec(text.slice(0, caret))?.[1] ?? null;
}

/** Those whose user name or shown name begins so, in the order of the list. */
export function peopleFor(typed: string, people: readonly Person[]): Person[] {
  const wanted = typed.toLowerCase();
  const begins = (text: string) => text.toLowerCase().startsWith(wanted);
  return people.filter((one) => begins(one.username) || one.name.split(' ').some(begins)).slice(0, SHOWN);
}

export function offerMentions(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLTextAreaElement>('textarea[data-mentions-url]')) offer(field);
}

function offer(field: HTMLTextAreaElement): void {
  if (field.hasAttribute('aria-controls')) return;
  const list = el('ul', { class: 'petra-mentions', id: `${field.id}-people`, role: 'listbox', hidden: true });
  list.setAttribute('aria-label', 'People to address');
  field.after(list);
  field.setAttribute('aria-controls', list.id);
  field.setAttribute('aria-autocomplete', 'list');
  let people: Promise<Person[]> | undefined;
  let at = 0;

  const close = () => {
    list.hidden = true;
    field.removeAttribute('aria-activedescendant');
  };
  const mark = () => {
    const options = [...list.children];
    for (const [place, option] of options.entries()) option.setAttribute('aria-selected', String(place === at));
    field.setAttribute('aria-activedescendant', options[at]?.id ?? '');
  };
  const take = (username: string) => {
    const caret = field.selectionStart;
    const start = caret - (typedName(field.value, caret)?.length ?? 0);
    field.setRangeText(`${username} `, start, caret, 'end');
    close();
    field.focus();
  };
  const show = async () => {
    const typed = typedName(field.value, field.selectionStart);
    if (typed === null) return close();
    people ??= getJson<{ people: Person[] }>(field.dataset.mentionsUrl ?? '').then((found) => found.people);
    const found = peopleFor(typed, await people.catch(() => []));
    at = 0;
    list.replaceChildren(
      ...found.map((one, place) =>
        el(
          'li',
          { role: 'option', id: `${list.id}-${place}`, 'data-username': one.username, onmousedown: pick },
          `@${one.username}`,
          one.name === one.username ? '' : ` ${one.name}`,
        ),
      ),
    );
    list.hidden = !found.length;
    if (found.length) mark();
    else close();
  };
  function pick(event: MouseEvent): void {
    event.preventDefault();
    take((event.currentTarget as HTMLElement).dataset.username ?? '');
  }

  field.addEventListener('input', () => void show());
  field.addEventListener('blur', close);
  field.addEventListener('keydown', (event) => {
    if (list.hidden) return;
    const count = list.children.length;
    if (event.key === 'ArrowDown') at = (at + 1) % count;
    else if (event.key === 'ArrowUp') at = (at + count - 1) % count;
    else if (event.key === 'Escape') close();
    else if (event.key === 'Enter' || event.key === 'Tab')
      take((list.children[at] as HTMLElement).dataset.username ?? '');
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (!list.hidden) mark();
  });
}
