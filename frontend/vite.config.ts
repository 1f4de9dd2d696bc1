// Builds the front end into Django's static files: seven entries, hashed names, a manifest for django-vite.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Unhashed files that the Django templates name: the theme's first line of script, and the icons:
// <svg class="icon"><use href="{% static 'dist/icons.svg' %}#upload"/></svg>
function templateFiles(): Plugin {
  const names: string[] = JSON.parse(readFileSync(here('./src/theme/icons.json'), 'utf8'));
  const symbol = (name: string) =>
    readFileSync(here(`./node_modules/@tabler/icons/icons/outline/${name}.svg`), 'utf8')
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(
        /<svg[\s\S]*?>/,
        `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" ` +
          'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">',
      )
      .replace('</svg>', '</symbol>');
  return {
    name: 'petra-template-files',
    generateBundle() {
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join('')}</svg>`;
      this.emitFile({ type: 'asset', fileName: 'icons.svg', source });
      const themeInit = readFileSync(here('./src/app/theme_init.js'), 'utf8');
      this.emitFile({ type: 'asset', fileName: 'theme-init.js', source: themeInit });
    },
  };
}

export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  plugins: [templateFiles()],
  resolve: {
    alias: [
      // Cornerstone's build expects node's own modules; without these two the page dies although the build is green.
      { find: /^events$/, replacement: 'events/' },
      { find: /^url$/, replacement: 'url/' },
      // Mesh readers that a PET/CT viewer never uses (113 kB, and they bring node modules with them).
      {
        find: /^@kitware\/vtk\.js\/IO\/(XML\/XMLPolyDataReader|Geometry\/(PLY|STL)Reader|Misc\/(MTL|OBJ)Reader)\.js$/,
        replacement: here('./src/viewer/unused_reader.ts'),
      },
      // Cornerstone's statistics in a worker of 2.6 MB, which the viewer never starts: it has its own.
      {
        find: /^(\.\.\/)+registerComputeWorker\.js$/,
        replacement: here('./src/viewer/unused_worker.ts'),
      },
    ],
  },
  worker: { format: 'es' },
  build: {
    outDir: here('../backend/static/dist'),
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // These know light-dark(); for older ones it would be rewritten in a way that breaks a dark viewer on a light page.
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      // htmx carries an eval that our settings switch off (allowEval: false) and the page's policy forbids.
      checks: { eval: false, pluginTimings: false },
      // Every page loads the entry app. What several entries share lies in one file with it, for each file is a request
      // before the first image.
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'app',
              test: /frontend\/src\/(app|api|lib|theme)|d3-scale\/src\/(linear|continuous|number|constant|init|tickFormat)\.js|d3-array\/src\/(min|max)\.js/,
            },
          ],
        },
      },
      input: {
        app: here('./src/app.ts'),
        viewer: here('./src/viewer/main.ts'),
        charts: here('./src/charts/main.ts'),
        uploads: here('./src/uploads/main.ts'),
        jobs: here('./src/jobs/main.ts'),
        team: here('./src/team/main.ts'),
        slides: here('./src/slides/main.ts'),
      },
    },
  },
});
