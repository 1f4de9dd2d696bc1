// The viewer's keys: none means two things, and what the browser reports is found under its name.
import { expect, it } from 'vitest';
import { type Controlled, keyActions } from '../src/viewer/key_actions';
import { nameOf } from '../src/viewer/keyboard';

const anything: unknown = new Proxy(() => undefined, { get: () => anything });
const controlled = (may_draw: boolean) =>
  new Proxy({ may_draw } as Controlled, { get: (own, name) => (name === 'may_draw' ? own.may_draw : anything) });
const pressed = (key: string, held: Partial<KeyboardEvent> = {}) =>
  nameOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, ...held });

it.each([true, false])('gives no key two meanings (drawing: %s)', (may_draw) => {
  const names = keyActions(controlled(may_draw)).flatMap(({ keys }) => keys);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  expect(names).not.toContain('?');
});

it('lists every key under a heading and with a meaning', () => {
  for (const { group, shown, meaning } of keyActions(controlled(true))) {
    expect(group && shown && meaning).toBeTruthy();
  }
});

it.each(['navigate the planes', 'crosshair', 'zoom', 'pan', 'pane', 'window', 'brush'])(
  'has a key for: %s',
  (wanted) => {
    const meanings = keyActions(controlled(true)).map(({ meaning }) => meaning.toLowerCase());
    expect(meanings.some((meaning) => meaning.includes(wanted.split(' ')[0]))).toBe(true);
  },
);

it('tells letters with Shift apart, and signs not', () => {
  expect(pressed('Z', { shiftKey: true })).toBe('shift+z');
  expect(pressed('Z', { shiftKey: true, ctrlKey: true })).toBe('ctrl+shift+z');
  expect(pressed('+', { shiftKey: true })).toBe('+');
  expect(pressed('ArrowUp', { metaKey: true })).toBe('ctrl+arrowup');
});
