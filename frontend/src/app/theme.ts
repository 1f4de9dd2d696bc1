// Light or dark: what the person chose last, otherwise what the system says. Pages may fix one (data-petra-theme).
type Theme = 'light' | 'dark';
const STORED_AS = 'petra-theme';

function chosenTheme(): Theme {
  const fixed = document.documentElement.dataset.petraTheme as Theme | undefined;
  const system: Theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  return fixed ?? (localStorage.getItem(STORED_AS) as Theme | null) ?? system;
}

function showTheme(theme: Theme): void {
  document.documentElement.dataset.bsTheme = theme;
  for (const toggle of document.querySelectorAll<HTMLElement>('[data-theme-toggle]')) {
    toggle.setAttribute('aria-pressed', String(theme === 'dark'));
    toggle.title = theme === 'dark' ? 'Use the light theme' : 'Use the dark theme';
  }
  document.dispatchEvent(new CustomEvent('petra:theme', { detail: theme }));
}

export function followTheme(): void {
  showTheme(chosenTheme());
  document.addEventListener('click', (event) => {
    if (!(event.target as Element).closest('[data-theme-toggle]')) return;
    localStorage.setItem(STORED_AS, document.documentElement.dataset.bsTheme === 'dark' ? 'light' : 'dark');
    showTheme(chosenTheme());
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => showTheme(chosenTheme()));
}
