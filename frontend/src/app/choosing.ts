// Ticking many rows: [data-choose-all="name"] ticks all shown, Shift ticks a range, [data-chosen-count="name"] counts;
// [data-choose-matching="name"] stands for all data-matching rows that the filters leave, on whatever page.
const boxes = (root: ParentNode, name: string): HTMLInputElement[] => [
  ...root.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name="${CSS.escape(name)}"]`),
];

/** The rows from the one that was ticked last to this one, in either direction; only this one where none was. */
export function rangeTo(place: number, last: number): [first: number, end: number] {
  return last < 0 ? [place, place + 1] : [Math.min(last, place), Math.max(last, place) + 1];
}

/** How the box over all rows stands when so many of them are ticked. */
export function stateOfAll(chosen: number, rows: number): { checked: boolean; indeterminate: boolean } {
  return { checked: rows > 0 && chosen === rows, indeterminate: chosen > 0 && chosen < rows };
}

export function offerChoosing(root: Document): void {
  const names = new Set<string>();
  for (const { dataset } of root.querySelectorAll<HTMLElement>('[data-choose-all], [data-chosen-count]'))
    names.add(dataset.chooseAll ?? dataset.chosenCount ?? '');
  for (const name of names) follow(root, name);
}

function follow(root: Document, name: string): void {
  const all = root.querySelector<HTMLInputElement>(`[data-choose-all="${CSS.escape(name)}"]`);
  const matching = root.querySelector<HTMLInputElement>(`[data-choose-matching="${CSS.escape(name)}"]`);
  const rows = boxes(root, name);
  const hints = new Map(
    [...root.querySelectorAll(`[data-chosen-count="${CSS.escape(name)}"]`)].map((count) => [count, count.textContent]),
  );
  let last = -1;
  rows.forEach((box, place) => {
    box.addEventListener('click', (event) => {
      if (event.shiftKey) for (const between of rows.slice(...rangeTo(place, last))) between.checked = box.checked;
      last = place;
    });
    box.addEventListener('change', show);
  });
  all?.addEventListener('change', () => {
    for (const box of rows) box.checked = all.checked;
    show();
  });
  matching?.addEventListener('change', () => {
    for (const box of rows) box.checked = matching.checked;
    show();
  });
  // After the browser has restored what was ticked before going back.
  addEventListener('pageshow', show);
  root.addEventListener('click', () => queueMicrotask(show));

  function show(): void {
    const ticked = rows.filter((box) => box.checked).length;
    // Whoever takes one row away no longer means everybody.
    if (matching && ticked < rows.length) matching.checked = false;
    const chosen = matching?.checked ? Number(matching.dataset.matching) : ticked;
    if (all) Object.assign(all, stateOfAll(ticked, rows.length));
    for (const [count, hint] of hints) count.textContent = chosen ? `${chosen.toLocaleString('en')} chosen.` : hint;
    for (const button of root.querySelectorAll<HTMLButtonElement>(`[data-needs-chosen="${CSS.escape(name)}"]`))
      button.disabled = !chosen;
  }
}
