// The boundary of one page: the rest of the application stays usable.
import { useRouter } from '@tanstack/react-router';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure } from '../ui/states.tsx';

export function PageError({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <>
      <PageHeading title="This page could not be loaded" />
      <Failure title="Loading failed" error={error} retry={() => router.invalidate()} />
    </>
  );
}
