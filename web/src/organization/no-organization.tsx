// In place of every page of an organization that the viewer is not in (any more): what happened, and the way on.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { PERSONAL } from '../routes/personal.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { missing as texts } from './texts.ts';

export function NoOrganization() {
  return (
    <>
      <PageHeading title={texts.title} lead={texts.lead} />
      <Button variant="default" renderRoot={(root) => <Link {...root} to="/connections" search={{ org: PERSONAL }} />}>
        {texts.onward}
      </Button>
    </>
  );
}
