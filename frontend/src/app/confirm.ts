// Asks before a form or link marked data-confirm="What will happen?" goes on; HTMX requests ask the same way (hx-confirm).
import { el, showDialog } from '../lib/dom';

async function agreed(question: string, action: string, danger: boolean): Promise<boolean> {
  const body = el('div', { class: 'petra-dialog-body' }, question);
  const answer = await showDialog(body, [
    { label: 'Cancel', value: '' },
    { label: action, value: 'yes', style: danger ? 'btn-danger' : 'btn-primary' },
  ]);
  return answer === 'yes';
}

function askFor(marked: HTMLElement): Promise<boolean> {
  const { confirm = '', confirmAction = 'Continue', confirmDanger } = marked.dataset;
  return agreed(confirm, confirmAction, confirmDanger !== undefined);
}

export function askBeforeLeavingOrSubmitting(root: Document): void {
  const answered = new WeakSet<HTMLElement>();
  root.addEventListener(
    'submit',
    async (event) => {
      const form = event.target as HTMLFormElement;
      const submitter = event.submitter;
      const marked = submitter?.dataset.confirm ? submitter : form;
      if (!marked.dataset.confirm || answered.has(marked)) return;
      event.preventDefault();
      event.stopPropagation();
      if (!(await askFor(marked))) return;
      answered.add(marked);
      form.requestSubmit(submitter);
    },
    { capture: true },
  );
  root.addEventListener('click', async (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[data-confirm]');
    if (!link) return;
    event.preventDefault();
    if (await askFor(link)) location.assign(link.href);
  });
  root.addEventListener('htmx:confirm', async (event) => {
    const { question, elt, issueRequest } = (event as CustomEvent).detail;
    if (!question) return;
    event.preventDefault();
    if (await agreed(question, elt.dataset.confirmAction ?? 'Continue', elt.dataset.confirmDanger !== undefined))
      issueRequest(true);
  });
}
