// Runs before the first paint (a classic script in <head>), so that a dark page never flashes white.
(() => {
  const page = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  page.dataset.bsTheme = page.dataset.petraTheme ?? localStorage.getItem('petra-theme') ?? dark;
})();
