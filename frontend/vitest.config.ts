// Unit tests run in Node: they test what needs no browser. What needs one is tested by the browser tests in tests/e2e.
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['tests/**/*.test.ts'] } });
