import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Every core: by default one of two stays idle, and CI has 20 minutes.
  // dist/ holds the compiled project: without `include` vitest would collect tests from there as well.
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000, maxWorkers: '100%' },
});
