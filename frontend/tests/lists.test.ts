// What lists, comments and the team page work out before they touch the page.
import { expect, it } from 'vitest';
import { rangeTo, stateOfAll } from '../src/app/choosing';
import { peopleFor, typedName } from '../src/app/mentions';
import { rowAfter } from '../src/app/rows';
import { stateOf } from '../src/team/show';

it.each([
  ['@', 1, ''],
  ['@ri', 3, 'ri'],
  ['Look, @rita.m', 13, 'rita.m'],
  ['Look, @rita.m there', 19, null],
  ['(@ri', 4, 'ri'],
  ['rita@clinic', 11, null],
  ['@@ri', 4, null],
  ['@rita', 3, 'ri'],
])('finds in %j at %i the name %j that is being typed', (text, caret, typed) => {
  expect(typedName(text, caret)).toBe(typed);
});

it('offers who begins so by user name or any of their names, in the order of the list, eight at most', () => {
  const people = [
    { username: 'adler', name: 'Rita Adler' },
    { username: 'rolf', name: 'Rolf' },
    { username: 'mara', name: 'Mara van Rijn' },
  ];
  const named = (typed: string) => peopleFor(typed, people).map(({ username }) => username);
  expect(named('R')).toEqual(['adler', 'rolf', 'mara']);
  expect(named('ri')).toEqual(['adler', 'mara']);
  expect(named('ita')).toEqual([]);
  expect(peopleFor('', Array(20).fill(people[0]))).toHaveLength(8);
});

it('ticks a range in either direction, and one row where none was ticked before', () => {
  expect(rangeTo(5, 2)).toEqual([2, 6]);
  expect(rangeTo(2, 5)).toEqual([2, 6]);
  expect(rangeTo(3, -1)).toEqual([3, 4]);
});

it.each([
  [0, 0, false, false],
  [0, 3, false, false],
  [2, 3, false, true],
  [3, 3, true, false],
])('shows %i of %i rows as ticked: %s, in between: %s', (chosen, rows, checked, indeterminate) => {
  expect(stateOfAll(chosen, rows)).toEqual({ checked, indeterminate });
});

it('goes through rows by j and k and stays within them', () => {
  expect([rowAfter('j', -1, 3), rowAfter('j', 2, 3), rowAfter('k', 0, 3), rowAfter('k', -1, 3)]).toEqual([0, 2, 0, 0]);
  expect(rowAfter('x', 1, 3)).toBeNull();
});

it('says whether somebody is at a case', () => {
  expect(stateOf({ is_idle: false, idle_minutes: 0 })).toEqual(['state state-running', 'Reading']);
  expect(stateOf({ is_idle: true, idle_minutes: 7 })).toEqual(['state state-queued', 'Idle for 7 min']);
});
