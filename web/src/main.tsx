// Starts the application in the browser.
import { MantineProvider } from '@mantine/core';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import '@mantine/core/styles.css';
import './ui/global.css';
import { createGraphQLClient } from './graphql/client.ts';
import { Organizations } from './organization/organizations.ts';
import { createRouter } from './router.tsx';
import { leaveForSignIn } from './sign-in/leave-for-sign-in.ts';
import { cookieColorScheme } from './ui/color-scheme.ts';
import { cssVariables, theme } from './ui/theme.ts';

const client = createGraphQLClient({
  onSignedOut: leaveForSignIn,
  onForbidden: () => client.query(Organizations, {}, { requestPolicy: 'network-only' }).toPromise(),
});
const router = createRouter(client);

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={cookieColorScheme}
      defaultColorScheme="auto"
    >
      <Provider value={client}>
        <RouterProvider router={router} />
      </Provider>
    </MantineProvider>
  </StrictMode>,
);
