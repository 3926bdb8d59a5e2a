// What stands where no page can be shown.
export const notFound = {
  title: 'Page not found',
  text: 'There is nothing at this address. It may have been removed, or the link may be incomplete.',
  start: 'Go to the start',
};

export const pageError = { title: 'This page could not be loaded', failed: 'Loading failed' };

export const rootError = { title: 'Grantway could not start this page', reload: 'Reload the page' };
