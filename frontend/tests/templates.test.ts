// What Django's templates must keep to: icons that exist, and nothing inline that the content-security policy blocks.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const templates = readdirSync(here('../templates'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.html'))
  .map((name) => ({ name, text: readFileSync(here(`../templates/${name}`), 'utf8') }));
const icons: string[] = JSON.parse(readFileSync(here('../src/theme/icons.json'), 'utf8'));

function found(pattern: RegExp): string[] {
  return templates.flatMap(({ name, text }) => [...text.matchAll(pattern)].map((match) => `${name}: ${match[1]}`));
}

it('finds the templates', () => expect(templates.length).toBeGreaterThan(5));

it('names only icons that are in the sprite', () => {
  const unknown = (entry: string) => !icons.includes(entry.split(': ')[1]);
  expect(found(/\{% icon '([a-z0-9-]+)'/g).filter(unknown)).toEqual([]);
  expect(found(/icon_name='([a-z0-9-]+)'/g).filter(unknown)).toEqual([]);
});

it('holds no inline style, handler or script', () => {
  expect(found(/(\sstyle=["'])/g)).toEqual([]);
  expect(found(/(\son[a-z]+=["'])/g)).toEqual([]);
  expect(found(/(<script(?![^>]*\ssrc=)(?![^>]*application\/json)[^>]*>)/g)).toEqual([]);
  expect(found(/(<style)/g)).toEqual([]);
});
