import { defineConfig } from 'vitest/config';

export default defineConfig({
  // dist/ holds the compiled project: without `include` vitest would collect tests from there as well.
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 },
});
