// A table that is wider than its card scrolls on its own; whoever works without a mouse must be able to scroll it too.
export function letKeysScroll(root: ParentNode): void {
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute('tabindex', '0');
      else target.removeAttribute('tabindex');
    }
  });
  for (const table of root.querySelectorAll('.table-responsive')) watch.observe(table);
}
