/** Pictures of every page and state, at desktop and phone width, in light and dark, and an index.html to flip through them. */
import { fileURLToPath } from 'node:url';
import { test } from '../fixtures/test.ts';
import { writeFlipThrough } from './flip-through.ts';
import { arrive, PLACES, REFUSALS_SHOWN } from './places.ts';
import { setScene } from './scene.ts';

const FOLDER = fileURLToPath(new URL('../screenshots/', import.meta.url));
const WIDTHS = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

test.use({ expectedComplaints: REFUSALS_SHOWN });

test.afterAll(() => writeFlipThrough(FOLDER));

for (const [device, viewport] of Object.entries(WIDTHS)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${device} in ${colorScheme}`, async ({ page, person, everything }) => {
      test.setTimeout(120_000);
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const save = async (name: string) => {
        // What lies over the page lies over the window: a picture of the whole page would show it cut off.
        const over = await page.locator('[role=dialog], .mantine-Affix-root').count();
        await page.screenshot({ path: `${FOLDER}${name}-${device}-${colorScheme}.png`, fullPage: over === 0 });
      };
      for (const empty of ['connections', 'clients']) {
        await page.goto(`/${empty}`);
        await page
          .getByText(empty === 'clients' ? 'No client can act for you yet' : 'Connect your first MCP server')
          .waitFor();
        await save(`${empty}-empty`);
      }
      await person.createConnection({ name: 'First of all', remoteUrl: `${everything.url}?first` });
      await page.goto('/connections');
      await page.getByRole('heading', { name: 'Get started' }).waitFor();
      await save('first-run');
      const scene = await setScene(page, person, everything.url);
      for (const place of PLACES) {
        await arrive(place, scene);
        await save(place.name);
      }
      await scene.close();
    });
  }
}
