/** Saves every page and state as a picture, to flip through: `playwright test --config screenshots.config.ts`. */
import config from './playwright.config.ts';

export default {
  ...config,
  testDir: 'people',
  testMatch: 'screenshots.ts',
  use: { ...config.use, trace: 'off' as const, screenshot: 'off' as const },
  projects: [{ name: 'screenshots' }],
};
